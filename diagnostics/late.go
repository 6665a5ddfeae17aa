package diagnostics

import (
	"slices"

	"layerwise/build/refusals"
	"layerwise/build/shellcheck"
	"layerwise/dockerfile/stages"
)

// Facts are what takes long to find out about a file. An editor shows the other findings first.
type Facts struct {
	Refusals []refusals.Refusal  // of BuildKit; see refusals.Find
	Remarks  []shellcheck.Remark // of ShellCheck; see shellcheck.Program.Find
}

// Any reports whether there is something to tell.
func (f Facts) Any() bool { return len(f.Refusals)+len(f.Remarks) > 0 }

// Refusals are what BuildKit refuses. Only Rule.Late may ask.
func (p *Pass) Refusals() []refusals.Refusal { return p.late.Refusals }

// Remarks are what ShellCheck says, without what rules of our own judge. Only Rule.Late may ask.
func (p *Pass) Remarks() (list []shellcheck.Remark) {
	owned := map[string]bool{}
	for _, rule := range p.Rules {
		if rule.Passes == "" && p.set.Of(rule) != Off {
			for _, code := range rule.IDs(ShellCheck) {
				owned[code] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(p.late.Remarks), func(r shellcheck.Remark) bool { return owned[r.Code] })
}

// PassesOn reports whether one of the rules that passes on findings of the tool is on: whether that is to be asked.
func PassesOn(rules []*Rule, set Settings, tool Tool) bool {
	return slices.ContainsFunc(rules, func(r *Rule) bool { return r.Passes == tool && set.Of(r) != Off })
}

// StepAt is the step of an instruction, by its number in the file. Only Rule.Late may ask.
func (p *Pass) StepAt(instruction int) *stages.Step { return p.graph.StepAt(instruction) }

// Told reports whether a finding of the rule at the step is shown already: one cause gives one finding. Only Rule.Late may ask.
func (p *Pass) Told(rule *Rule, s *stages.Step) bool {
	return slices.ContainsFunc(p.results.Diagnostics, func(d Diagnostic) bool {
		return d.Rule == rule && d.step != nil && d.step.Instr == s.Instr
	})
}

// WithFacts are the results' findings and those that the facts bring, sorted by place. The results stay as
// they are.
func (r *Results) WithFacts(facts Facts) []Diagnostic {
	if !facts.Any() {
		return r.Diagnostics
	}
	var active []*Rule
	for _, rule := range r.in.Rules {
		if rule.Late != nil && r.in.Settings.Of(rule) != Off {
			active = append(active, rule)
		}
	}
	p := r.pass(nil)
	p.used, p.everyAsk, p.late = map[ignored]bool{}, map[*Rule]asked{}, facts
	late := &list{res: r, ignores: fileIgnores(r.in.Graph)}
	for _, s := range r.stages {
		late.ignores.add(s.ignores)
	}
	late.add(r.checkFile(active, func(rule *Rule) func(*Pass) { return rule.Late }, p), p)
	all := append(slices.Clone(r.Diagnostics), late.show()...)
	slices.SortStableFunc(all, func(a, b Diagnostic) int { return a.Span.Start - b.Span.Start })
	return all
}
