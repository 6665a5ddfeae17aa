// Package stages resolves the build stages of a Dockerfile: which builds on which, and what
// variables, directory, user and shell are in effect at each instruction.
//
// It follows BuildKit's dockerfile2llb: a stage has one list of variables to which both ENV and ARG
// add, and the newest definition wins.
package stages

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Args is what the build is started with.
type Args struct {
	Build    map[string]string // --build-arg
	Unknown  []string          // names of arguments that the build passes, with values that are not known; sorted
	Target   string            // --target; empty for the last stage
	Platform string            // --platform: what the image is for; empty for the machine's own
	// Image tells what is known of the images that stages build on: by their references, variables
	// expanded, for a platform that may be empty. It may be nil, and its answers never change.
	Image func(ref, platform string) (Base, bool)
}

// Graph is the stage graph of one file. It is never modified.
type Graph struct {
	File   *syntax.File
	Global []*Step // instructions before the first FROM: ARGs, or misplaced ones
	Stages []*Stage
	Target *Stage // the stage that the build exports; nil if the file has none

	args     Args
	first    []int // of each stage: the index of its FROM in File.Instructions
	exported []bool
	children [][]*Stage
	scope    *Scope           // the global ARGs
	above    *Scope           // the same with what ENV sets above the first FROM
	named    map[string][]int // the indices of the stages with a name, in order

	needing sync.Once // computes needed
	needed  []bool    // whether the build needs a stage
	memo    syntax.Memo
}

// Memo is how other packages keep what they derive from the whole file.
func (g *Graph) Memo(key any, compute func() any) any { return g.memo.Get(key, compute) }

// Stage is one build stage. A stage is shared between the graphs before and after an edit that does
// not reach it, so it knows nothing of its place in the file.
type Stage struct {
	Index    int
	Name     string  // the AS name in lower case, or ""
	Steps    []*Step // FROM first
	Parent   *Stage  // the stage of this file that it builds on, or nil
	Base     Value   // the name that FROM gives, ARGs expanded: an image, "scratch", or a stage
	Platform string  // what FROM or the build says that it is for; empty if neither does, or it is not known
	Windows  bool    // the platform or the base image is Windows

	end     InEffect              // after the last step
	onbuild []*syntax.Instruction // what its first ONBUILD instructions make stages do that build on it
}

// Scratch reports whether the stage starts from nothing.
func (s *Stage) Scratch() bool {
	return s.Parent == nil && s.Base.Known && s.Base.Text == "scratch"
}

// Root is the stage at the start of the FROM chain: the one that builds on an image.
func (s *Stage) Root() *Stage {
	for s.Parent != nil {
		s = s.Parent
	}
	return s
}

// maxChain bounds Chain: each stage of a file may ask for its own.
const maxChain = 100

// maxPath bounds the directory that relative WORKDIRs add up to. Linux takes 4,096 bytes.
const maxPath = 2 << 10

// Chain is the stage with the stages that it builds on, the oldest first; of more than a hundred, the
// last ones.
func (s *Stage) Chain() []*Stage {
	var chain []*Stage
	for ; s != nil && len(chain) < maxChain; s = s.Parent {
		chain = append(chain, s)
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	return chain
}

// ChainSteps are the steps of the stage and of those that it builds on, in the order of the build. The list is not to be
// modified.
func (s *Stage) ChainSteps() (steps []*Step) {
	if s.Parent == nil {
		return s.Steps
	}
	for _, stage := range s.Chain() {
		steps = append(steps, stage.Steps...)
	}
	return steps
}

// User is the user in effect at the end of the stage.
func (s *Stage) User() Value { return s.end.User }

// Vars are the variables in effect at the end of the stage.
func (s *Stage) Vars() *Scope { return s.end.Vars }

// Step is one instruction in its stage.
type Step struct {
	Stage *Stage // nil before the first FROM
	N     int    // index in Stage.Steps, or in Graph.Global
	Instr *syntax.Instruction
	*InEffect

	memo syntax.Memo
}

// InEffect is what is in effect before a step runs. Steps between which nothing changes it share it.
type InEffect struct {
	Workdir Value
	User    Value // unknown and empty if the base image decides
	Shell   []string
	// OwnShell says that a SHELL chose the shell, or the base image's own setting, rather than the system.
	OwnShell bool
	Vars     *Scope

	escape byte
}

// Memo is how other packages keep what they derive from the step and what is in effect before it.
func (s *Step) Memo(key any, compute func() any) any { return s.memo.Get(key, compute) }

// Value is a value that may depend on something unknown, such as the base image.
type Value struct {
	Text  string
	Known bool
}

func known(text string) Value { return Value{text, true} }

// join resolves a WORKDIR path against the directory in effect. The text of an unknown directory
// names what is known of it, so that two that differ have different texts. One that is longer than any
// path, such as that of ten thousand relative WORKDIRs, counts as unknown.
func join(dir, path Value) Value {
	at := Value{Known: path.Known && dir.Known}
	if path.Known && strings.HasPrefix(path.Text, "/") {
		at = known(clean(path.Text))
	} else {
		at.Text = clean(dir.Text + "/" + path.Text)
	}
	if len(at.Text) > maxPath {
		h := fnv.New64a()
		h.Write([]byte(at.Text))
		return Value{Text: fmt.Sprintf("/…%x", h.Sum64())}
	}
	return at
}

func clean(path string) string {
	var parts []string
	for _, p := range strings.Split(path, "/") {
		switch p {
		case "", ".":
		case "..":
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, p)
		}
	}
	return "/" + strings.Join(parts, "/")
}

// Join resolves a path of the image, such as a COPY destination, against the directory in effect at
// the step. It is unknown if the directory is.
func (s *Step) Join(path string) Value { return join(s.Workdir, known(path)) }

// MakesLayer reports whether the instruction makes a file system layer: RUN, COPY, ADD and WORKDIR,
// except WORKDIR /.
func (s *Step) MakesLayer() bool {
	switch s.Instr.Name {
	case "RUN", "COPY", "ADD":
		return true
	case "WORKDIR":
		if c, ok := s.Instr.Cmd().(*instructions.WorkdirCommand); ok {
			return join(s.Workdir, s.Expand(c.Path)) != known("/")
		}
		return true
	}
	return false
}

// GlobalVars are the ARGs in effect for FROM.
func (g *Graph) GlobalVars() *Scope { return g.scope }

// VarsAfter are the variables in effect after a step.
func (g *Graph) VarsAfter(s *Step) *Scope {
	switch {
	case s.Stage == nil && s.N+1 < len(g.Global):
		return g.Global[s.N+1].Vars
	case s.Stage == nil:
		return g.above
	case s.N+1 < len(s.Stage.Steps):
		return s.Stage.Steps[s.N+1].Vars
	}
	return s.Stage.Vars()
}
