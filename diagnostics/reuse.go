package diagnostics

import (
	"context"
	"slices"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// stageResults are what the rules have found in one stage, and what they asked for.
type stageResults struct {
	stage   *stages.Stage
	rules   []ruleResult // of the rules that run, in their order
	facts   map[any]*fact
	shown   []ruleFinding // those that no comment of the stage silences
	ignores ignores       // with what of them has silenced findings
}

// ruleResult is what one rule has found in one stage.
type ruleResult struct {
	failed bool
	asked  asked     // by Rule.Stage
	found  []Finding // by Rule.Stage
	// notes are of the steps of which Rule.Step or Rule.Command found or asked something, in order. Of all
	// others, the most by far, it is known that they are silent, whatever the build.
	notes []note
}

type note struct {
	step  int
	asked asked
	found []Finding
}

func (r *ruleResult) everyAsk() asked {
	all := r.asked
	for _, n := range r.notes {
		all |= n.asked
	}
	return all
}

// earlier is what an earlier run knew, and what has changed since then.
type earlier struct {
	*Results         // nil if there is none, or nothing of it can be used
	changed    asked // of what concerns the whole file
	froms, all bool
	byStage    map[*stages.Stage]*stageResults
}

func newEarlier(prev *Results, now *Results) *earlier {
	e := &earlier{Results: prev}
	if prev == nil {
		return e
	}
	e.changed = askedFile
	if prev.in.Graph.File == now.in.Graph.File {
		e.changed = 0
	}
	if prev.in.Build.Context != now.in.Build.Context || prev.doubted != now.doubted {
		e.changed |= askedContext
	}
	old, new := prev.in.Graph.Stages, now.in.Graph.Stages
	if !slices.Equal(old, new) {
		e.changed |= askedStages
	}
	if !slices.EqualFunc(old, new, func(a, b *stages.Stage) bool { return a.Steps[0].Instr == b.Steps[0].Instr }) {
		e.changed |= askedFroms
	}
	e.byStage = make(map[*stages.Stage]*stageResults, len(old))
	for i, s := range old {
		e.byStage[s] = prev.stages[i]
	}
	return e
}

// of finds what was known of a stage, and what has changed of what its rules may have asked for. same says
// that the stage itself has not changed.
func (e *earlier) of(s *stages.Stage, now *stages.Graph) (old *stageResults, changed asked, same bool) {
	if e.Results == nil {
		return nil, 0, false
	}
	was := e.in.Graph
	old, same = e.byStage[s], true
	if old == nil {
		if old = e.before(s, now); old == nil {
			return nil, 0, false
		}
		same = false
	}
	changed = e.changed
	if was.Exported(old.stage) != now.Exported(s) || (was.Target == old.stage) != (now.Target == s) {
		changed |= askedExported
	}
	if !slices.Equal(was.Children(old.stage), now.Children(s)) {
		changed |= askedChildren
	}
	return old, changed, same
}

// before guesses which stage has become s: the one in its place, from the start or from the end of the file,
// that has its FROM or its first instruction after that.
func (e *earlier) before(s *stages.Stage, now *stages.Graph) *stageResults {
	old := e.in.Graph.Stages
	for _, i := range []int{s.Index, len(old) - len(now.Stages) + s.Index} {
		if i < 0 || i >= len(old) {
			continue
		}
		for n := range min(2, len(s.Steps), len(old[i].Steps)) {
			if old[i].Steps[n].Instr == s.Steps[n].Instr {
				return e.stages[i]
			}
		}
	}
	return nil
}

// checkStage checks a stage, with what is known of it. It is nil if ctx is done before.
func (r *Results) checkStage(ctx context.Context, rules []*Rule, p *Pass, known *earlier) *stageResults {
	old, changed, same := known.of(p.Stage, p.graph)
	if old != nil && len(old.rules) != len(rules) {
		old, same = nil, false
	}
	out := &stageResults{stage: p.Stage, rules: make([]ruleResult, len(rules)), facts: map[any]*fact{}}
	if same {
		fresh := true
		for i := range rules {
			fresh = fresh && !old.rules[i].failed && old.rules[i].everyAsk()&changed == 0
		}
		if fresh {
			return old
		}
		for key, f := range old.facts {
			if f.asked&changed == 0 {
				out.facts[key] = f
			}
		}
	}
	p.facts = out.facts
	var steps []int // of each step: the one that it was before, or -1
	if old != nil {
		steps = alike(old.stage, p.Stage, same)
	}
	for i, rule := range rules {
		if ctx.Err() != nil {
			return nil
		}
		var was *ruleResult
		if old != nil && !old.rules[i].failed {
			was = &old.rules[i]
		}
		p.rule = rule
		r.guardStage(rule, &out.rules[i], func(now *ruleResult) {
			if rule.Step != nil || rule.Command != nil {
				checkSteps(p, rule, now, was, steps, changed)
			}
			switch {
			case rule.Stage == nil:
			case same && was != nil && was.asked&changed == 0:
				now.found, now.asked = was.found, was.asked
			default:
				p.asked = 0
				p.report = func(f Finding) { now.found = append(now.found, f) }
				rule.Stage(p)
				now.asked = p.asked
			}
		})
	}
	p.report, p.rule = nil, nil
	out.silence(rules)
	return out
}

func (r *Results) guardStage(rule *Rule, out *ruleResult, part func(*ruleResult)) {
	out.failed = true
	r.guard(rule, func() {
		part(out)
		out.failed = false
	})
	if out.failed {
		*out = ruleResult{failed: true}
	}
}

// silence applies the comments of the stage.
func (r *stageResults) silence(rules []*Rule) {
	r.ignores = stageIgnores(r.stage)
	add := func(rule *Rule, found []Finding) {
		for _, f := range found {
			if !r.ignores.covers(rule, f, r.stage) {
				r.shown = append(r.shown, ruleFinding{rule, f})
			}
		}
	}
	for i, rule := range rules {
		for _, n := range r.rules[i].notes {
			add(rule, n.found)
		}
		add(rule, r.rules[i].found)
	}
	r.ignores.found = nil
}

// checkSteps runs the hooks for steps and commands. A step that was silent, and is what it was, is silent
// still. Where something was found it is worked out again: findings know their step, which is another one
// in each state of a stage.
func checkSteps(p *Pass, rule *Rule, now, was *ruleResult, steps []int, changed asked) {
	var n *note
	p.report = func(f Finding) { n.found = append(n.found, f) }
	next := 0 // note of was
	for i, s := range p.Stage.Steps {
		if was != nil && steps[i] >= 0 {
			for next < len(was.notes) && was.notes[next].step < steps[i] {
				next++
			}
			if next == len(was.notes) || was.notes[next].step != steps[i] {
				continue // silent
			}
			if old := was.notes[next]; len(old.found) == 0 && old.asked&changed == 0 {
				now.notes = append(now.notes, note{step: i, asked: old.asked})
				continue
			}
		}
		n = &note{step: i}
		p.asked = 0
		if rule.Step != nil {
			rule.Step(p, s)
		}
		if rule.Command != nil && s.Instr.Name == "RUN" {
			for _, c := range shell.Of(s.Instr, s.Shell).Commands {
				rule.Command(p, s, c)
			}
		}
		if n.asked = p.asked; n.asked != 0 || len(n.found) > 0 {
			now.notes = append(now.notes, *n)
		}
	}
}

// alike finds for each step of a stage the one of its earlier state that is the same instruction, with the
// same in effect before it; -1 if there is none.
func alike(old, s *stages.Stage, same bool) []int {
	steps := make([]int, len(s.Steps))
	if same {
		for i := range steps {
			steps[i] = i
		}
		return steps
	}
	head := 0
	for head < len(steps) && head < len(old.Steps) && old.Steps[head].Instr == s.Steps[head].Instr {
		head++
	}
	tail := 0
	for tail < len(steps)-head && tail < len(old.Steps)-head && old.Steps[len(old.Steps)-1-tail].Instr == s.Steps[len(steps)-1-tail].Instr {
		tail++
	}
	var cmp stages.Comparison
	for i := range steps {
		steps[i] = -1
		o := i
		if i >= len(steps)-tail {
			o = i + len(old.Steps) - len(steps)
		} else if i >= head {
			continue
		}
		if cmp.SameEffect(old.Steps[o], s.Steps[i]) {
			steps[i] = o
		}
	}
	return steps
}
