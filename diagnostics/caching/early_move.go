package caching

import (
	"slices"

	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file is the fix of definitions that stand too early: they move down.

// maxMoved is how many definitions one fix moves: each is judged against all steps that it crosses, without those that move along.
const maxMoved = 100

// moveDown moves the definition and the labels that need it, with the comments directly above them,
// to directly above the first use, or below the last step that has none.
func (e *early) moveDown(p *diagnostics.Pass, last *stages.Step) []diagnostics.Fix {
	if len(e.with) > maxMoved {
		return nil
	}
	s, use := e.def, e.use
	if use == nil && last.N+1 < len(p.Stage.Steps) {
		use = p.Stage.Steps[last.N+1]
	}
	to, end := rewrite.Below(last), last.N+1
	if use != nil {
		to, end = rewrite.Above(use), use.N
	}
	moved := e.allMoved(p, end)
	verdict := e.judge(p, end, moved)
	for _, other := range e.with {
		verdict = verdict.Worse(other.judge(p, end, moved))
	}
	if verdict.Answer == moves.Never {
		return nil // another variable of the instruction is used
	}
	change := p.Change()
	change.Move(to, moved...)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{
		Title:  "Move " + words.Code(s.Instr.Name+" "+e.variable.Name) + e.andWith() + " below the steps that do not use " + words.For(len(e.with)+1, "it", "them"),
		Safety: diagnostics.Safe,
		Edits:  []diagnostics.FileEdit{edit},
	}
	if verdict.Answer == moves.Doubtful {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: " + verdict.Why + ")"
	}
	return []diagnostics.Fix{fix}
}

// judge asks whether all that the instruction defines may move below the steps, up to Steps[end], that do not move along.
func (e *early) judge(p *diagnostics.Pass, end int, moved []*stages.Step) moves.Verdict {
	over := slices.DeleteFunc(slices.Clone(p.Stage.Steps[e.def.N+1:end]), func(s *stages.Step) bool { return slices.Contains(moved, s) })
	judge := judgeOf(p)
	worst := moves.Verdict{}
	for _, d := range e.def.Defines() {
		v := e.variable
		if d.Name != v.Name {
			v = moves.Variable{Name: d.Name, Uses: d.Uses, BuildNumber: isVolatile(d.Name), BakedIn: manifests.BakedIn(d.Name)}
		}
		if verdict := judge.VariableBelow(v, partsOf(over)); verdict.Answer > worst.Answer {
			worst = verdict
		}
	}
	return worst
}

// andWith is what stands in titles behind the first of several definitions.
func (e *early) andWith() string {
	if len(e.with) == 0 {
		return ""
	}
	return " and " + words.Count(len(e.with), "more line")
}

// allMoved are the steps that move together: the definitions with their labels, and the ARGs that nothing but the ENVs
// among them needs above Steps[end], in their order.
func (e *early) allMoved(p *diagnostics.Pass, end int) []*stages.Step {
	moved := slices.Clone(e.moved)
	for _, other := range e.with {
		moved = append(moved, other.moved...)
	}
	if !e.variable.BuildNumber {
		for _, s := range slices.Clone(moved) {
			moved = append(moved, passedOn(p, s, end, moved)...)
		}
	}
	slices.SortFunc(moved, func(a, b *stages.Step) int { return a.N - b.N })
	return slices.Compact(moved)
}

// passedOn are the ARGs of the pass's stage that an ENV passes on, if they surely may move with it.
func passedOn(p *diagnostics.Pass, env *stages.Step, end int, moved []*stages.Step) (args []*stages.Step) {
	if env.Instr.Name != "ENV" {
		return nil
	}
	for _, d := range env.Defines() {
		for _, name := range d.Uses {
			for _, s := range p.Stage.Steps[:env.N] {
				c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
				if !ok || len(c.Args) != 1 || c.Args[0].Key != name {
					continue
				}
				over := slices.DeleteFunc(slices.Clone(p.Stage.Steps[s.N+1:end]), func(s *stages.Step) bool { return slices.Contains(moved, s) })
				v := moves.Variable{Name: name, BakedIn: manifests.BakedIn(name)}
				for _, d := range s.Defines() {
					v.Uses = d.Uses
				}
				if judgeOf(p).VariableBelow(v, partsOf(over)).Answer == moves.Safe {
					args = append(args, s)
				}
			}
		}
	}
	return args
}
