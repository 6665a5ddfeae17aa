package diagnostics

import (
	"slices"

	"layerwise/build/refusals"
	"layerwise/dockerfile/stages"
)

// Facts are what takes long to find out about a file. An editor shows the other findings first.
type Facts struct {
	Refusals []refusals.Refusal // of BuildKit; see refusals.Find
}

// Refusals are what BuildKit refuses. Only Rule.Late may ask.
func (p *Pass) Refusals() []refusals.Refusal { return p.late.Refusals }

// StepAt is the step of an instruction, by its number in the file. Only Rule.Late may ask.
func (p *Pass) StepAt(instruction int) *stages.Step { return p.graph.StepAt(instruction) }

// WithFacts are the results' findings and those that the facts bring, sorted by place. The results stay as
// they are.
func (r *Results) WithFacts(facts Facts) []Diagnostic {
	if len(facts.Refusals) == 0 {
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
	late.add(r.checkFile(active, func(rule *Rule) func(*Pass) { return rule.Late }, p), p)
	all := append(slices.Clone(r.Diagnostics), late.show()...)
	slices.SortStableFunc(all, func(a, b Diagnostic) int { return a.Span.Start - b.Span.Start })
	return all
}
