package stages

import (
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

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

// Held is what an ONBUILD makes stages run that build on this one, as a step at the place of the ONBUILD: what is in effect there
// is in effect in them, too, unless the stage changes it further down. Nil if the step is no ONBUILD.
func (s *Step) Held() *Step {
	if s.Instr.Name != "ONBUILD" || s.Stage == nil {
		return nil
	}
	held := s.Instr.Held()
	if held == nil {
		return nil
	}
	return &Step{Stage: s.Stage, N: s.N, Instr: held, InEffect: s.InEffect}
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

// Trigger is the instruction that an ONBUILD holds, as it stands there: its spans are its own. It is nil for other
// instructions, and where it cannot be read.
func (s *Step) Trigger() *syntax.Instruction { return trigger(s.Instr) }
