package diagnostics

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"

	"layerwise/build/copies"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// Input is one state of one file, and how it is checked.
type Input struct {
	Rules    []*Rule
	Path     string // of the Dockerfile, absolute; empty if it is not on disk
	Graph    *stages.Graph
	Build    Build
	Settings Settings
	// Only is for a look at some of the rules: those that it is false for do not run. Nil if all run.
	Only func(*Rule) bool
	// Try checks another text of the file, with other texts of other files by their absolute paths, with some of
	// the rules. Fixes are tried with it; nil leaves them untried.
	Try func(src string, files map[string]string, only func(*Rule) bool) *Results
}

// Results are the findings of one state of one file, and what lets the next state reuse them.
type Results struct {
	Diagnostics []Diagnostic // sorted by place

	in      Input
	tooLong bool
	active  []*Rule         // those that ran, in their order
	stages  []*stageResults // of Graph.Stages
	making  *stageResults   // the one in the making; nil when all are made
	froms   []*stages.Step

	evidence *copies.Weighing // for and against the context; nil if it is not supposed
	doubted  bool             // the context, for it

	mu       sync.Mutex // guards what follows
	failed   map[*Rule]error
	tried    int  // findings so far of which the fixes are tried
	untried  bool // those of others are not
	existing *census
}

// Failures are the rules that have crashed, with where they did. Their findings are left out.
func (r *Results) Failures() (all []error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rule := range r.in.Rules {
		if err := r.failed[rule]; err != nil {
			all = append(all, err)
		}
	}
	return all
}

// guard runs a part of a rule. A crash of it is noted, and costs the rule its findings.
func (r *Results) guard(rule *Rule, part func()) {
	defer func() {
		if v := recover(); v != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.failed == nil {
				r.failed = map[*Rule]error{}
			}
			if r.failed[rule] == nil {
				r.failed[rule] = fmt.Errorf("the rule %s has crashed: %v\n%s", rule.Name, v, debug.Stack())
			}
		}
	}()
	part()
}

// Run checks a file with the rules. prev, which may be nil, is the result for an earlier state of the same
// document: findings that nothing has touched are taken from it. The result is nil if ctx is done before.
func Run(ctx context.Context, in Input, prev *Results) *Results {
	g := in.Graph
	if TooMuch(g, in.Build.Context) {
		in.Build.Context = nil
	}
	all := in.Rules
	res := &Results{in: in, tooLong: TooLong(g)}
	var changes *stages.Changes
	if prev != nil {
		changes = stages.Between(prev.in.Graph, g)
	}
	res.evidence = in.Build.evidence(g, prev, changes)
	res.doubted = in.Build.doubted(res.evidence)
	if prev != nil && (prev.tooLong != res.tooLong || prev.in.Path != in.Path || !slices.Equal(prev.in.Rules, in.Rules) || !prev.in.Settings.equal(in.Settings) || prev.in.Graph.File.Escape != g.File.Escape || !maps.Equal(prev.in.Build.Contexts, in.Build.Contexts) || !maps.Equal(prev.in.Build.Made, in.Build.Made)) {
		prev = nil
	}
	active := make([]*Rule, 0, len(all))
	needed := in.needed()
	for _, rule := range all {
		if (rule.Always || !res.tooLong) && in.Settings.Of(rule) != Off && needed(rule) {
			active = append(active, rule)
		}
	}
	res.active = active
	known := newEarlier(prev, res, changes)
	passes := make([]*Pass, len(g.Stages))
	suppressed := fileIgnores(g)
	for _, s := range g.Stages {
		res.froms = append(res.froms, s.Steps[0])
	}
	for i, s := range g.Stages {
		passes[i] = res.pass(s)
		r := res.checkStage(ctx, active, passes[i], known)
		if r == nil {
			return nil
		}
		res.stages = append(res.stages, r)
		suppressed.add(r.ignores)
	}
	filePass := res.pass(nil)
	filePass.used = map[ignored]bool{}
	l := &list{res: res, ignores: suppressed}
	for i := range g.Stages {
		filePass.use(res.stages[i].ignores.used)
		l.add(res.stages[i].shown, passes[i])
	}
	filePass.everyAsk = make(map[*Rule]asked, len(active))
	for i, rule := range active {
		var all asked
		for _, r := range res.stages {
			all |= r.asks[i]
		}
		filePass.everyAsk[rule] = all
	}
	l.add(res.checkFile(active, (*Rule).file, filePass), filePass)
	if ctx.Err() != nil {
		return nil
	}
	filePass.use(l.ignores.used)
	l.add(res.checkFile(active, (*Rule).after, filePass), filePass)
	res.Diagnostics = l.show()
	res.tellInferred(filePass.everyAsk)
	return res
}

// needed tells which rules run: those that are asked for, and those that they yield to.
func (in Input) needed() func(*Rule) bool {
	if in.Only == nil {
		return func(*Rule) bool { return true }
	}
	var others []string
	for _, r := range in.Rules {
		if len(r.Yields) > 0 && in.Only(r) {
			others = append(others, r.Yields...)
		}
	}
	return func(rule *Rule) bool { return in.Only(rule) || slices.Contains(others, rule.Name) }
}

// tellInferred has the first finding that rests on the build context say that nobody has told which folder that is.
// If that is a guess, no fix of theirs is safe.
func (r *Results) tellInferred(asks map[*Rule]asked) {
	if r.in.Build.Inferred == "" || r.doubted {
		return
	}
	told := false
	for i := range r.Diagnostics {
		d := &r.Diagnostics[i]
		if asks[d.Rule]&askedContext == 0 {
			continue
		}
		if fixes := d.fixes; r.in.Build.Guessed && fixes != nil {
			d.fixes = func() []Fix { return suggestedOnly(fixes()) }
		}
		if !told {
			told = true
			d.alone = d.Message
			d.Message += "; the build context is taken to be " + r.in.Build.Inferred + ", which has the files that the Dockerfile names: if it is another folder, set `context` in .layerwise.yaml"
		}
	}
}

func suggestedOnly(fixes []Fix) []Fix {
	fixes = slices.Clone(fixes)
	for i := range fixes {
		fixes[i].Safety = Suggested
	}
	return fixes
}

// pass is what the rules of a stage, or of the file, see.
func (r *Results) pass(s *stages.Stage) *Pass {
	return &Pass{Stage: s, path: r.in.Path, Rules: r.in.Rules, graph: r.in.Graph, set: r.in.Settings, results: r}
}

func (r *Rule) file() func(*Pass)  { return r.File }
func (r *Rule) after() func(*Pass) { return r.After }

func (r *Results) checkFile(rules []*Rule, hook func(*Rule) func(*Pass), p *Pass) (found []ruleFinding) {
	var none ignores // those of the whole file are applied later
	for _, rule := range rules {
		if hook(rule) == nil {
			continue
		}
		p.rule, p.asked = rule, 0
		p.report = func(f Finding) {
			if !none.covers(rule, f, nil) {
				found = append(found, ruleFinding{rule, f})
			}
		}
		r.guard(rule, func() { hook(rule)(p) })
		p.everyAsk[rule] |= p.asked
	}
	p.report = nil
	p.use(none.used)
	return found
}

// ruleFinding is a finding with its rule.
type ruleFinding struct {
	rule *Rule
	Finding
}

// list is what is to be shown of a file.
type list struct {
	res     *Results
	ignores ignores // of the whole file
	items   []item
}

type item struct {
	*ruleFinding
	pass     *Pass
	severity Severity
	start    int // in the text
}

// add takes up the findings that the suppressions of the whole file leave.
func (l *list) add(found []ruleFinding, p *Pass) {
	for i := range found {
		f := &found[i]
		if l.ignores.coversFile(f.rule, f.Finding) {
			continue
		}
		start := f.Span.Start
		if f.Step != nil {
			start += p.graph.Offset(f.Step)
		}
		if level := l.res.in.Settings.level(f.rule, f.Finding, l.res.in); level != Off {
			l.items = append(l.items, item{f, p, level, start})
		}
	}
}

// yield leaves out the findings whose rules yield to others at the same place, and then those of rules that nobody asked for, but
// that others yield to; see Rule.Yields.
func (l *list) yield() {
	type at struct {
		rule string
		step *stages.Step
	}
	wanted := map[string]bool{} // the rules that others yield to, if these have findings: few
	for _, it := range l.items {
		for _, rule := range it.rule.Yields {
			wanted[rule] = true
		}
	}
	others := map[at][]text.Span{}
	for _, it := range l.items {
		if it.Step != nil && wanted[it.rule.Name] {
			key := at{it.rule.Name, it.Step}
			others[key] = append(others[key], it.Span)
		}
	}
	l.items = slices.DeleteFunc(l.items, func(it item) bool {
		return it.Step != nil && slices.ContainsFunc(it.rule.Yields, func(rule string) bool {
			return slices.ContainsFunc(others[at{rule, it.Step}], it.Span.Overlaps)
		})
	})
	if only := l.res.in.Only; only != nil {
		l.items = slices.DeleteFunc(l.items, func(it item) bool { return !only(it.rule) })
	}
}

// maxShown is how many findings of one rule a file shows. Nobody reads more, but there may be one for
// each line of a file that is no Dockerfile.
const maxShown = 1000

// show places the findings in the order of the text. The last of a rule that has too many tells how
// many there are; a fact about another file, which several stages come upon, is told once.
func (l *list) show() (shown []Diagnostic) {
	l.yield()
	slices.SortStableFunc(l.items, func(a, b item) int { return a.start - b.start })
	number := map[*Rule]int{} // of findings; empty if there are few
	if len(l.items) > maxShown {
		for _, it := range l.items {
			number[it.rule]++
		}
	}
	type once struct {
		rule *Rule
		key  string
	}
	told := map[once]bool{}
	done := map[*Rule]int{}
	for _, it := range l.items {
		f := it.Finding
		if key := (once{it.rule, f.Once}); f.Once != "" {
			if told[key] {
				continue
			}
			told[key] = true
		}
		if more := number[it.rule] - maxShown; more > 0 {
			switch done[it.rule]++; {
			case done[it.rule] == maxShown+1:
				f = Finding{Step: f.Step, Span: f.Span, Message: Plain(fmt.Sprintf("%d more findings of this rule from here on are not shown", more)), stands: more}
			case done[it.rule] > maxShown:
				continue
			}
		}
		l.res.guard(it.rule, func() { shown = append(shown, place(it.rule, f, it.pass, it.severity)) })
	}
	if len(l.res.failed) > 0 {
		shown = slices.DeleteFunc(shown, func(d Diagnostic) bool { return l.res.failed[d.Rule] != nil })
	}
	return shown
}
