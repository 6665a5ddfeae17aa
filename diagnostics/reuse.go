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
	rules   []ruleResult    // of the rules that run, in their order
	asks    []asked         // by all hooks of each rule
	asked   asked           // by all rules
	sources []*stages.Stage // that they have asked for with Pass.From
	failed  bool            // one of them has
	facts   map[any]*fact
	seen    seenBy
	was     *stageResults // while it is made: what was known before; nil if nothing was
	kept    *stages.Kept  // while it is made: the steps of was that are still there
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
	*Results       // nil if there is none, or nothing of it can be used
	rules    []int // where each rule that runs now stood among those that ran; -1 if it did not run
	same     bool  // they are the same rules
	changed  asked // of what concerns the whole file
	changes  *stages.Changes
}

func newEarlier(prev *Results, now *Results, changes *stages.Changes) *earlier {
	e := &earlier{Results: prev, changes: changes}
	if prev == nil {
		return e
	}
	e.same = slices.Equal(prev.active, now.active)
	ran := 0 // both are in the order of all rules
	for _, rule := range now.active {
		i := slices.Index(prev.active[ran:], rule)
		if i >= 0 {
			i += ran
			ran = i + 1
		}
		e.rules = append(e.rules, i)
	}
	e.changed = askedFile
	if prev.in.Graph.File == now.in.Graph.File {
		e.changed = 0
	}
	if prev.in.Build.Context != now.in.Build.Context || prev.doubted != now.doubted || !slices.Equal(prev.in.Build.Changing, now.in.Build.Changing) || prev.in.Build.Export != now.in.Build.Export || prev.in.Build.Published != now.in.Build.Published {
		e.changed |= askedContext
	}
	old, new := prev.in.Graph.Stages, now.in.Graph.Stages
	if !slices.Equal(old, new) {
		e.changed |= askedStages
	}
	sameInstr := func(a, b *stages.Step) bool { return a.Instr == b.Instr }
	if !slices.EqualFunc(prev.in.Graph.Global, now.in.Graph.Global, sameInstr) {
		e.changed |= askedFroms
	}
	if !slices.EqualFunc(old, new, func(a, b *stages.Stage) bool { return a.Steps[0].Instr == b.Steps[0].Instr }) {
		e.changed |= askedFroms
	}
	return e
}

// of finds what was known of a stage, and what has changed of what its rules may have asked for. same says
// that the stage itself has not changed.
func (e *earlier) of(s *stages.Stage, now *stages.Graph) (old *stageResults, changed asked, same bool) {
	if e.Results == nil {
		return nil, 0, false
	}
	stage := e.changes.Before(s)
	if stage == nil {
		return nil, 0, false
	}
	was := e.in.Graph
	old, changed = e.stages[stage.Index], e.changed
	if was.Exported(stage) != now.Exported(s) || (was.Target == stage) != (now.Target == s) {
		changed |= askedExported
	}
	if !slices.Equal(was.Children(stage), now.Children(s)) {
		changed |= askedChildren
	}
	if slices.ContainsFunc(old.sources, func(source *stages.Stage) bool {
		return source.Index >= len(now.Stages) || now.Stages[source.Index] != source
	}) {
		changed |= askedSources
	}
	return old, changed, stage == s
}

// checkStage checks a stage, with what is known of it. It is nil if ctx is done before.
func (r *Results) checkStage(ctx context.Context, rules []*Rule, p *Pass, known *earlier) *stageResults {
	old, changed, same := known.of(p.Stage, p.graph)
	if same && known.same && !old.failed && old.asked&changed == 0 {
		return old
	}
	out := &stageResults{stage: p.Stage, rules: make([]ruleResult, len(rules)), asks: make([]asked, len(rules)), facts: map[any]*fact{}}
	if same {
		out.seen = slices.Clip(old.seen)
		for key, f := range old.facts {
			if f.asked&changed == 0 {
				out.facts[key] = f
			}
		}
	}
	p.facts, p.own, r.making = out.facts, out, out
	if old != nil {
		out.was, out.kept = old, known.changes.Kept(p.Stage)
		if changed&askedSources == 0 {
			out.sources = slices.Clone(old.sources)
		}
	}
	for i, rule := range rules {
		if ctx.Err() != nil {
			return nil
		}
		var was *ruleResult
		if old != nil && known.rules[i] >= 0 && !old.rules[known.rules[i]].failed {
			was = &old.rules[known.rules[i]]
		}
		p.rule = rule
		r.guardStage(rule, &out.rules[i], func(now *ruleResult) {
			if rule.Step != nil || rule.Command != nil {
				checkSteps(p, rule, now, was, out.kept, changed)
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
	p.report, p.rule, p.own, r.making = nil, nil, nil, nil
	out.was, out.kept = nil, nil
	for i, result := range out.rules {
		out.asks[i] = result.everyAsk()
		out.asked |= out.asks[i]
		out.failed = out.failed || result.failed
	}
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
func checkSteps(p *Pass, rule *Rule, now, was *ruleResult, k *stages.Kept, changed asked) {
	var n note
	p.report = func(f Finding) { n.found = append(n.found, f) }
	check := func(i int) {
		s := p.Stage.Steps[i]
		n = note{step: i}
		p.asked = 0
		checkStep(p, rule, s)
		if s.Instr.Name == "ONBUILD" {
			n.found = append(n.found, held(p, rule, s)...)
		}
		if n.asked = p.asked; n.asked != 0 || len(n.found) > 0 {
			now.notes = append(now.notes, n)
		}
	}
	if was == nil {
		for i := range p.Stage.Steps {
			check(i)
		}
		return
	}
	k.Visit(len(was.notes), func(i int) int { return was.notes[i].step }, check, func(i, step int) {
		if old := was.notes[i]; len(old.found) == 0 && old.asked&changed == 0 {
			now.notes = append(now.notes, note{step: step, asked: old.asked})
			return
		}
		check(step)
	})
}

func checkStep(p *Pass, rule *Rule, s *stages.Step) {
	if rule.Step != nil {
		rule.Step(p, s)
	}
	if rule.Command != nil && s.Instr.Name == "RUN" {
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			rule.Command(p, s, c)
		}
	}
}

// held are the findings in the instruction of an ONBUILD, which is checked as what it will be. It will be so in another build: what
// breaks that and what the files of this one's context tell does not count, and what mends an instruction does not fit an ONBUILD.
func held(p *Pass, rule *Rule, s *stages.Step) (found []Finding) {
	will := s.Held()
	if will == nil || rule.Always {
		return nil
	}
	report, before := p.report, p.asked
	p.asked = 0
	p.report = func(f Finding) {
		if f.Step != will {
			return // it is about another step, because of this one
		}
		f.Fixes, f.Related = nil, nil
		found = append(found, f)
	}
	checkStep(p, rule, will)
	if p.asked&askedContext != 0 {
		found = nil
	}
	p.report, p.asked = report, p.asked|before
	return found
}

// of are the results of a stage above the one that is checked; nil if there are none.
func (r *Results) of(s *stages.Stage) *stageResults {
	if s.Index < len(r.stages) {
		return r.stages[s.Index]
	}
	return nil
}

// seenBy is what was seen by some twenty keys. There is one for each stage, and rules of the file go through all of
// them: maps would be slower.
type seenBy []seenSteps

type seenSteps struct {
	key   any
	steps []Seen
}

func (s seenBy) get(key any) (steps []Seen, ok bool) {
	for i := range s {
		if s[i].key == key {
			return s[i].steps, true
		}
	}
	return nil, false
}

// seeAll is for tests: a rule must find the same if it is shown every step.
var seeAll bool

// see goes through the steps of a stage. own, which may be nil, is where it finds and leaves what it saw.
func (r *Results) see(stage *stages.Stage, own *stageResults, key any, see func(*stages.Step) any) (all []Seen) {
	if own != nil {
		if known, ok := own.seen.get(key); ok {
			return known
		}
	}
	look := func(i int) {
		s := stage.Steps[i]
		if what := see(s); what != nil || seeAll {
			all = append(all, Seen{s, what})
		}
	}
	var before []Seen
	reuse := false
	if own != nil && own.was != nil {
		before, reuse = own.was.seen.get(key)
	}
	if reuse {
		all = make([]Seen, 0, len(before)+len(own.kept.Fresh))
		own.kept.Visit(len(before), func(i int) int { return before[i].N }, look, func(i, step int) {
			all = append(all, Seen{stage.Steps[step], before[i].What})
		})
	} else {
		for i := range stage.Steps {
			look(i)
		}
	}
	if own != nil && own == r.making { // others are shared with other states
		own.seen = append(own.seen, seenSteps{key, all})
	}
	return all
}
