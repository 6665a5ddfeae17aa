package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"layerwise/build/llb"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// MainContext is the name of the main build context.
const MainContext = "context"

// Subject is a Dockerfile with all that a build of it reads.
type Subject struct {
	Graph   *stages.Graph
	Options map[string]string // attributes of the frontend; see Options
	Ignore  map[string][]byte // the ignore file of each context, by the context's name
	// Trees are the build contexts by name. One that is missing is taken to stay as it is.
	Trees map[string]*Tree
}

// Options are the attributes of the frontend for a build. Empty target and platform are the defaults.
func Options(buildArgs map[string]string, target, platform string) map[string]string {
	options := map[string]string{}
	for name, value := range buildArgs {
		options["build-arg:"+name] = value
	}
	for name, value := range map[string]string{"target": target, "platform": platform} {
		if value != "" {
			options[name] = value
		}
	}
	return options
}

// PlatformOf is the platform that a Dockerfile's image is plainly for: windows/amd64, or empty for the
// machine's own.
func PlatformOf(g *stages.Graph) string {
	if g.Target != nil && g.Target.Windows {
		return "windows/amd64"
	}
	return ""
}

// maxDepths bounds the files that are converted (see stages.Graph.Depths): these take BuildKit some ten seconds.
// One stage may have 14,000 instructions.
const maxDepths = 100_000_000

// What BuildKit would need too much memory or time for.
var (
	errValues = errors.New("variables or directories that build on one another grow too long for Layerwise to work out the build")
	errDepths = errors.New("too many instructions build on one another for Layerwise to work out the build")
)

// Convert is the graph of operations of the subject. Its lines, and that of an error, are those of the
// stage graph: what BuildKit counts differently is translated here, and nowhere else.
func (s Subject) Convert(ctx context.Context) (*llb.Graph, error) {
	switch {
	case s.Graph.Explodes():
		return nil, errValues
	case s.Graph.Depths() > maxDepths:
		return nil, errDepths
	}
	graph, err := llb.Convert(ctx, llb.Input{
		Dockerfile: []byte(s.Graph.File.Src), Options: maps.Clone(s.Options),
		Ignore: func(name string) []byte { return s.Ignore[name] },
		Image: func(ref string, platform ocispecs.Platform) (llb.Image, bool) {
			base, ok := s.Graph.Image(ref, platform.OS+"/"+platform.Architecture)
			return imageOf(base), ok
		},
	})
	lines := map[int]int{} // from BuildKit's to ours, where they differ
	for i := range s.Graph.File.Instructions {
		step := s.Graph.StepAt(i)
		if theirs, own := s.Graph.BuildLine(step), s.Graph.Line(step); theirs != own {
			lines[theirs] = own
		}
	}
	if len(lines) == 0 {
		return graph, err
	}
	translate := func(line *int) {
		if own, ok := lines[*line]; ok {
			*line = own
		}
	}
	var refused *llb.Error
	if errors.As(err, &refused) {
		translate(&refused.Line)
		return nil, err
	}
	for _, v := range graph.Vertices {
		for i := range v.Lines {
			translate(&v.Lines[i])
		}
		slices.Sort(v.Lines)
	}
	return graph, err
}

// imageOf is the image of which the base is known. What it holds is not.
func imageOf(base stages.Base) (image llb.Image) {
	config := &image.Config.Config
	config.WorkingDir, config.User, config.Shell = base.Workdir, base.User, base.Shell
	for _, name := range slices.Sorted(maps.Keys(base.Env)) {
		value := "unknown"
		if known := base.Env[name]; known != nil {
			value = *known
		}
		config.Env = append(config.Env, name+"="+value)
	}
	return image
}

// Context is a Sources' method.
func (s Subject) Context(name string) (*Tree, error) { return s.Trees[name], nil }

// Remote is a Sources' method: what would be fetched stays as it is.
func (s Subject) Remote(op *pb.SourceOp) Remote { return Remote{Key: op.Identifier} }

// Effect is what a change does to one instruction.
type Effect struct {
	Line    int // from 1
	EndLine int // the instruction's last line
	Stage   string
	Name    string // the keyword in upper case
	Text    string // the instruction in one line, heredoc bodies not included
	Layer   bool   // it makes a layer
	State   State
	Reasons []Reason // of what is not cached, the most telling first
}

// Comparison is what a build after another one will do.
type Comparison struct {
	Before, After *Build
	Effects       []Effect // of the instructions that are operations, by line
	// Hidden are changed paths of the main context that a daemon does not notice that was sent the
	// state before: its answer differs from this one, which is a new daemon's.
	Hidden []string
	// Unknown are images that are taken not to change, since nothing is looked up.
	Unknown []string
}

// Count is the number of instructions in a state.
func (c *Comparison) Count(state State) (n int) {
	for _, e := range c.Effects {
		if e.State == state {
			n++
		}
	}
	return n
}

// Compare predicts a build of after by a daemon that has built before, and nothing else. An error about
// one of them is a *SideError.
func Compare(ctx context.Context, before, after Subject) (*Comparison, error) {
	daemon := New()
	first, err := daemon.run(ctx, before)
	if err != nil {
		return nil, &SideError{"before", err}
	}
	second, err := daemon.run(ctx, after)
	if err != nil {
		return nil, &SideError{"after", err}
	}
	c := &Comparison{Before: first, After: second, Unknown: second.Graph.Unknown}
	e := explainer{ctx: ctx, before: before, after: after, c: c}
	e.alike()
	for i := range after.Graph.File.Instructions {
		if effect, ok := e.effect(after.Graph.StepAt(i)); ok {
			c.Effects = append(c.Effects, effect)
		}
	}
	if old, tree := before.Trees[MainContext], after.Trees[MainContext]; old != nil && tree != nil {
		c.Hidden, err = tree.unnoticed(ctx, old)
	}
	return c, err
}

// Predict is a build on a daemon that has built nothing: every step runs. It is for what a step's key is
// made of, and for what would run again.
func Predict(ctx context.Context, s Subject) (*Build, error) { return New().run(ctx, s) }

func (c *Cache) run(ctx context.Context, s Subject) (*Build, error) {
	g, err := s.Convert(ctx)
	if err != nil {
		return nil, err
	}
	return c.Build(ctx, g, s)
}

// SideError is an error about one of two states that are compared.
type SideError struct {
	Side string // "before" or "after"
	Err  error
}

func (e *SideError) Error() string { return fmt.Sprintf("the state %s: %v", e.Side, e.Err) }
func (e *SideError) Unwrap() error { return e.Err }

// Place is the line of an error of this package or of llb; 0 if it has none.
func Place(err error) int {
	var input *InputError
	if errors.As(err, &input) {
		return input.Line
	}
	var refused *llb.Error
	if errors.As(err, &refused) {
		return refused.Line
	}
	return 0
}

// explainer finds out why steps run again.
type explainer struct {
	ctx           context.Context
	before, after Subject
	c             *Comparison
	lines         map[int]int // from the lines of instructions after to those before
}

// effect is what becomes of an instruction; not ok if it is no operation.
func (e *explainer) effect(s *stages.Step) (effect Effect, ok bool) {
	g := e.after.Graph
	line := g.Line(s)
	steps := e.c.After.On(line)
	if !s.MakesLayer() && len(steps) == 0 || s.Stage == nil {
		return effect, false
	}
	in := s.Instr
	effect = Effect{
		Line: line, EndLine: g.File.Lines().Line(g.Offset(s)+in.Body.End) + 1,
		Stage: StageName(s.Stage), Name: in.Name, Text: in.Joined().Line, Layer: s.MakesLayer(), State: e.c.After.Line(line),
	}
	for _, step := range steps {
		if step.State == effect.State {
			effect.Reasons = append(effect.Reasons, e.reasons(step, s)...)
		}
	}
	return effect, true
}

// StageName is how BuildKit calls a stage: by its name, or by its number.
func StageName(s *stages.Stage) string {
	if s.Name != "" {
		return s.Name
	}
	return fmt.Sprintf("stage-%d", s.Index)
}

// On are the operations of the instruction on a line: not what it fetches, nor the second half of a
// COPY --link.
func (b *Build) On(line int) (steps []*Step) {
	for _, s := range b.lines[line] {
		if len(s.Vertex.Inputs) > 0 && !s.Vertex.Link() {
			steps = append(steps, s)
		}
	}
	return steps
}

// Line is what becomes of the instruction on a line.
func (b *Build) Line(line int) State {
	steps := b.On(line)
	if len(steps) == 0 { // it is only a source, or a WORKDIR in an empty stage
		steps = b.lines[line]
	}
	state := Unreached
	for _, s := range steps {
		state = max(state, s.State)
	}
	return state
}

// alike gives the steps that run again the steps before that they are compared with: those of the
// instructions that stand in the same place.
func (e *explainer) alike() {
	e.lines = align(e.before.Graph, e.after.Graph)
	for _, s := range e.c.After.Steps {
		if s.Like != nil || s.Vertex.Op.GetSource() != nil {
			continue
		}
		for _, line := range s.Vertex.Lines {
			was, ok := e.lines[line]
			if !ok {
				continue
			}
			old := e.c.Before.lines[was]
			if i := slices.IndexFunc(old, func(old *Step) bool { return similar(old, s) }); i >= 0 {
				s.Like = old[i]
				break
			}
		}
	}
}

// similar reports whether two steps do the same kind of thing.
func similar(a, b *Step) bool {
	return fmt.Sprintf("%T", a.Vertex.Op.Op) == fmt.Sprintf("%T", b.Vertex.Op.Op) &&
		len(a.Vertex.Inputs) > 0 == (len(b.Vertex.Inputs) > 0)
}

// align finds for the line of each instruction the line of the one that it was before.
func align(before, after *stages.Graph) map[int]int {
	lines := map[int]int{}
	taken := map[*stages.Stage]bool{}
	for _, s := range after.Stages {
		old := counterpart(before, s, taken)
		if old == nil {
			continue
		}
		taken[old] = true
		for i, j := range match(old.Steps, s.Steps) {
			lines[after.Line(s.Steps[j])] = before.Line(old.Steps[i])
		}
	}
	return lines
}

// counterpart is the stage that a stage was before: of the same name, or else of the same number.
func counterpart(before *stages.Graph, s *stages.Stage, taken map[*stages.Stage]bool) *stages.Stage {
	for _, old := range before.Stages {
		if s.Name != "" && old.Name == s.Name && !taken[old] {
			return old
		}
	}
	if s.Index < len(before.Stages) {
		if old := before.Stages[s.Index]; !taken[old] && (old.Name == "" || s.Name == "" || before.Find(s.Name, len(before.Stages)) == nil) {
			return old
		}
	}
	return nil
}

// match pairs steps, the old ones' indices with those of the new ones: from both ends as long as their
// texts are equal, and of those between first equal ones, in order, then those with the same keyword.
func match(old, now []*stages.Step) map[int]int {
	text := func(s *stages.Step) string { return s.Instr.Joined().Line }
	pairs := map[int]int{}
	start, a, b := 0, len(old), len(now)
	for start < a && start < b && text(old[start]) == text(now[start]) {
		pairs[start] = start
		start++
	}
	for a > start && b > start && text(old[a-1]) == text(now[b-1]) {
		a, b = a-1, b-1
		pairs[a] = b
	}
	used := map[int]bool{}
	for _, same := range []func(x, y *stages.Step) bool{
		func(x, y *stages.Step) bool { return text(x) == text(y) },
		func(x, y *stages.Step) bool { return x.Instr.Name == y.Instr.Name },
	} {
		for j, at := start, start; j < b; j++ {
			if used[j] {
				continue
			}
			const far = 200 // a rewritten file of thousands of lines is not worth the search
			for i := at; i < min(a, at+far); i++ {
				if _, ok := pairs[i]; !ok && same(old[i], now[j]) {
					pairs[i], used[j], at = j, true, i+1
					break
				}
			}
		}
	}
	return pairs
}
