// Package stages resolves the build stages of a Dockerfile: which builds on which, and what
// variables, directory, user and shell are in effect at each instruction.
//
// It follows BuildKit's dockerfile2llb: a stage has one list of variables to which both ENV and ARG
// add, and the newest definition wins.
package stages

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"sync"

	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Args is what the build is started with.
type Args struct {
	Build    map[string]string // --build-arg
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

// development matches names of what is made to work or test in.
var development = regexp.MustCompile(`(?i)(^|[-_./:])(dev|develop|development|devel|test|tests|testing|e2e|ci|lint|debug|local|devcontainers?)([-_./:]|$)`)

// IsDevelopment reports whether the name, of a stage, an image or a file, says that it is made to work or test
// in, not to be shipped.
func IsDevelopment(name string) bool { return development.MatchString(name) }

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
	Vars    *Scope

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

// Resolve builds the graph. Stages of prev, which may be nil, that are the same in f are shared.
func Resolve(f *syntax.File, args Args, prev *Graph) *Graph {
	g := &Graph{File: f, args: args, named: map[string][]int{}}
	if prev != nil && !sameArgs(prev.args, args) {
		prev = nil
	}
	n := 0
	for n < len(f.Instructions) && f.Instructions[n].Name != "FROM" {
		n++
	}
	if prev == nil || prev.File.Escape != f.Escape || !g.reuseGlobal(f.Instructions[:n], prev) {
		prev = nil
		g.resolveGlobal(f.Instructions[:n])
	}
	for n < len(f.Instructions) {
		end := n + 1
		for end < len(f.Instructions) && f.Instructions[end].Name != "FROM" {
			end++
		}
		g.first = append(g.first, n)
		stage := g.reuseStage(f.Instructions[n:end], prev)
		if stage == nil {
			stage = g.resolveStage(f.Instructions[n:end])
		}
		if stage.Name != "" {
			g.named[stage.Name] = append(g.named[stage.Name], stage.Index)
		}
		g.Stages = append(g.Stages, stage)
		n = end
	}
	g.Target = g.target()
	g.exported = make([]bool, len(g.Stages))
	for s := g.Target; s != nil; s = s.Parent {
		g.exported[s.Index] = true
	}
	g.children = make([][]*Stage, len(g.Stages))
	for _, s := range g.Stages {
		if s.Parent != nil {
			g.children[s.Parent.Index] = append(g.children[s.Parent.Index], s)
		}
	}
	return g
}

func sameArgs(a, b Args) bool {
	if a.Target != b.Target || a.Platform != b.Platform || (a.Image == nil) != (b.Image == nil) || len(a.Build) != len(b.Build) {
		return false
	}
	for k, v := range a.Build {
		if w, ok := b.Build[k]; !ok || v != w {
			return false
		}
	}
	return true
}

func (g *Graph) reuseGlobal(instrs []*syntax.Instruction, prev *Graph) bool {
	if len(instrs) != len(prev.Global) {
		return false
	}
	for i, in := range instrs {
		if prev.Global[i].Instr != in {
			return false
		}
	}
	g.Global, g.scope = prev.Global, prev.scope
	return true
}

// reuseStage returns the stage of prev at the same index if nothing that it depends on has changed.
func (g *Graph) reuseStage(instrs []*syntax.Instruction, prev *Graph) *Stage {
	i := len(g.Stages)
	if prev == nil || i >= len(prev.Stages) {
		return nil
	}
	old := prev.Stages[i]
	if len(old.Steps) != len(instrs) {
		return nil
	}
	for n, in := range instrs {
		if old.Steps[n].Instr != in {
			return nil
		}
	}
	if g.parent(old.Base) != old.Parent {
		return nil
	}
	return old
}

func (g *Graph) resolveGlobal(instrs []*syntax.Instruction) {
	for _, name := range platformArgs {
		v, ok := g.args.Build[name]
		if name == "TARGETSTAGE" && !ok {
			v, ok = g.args.Target, true
			if v == "" {
				v = "default"
			}
		}
		g.scope = &Scope{up: g.scope, Name: name, Value: Value{v, ok}}
	}
	for i, in := range instrs {
		step := &Step{N: i, Instr: in, InEffect: &InEffect{Vars: g.scope, escape: g.File.Escape}}
		g.Global = append(g.Global, step)
		c, ok := in.Cmd().(*instructions.ArgCommand)
		if !ok {
			continue
		}
		for _, kv := range c.Args {
			if v, ok := g.args.Build[kv.Key]; ok {
				g.scope = g.scope.define(kv.Key, known(v), false, step)
			} else if kv.Value != nil {
				g.scope = g.scope.define(kv.Key, expand(*kv.Value, g.scope, step.escape, true), false, step)
			}
		}
	}
}

// platformArgs are the ARGs that BuildKit defines before the first FROM. Their values depend on the
// machine and on --platform, so they are not known here.
var platformArgs = []string{
	"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT",
	"TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
}

func (g *Graph) resolveStage(instrs []*syntax.Instruction) *Stage {
	stage := &Stage{Index: len(g.Stages), Steps: make([]*Step, len(instrs))}
	if from, ok := instrs[0].Cmd().(*instructions.Stage); ok {
		stage.Name = strings.ToLower(from.Name)
		stage.Base = expand(from.BaseName, g.scope, g.File.Escape, true)
		stage.Platform = g.args.Platform
		if from.Platform != "" {
			stage.Platform = expand(from.Platform, g.scope, g.File.Escape, true).Text
		}
	}
	stage.Parent = g.parent(stage.Base)
	st := g.startState(stage)
	st.escape = g.File.Escape
	steps := make([]Step, len(instrs))
	from := st
	from.Vars = g.scope // FROM sees the global ARGs, not those of the stage
	now := &from
	for i, in := range instrs {
		step := &steps[i]
		step.Stage, step.N, step.Instr, step.InEffect = stage, i, in, now
		stage.Steps[i] = step
		changes := g.apply(step, &st)
		if onbuild := trigger(in); onbuild != nil && len(stage.onbuild) < maxTriggers {
			stage.onbuild = append(stage.onbuild, onbuild)
		}
		if i == 0 {
			stage.runTriggers(&st, g, nil)
		}
		if i == 0 || changes {
			after := st
			now = &after
		}
	}
	stage.end = st
	return stage
}

// maxTriggers bounds the ONBUILD instructions of one stage that are followed: any number of stages may
// build on it.
const maxTriggers = 8

// Triggers are what the ONBUILD instructions of the parent make this stage run after its FROM. They have
// no place of their own in the file: theirs is that of FROM, as in the build's output. The triggers of a
// base image are not known.
func (s *Stage) Triggers(g *Graph) (steps []*Step) {
	if s.Parent != nil {
		st := s.Parent.end
		s.runTriggers(&st, g, func(step *Step) { steps = append(steps, step) })
	}
	return steps
}

// runTriggers changes st as the parent's ONBUILD instructions do. visit may be nil.
func (s *Stage) runTriggers(st *InEffect, g *Graph, visit func(*Step)) {
	if s.Parent == nil {
		return
	}
	for _, in := range s.Parent.onbuild {
		now := *st
		step := &Step{Stage: s, Instr: in, InEffect: &now}
		g.apply(step, st)
		if visit != nil {
			visit(step)
		}
	}
}

// trigger is the instruction that an ONBUILD holds; nil if it holds none.
func trigger(in *syntax.Instruction) *syntax.Instruction {
	if in.Name != "ONBUILD" {
		return nil
	}
	c, ok := in.Cmd().(*instructions.OnbuildCommand)
	if !ok {
		return nil
	}
	return in.Memo(triggerKey{}, func() any {
		if f := syntax.Parse(c.Expression); len(f.Instructions) == 1 {
			return f.Instructions[0]
		}
		return (*syntax.Instruction)(nil)
	}).(*syntax.Instruction)
}

type triggerKey struct{}

// apply changes st as the instruction does, and reports whether it may have.
func (g *Graph) apply(step *Step, st *InEffect) bool {
	switch step.Instr.Name {
	case "RUN", "COPY", "ADD", "LABEL":
		return false // the most by far, which are not to be looked at further
	}
	switch c := step.Instr.Cmd().(type) {
	case *instructions.EnvCommand:
		before := st.Vars
		for _, kv := range c.Env {
			key := expand(kv.Key, before, step.escape, false)
			st.Vars = st.Vars.define(key.Text, expand(kv.Value, before, step.escape, false), true, step)
		}
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			st.Vars = g.defineArg(kv, st.Vars, step)
		}
	case *instructions.WorkdirCommand:
		path := expand(c.Path, st.Vars, step.escape, false)
		if !path.Known {
			path.Text = c.Path
		}
		st.Workdir = join(st.Workdir, path)
	case *instructions.UserCommand:
		st.User = expand(c.User, st.Vars, step.escape, false)
	case *instructions.ShellCommand:
		st.Shell = c.Shell
	default:
		return false
	}
	return true
}

// defineArg gives a stage's ARG its value: --build-arg, its default, or the global ARG of that name.
// Without any of these the variable stays as it was.
func (g *Graph) defineArg(kv instructions.KeyValuePairOptional, vars *Scope, step *Step) *Scope {
	if v, ok := g.args.Build[kv.Key]; ok {
		return vars.define(kv.Key, known(v), false, step)
	}
	if kv.Value != nil {
		return vars.define(kv.Key, expand(*kv.Value, vars, step.escape, false), false, step)
	}
	if global, ok := g.scope.Lookup(kv.Key); ok {
		return vars.define(kv.Key, global.Value, false, step)
	}
	return vars
}

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
