package diagnostics

import (
	"maps"
	"slices"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
)

// Settings say which rules run, and with which severity.
type Settings struct {
	Severity map[string]Severity // by rule name, code or family; the narrowest wins
}

// Of is the severity that the settings give a rule, or fallback.
func (s Settings) Of(r *Rule, fallback Severity) Severity {
	for _, key := range []string{r.Name, r.Code, r.Family} {
		if severity, ok := s.Severity[key]; ok && key != "" {
			return severity
		}
	}
	return fallback
}

// Results are the findings of one state of one file, and what lets the next state reuse them.
type Results struct {
	Diagnostics []Diagnostic // sorted by place

	set     Settings
	context *files.Context
	tooLong bool
	stages  map[*stages.Stage]*stageResults
}

// stageResults are the findings of one stage, none left out.
type stageResults struct {
	exported, final bool
	children        int
	findings        []ruleFinding
	ignores         ignores // with what of them has silenced findings
}

type ruleFinding struct {
	rule *Rule
	Finding
}

// Run checks a file with the rules. c may be nil. prev, which may be nil, is the result for an
// earlier state of the same document: findings of stages that did not change are taken from it.
func Run(rules []*Rule, g *stages.Graph, c *files.Context, set Settings, prev *Results) *Results {
	if TooMuch(g, c) {
		c = nil
	}
	tooLong := TooLong(g)
	if tooLong {
		rules = slices.DeleteFunc(slices.Clone(rules), Suppressible)
	}
	if prev != nil && (prev.context != c || prev.tooLong != tooLong || !maps.Equal(prev.set.Severity, set.Severity)) {
		prev = nil
	}
	res := &Results{set: set, context: c, tooLong: tooLong, stages: make(map[*stages.Stage]*stageResults, len(g.Stages))}
	passes := make([]*Pass, len(g.Stages))
	all := fileIgnores(g)
	for i, s := range g.Stages {
		p := &Pass{
			Graph: g, Stage: s, Rules: rules,
			context: c, exported: g.Exported(s), final: g.Target == s, children: len(g.Children(s)),
		}
		passes[i] = p
		r := prev.reuse(p)
		if r == nil {
			r = checkStage(rules, set, p)
		}
		res.stages[s] = r
		all.add(r.ignores)
	}
	filePass := &Pass{Graph: g, Rules: rules, context: c, set: set, used: map[ignored]bool{}}
	l := &list{set: set, ignores: all}
	for i, s := range g.Stages {
		filePass.use(res.stages[s].ignores.used)
		l.add(res.stages[s].findings, passes[i])
	}
	l.add(checkFile(rules, (*Rule).file, filePass), filePass)
	filePass.use(l.ignores.used)
	l.add(checkFile(rules, (*Rule).after, filePass), filePass)
	res.Diagnostics = l.show()
	return res
}

func (r *Results) reuse(p *Pass) *stageResults {
	if r == nil {
		return nil
	}
	old := r.stages[p.Stage]
	if old == nil || old.exported != p.exported || old.final != p.final || old.children != p.children {
		return nil
	}
	return old
}

func checkStage(rules []*Rule, set Settings, p *Pass) *stageResults {
	r := &stageResults{exported: p.exported, final: p.final, children: p.children}
	r.ignores = stageIgnores(p.Stage)
	for _, rule := range rules {
		if rule.Stage == nil || set.Of(rule, rule.Severity) == Off {
			continue
		}
		p.report = func(f Finding) {
			if !r.ignores.covers(rule, f, p.Stage) {
				r.findings = append(r.findings, ruleFinding{rule, f})
			}
		}
		rule.Stage(p)
	}
	p.report = nil
	r.ignores.found = nil
	return r
}

func (r *Rule) file() func(*Pass)  { return r.File }
func (r *Rule) after() func(*Pass) { return r.After }

func checkFile(rules []*Rule, check func(*Rule) func(*Pass), p *Pass) (found []ruleFinding) {
	var none ignores // those of the whole file are applied later
	for _, rule := range rules {
		if check(rule) == nil || p.set.Of(rule, rule.Severity) == Off {
			continue
		}
		p.report = func(f Finding) {
			if !none.covers(rule, f, nil) {
				found = append(found, ruleFinding{rule, f})
			}
		}
		check(rule)(p)
	}
	p.report = nil
	p.use(none.used)
	return found
}

// list is what is to be shown of a file.
type list struct {
	set     Settings
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
		if l.ignores.coversFile(f.rule) {
			continue
		}
		severity := f.Severity
		if severity == Off {
			severity = f.rule.Severity
		}
		if severity = l.set.Of(f.rule, severity); severity == Off {
			continue
		}
		start := f.Span.Start
		if f.Step != nil {
			start += p.Graph.Offset(f.Step)
		}
		l.items = append(l.items, item{f, p, severity, start})
	}
}

// maxShown is how many findings of one rule a file shows. Nobody reads more, but there may be one for
// each line of a file that is no Dockerfile.
const maxShown = 1000

// show places the findings in the order of the text. The last of a rule that has too many tells how
// many there are.
func (l *list) show() (shown []Diagnostic) {
	slices.SortStableFunc(l.items, func(a, b item) int { return a.start - b.start })
	number := map[*Rule]int{} // of findings; empty if there are few
	if len(l.items) > maxShown {
		for _, it := range l.items {
			number[it.rule]++
		}
	}
	done := map[*Rule]int{}
	for _, it := range l.items {
		f := it.Finding
		if more := number[it.rule] - maxShown; more > 0 {
			switch done[it.rule]++; {
			case done[it.rule] == maxShown+1:
				f = Finding{Step: f.Step, Span: f.Span, Format: "%d more findings of this rule from here on are not shown", Args: []any{more}}
			case done[it.rule] > maxShown:
				continue
			}
		}
		shown = append(shown, place(it.rule, f, it.pass, it.severity))
	}
	return shown
}
