package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var emptyContinuation = &diagnostics.Rule{
	Name:     "empty-continuation",
	Severity: diagnostics.Warning,
	BuildKit: []string{"NoEmptyContinuation"},
	Step:     checkContinuation,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkContinuation(p, s)
		}
	},
}

func checkContinuation(p *diagnostics.Pass, s *stages.Step) {
	blank := s.Instr.BlankLines()
	if len(blank) == 0 {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: text.Span{Start: blank[0].Start, End: blank[0].Start},
		Message: diagnostics.Plain("This blank line ends nothing, since the line above it is continued: what follows still belongs to the " + s.Instr.Name +
			", and a later release of BuildKit refuses such lines; remove it"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove the blank lines inside of this "+s.Instr.Name, diagnostics.Safe, func(c *rewrite.Change) { c.DropLines(s, blank) })
		},
	})
}
