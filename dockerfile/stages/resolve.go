package stages

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

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

// With is the graph of another text, built with the same arguments, called what rename says. It shares what is
// the same.
func (g *Graph) With(f *syntax.File, rename func(arg string) string) *Graph {
	args := g.args
	args.Build, args.Unknown = map[string]string{}, nil
	for name, value := range g.args.Build {
		args.Build[rename(name)] = value
	}
	for _, name := range g.args.Unknown {
		args.Unknown = append(args.Unknown, rename(name))
	}
	slices.Sort(args.Unknown)
	return Resolve(f, args, g)
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
	return slices.Equal(a.Unknown, b.Unknown)
}

// passed is the value that the build passes for an argument, which may be one that is not known.
func (a Args) passed(name string) (v Value, ok bool) {
	if text, given := a.Build[name]; given {
		return known(text), true
	}
	return Value{Text: "$" + name}, slices.Contains(a.Unknown, name)
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
	g.Global, g.scope, g.above = prev.Global, prev.scope, prev.above
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
	// The values of the others depend on the machine and on --platform, so they are not known here.
	for _, arg := range grammar.PlatformArgs {
		name := arg.Name
		v, ok := g.args.Build[name]
		if name == "TARGETSTAGE" && !ok {
			v, ok = g.args.Target, true
			if v == "" {
				v = "default"
			}
		}
		g.scope = &Scope{up: g.scope, Name: name, Value: Value{v, ok}}
	}
	// BuildKit refuses all but ARG here. What ENV would set holds for the steps up to the first FROM, and not for FROM.
	g.above = g.scope
	for i, in := range instrs {
		step := &Step{N: i, Instr: in, InEffect: &InEffect{Vars: g.above, Shell: linuxShell, escape: g.File.Escape}}
		g.Global = append(g.Global, step)
		switch c := in.Cmd().(type) {
		case *instructions.ArgCommand:
			for _, kv := range c.Args {
				if v, ok := g.args.passed(kv.Key); ok {
					g.scope, g.above = g.scope.define(kv.Key, v, false, step), g.above.define(kv.Key, v, false, step)
				} else if kv.Value != nil {
					g.scope = g.scope.define(kv.Key, expand(*kv.Value, g.scope, step.escape, true), false, step)
					g.above = g.above.define(kv.Key, expand(*kv.Value, g.above, step.escape, true), false, step)
				}
			}
		case *instructions.EnvCommand:
			before := g.above
			for _, kv := range c.Env {
				key := expand(kv.Key, before, step.escape, true)
				g.above = g.above.define(key.Text, expand(kv.Value, before, step.escape, true), true, step)
			}
		}
	}
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
		st.Shell, st.OwnShell = c.Shell, true
	default:
		return false
	}
	return true
}

// defineArg gives a stage's ARG its value: --build-arg, its default, or the global ARG of that name.
// Without any of these the variable stays as it was.
func (g *Graph) defineArg(kv instructions.KeyValuePairOptional, vars *Scope, step *Step) *Scope {
	if v, ok := g.args.passed(kv.Key); ok {
		return vars.define(kv.Key, v, false, step)
	}
	if kv.Value != nil {
		return vars.define(kv.Key, expand(*kv.Value, vars, step.escape, false), false, step)
	}
	if global, ok := g.scope.Lookup(kv.Key); ok {
		return vars.define(kv.Key, global.Value, false, step)
	}
	return vars
}
