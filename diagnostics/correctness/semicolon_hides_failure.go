package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var semicolonHidesFailure = &diagnostics.Rule{
	Name:     "semicolon-hides-failure",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" || s.Instr.JSON || len(s.Instr.Heredocs) > 0 {
			return
		}
		script := shell.Of(s.Instr, s.Shell)
		if !script.Known() || script.StopsAtFailure(s.Shell) || script.Traps() || strings.Contains(s.Instr.Text, "$?") {
			return
		}
		var first *shell.Command
		var between []text.Span // what stands between each such chain and the next statement
		for n, part := range script.List[:len(script.List)-1] {
			if part.End != ";" || part.Op == "||" {
				continue
			}
			if c := costly(script, n); c != nil {
				between = append(between, text.Span{Start: part.Span.End, End: script.List[n+1].Span.Start})
				if first == nil {
					first = c
				}
			}
		}
		if first != nil {
			reportSemicolons(p, s, first, between)
		}
	},
}

// costly is the first command of the chain that ends with the nth statement which installs or builds, and whose
// failure does not show in the script's result; nil if there is none.
func costly(script *shell.Script, n int) *shell.Command {
	for _, part := range script.Chain(n) {
		for _, c := range script.In(part) {
			os, ok := c.OSPackages()
			if !part.Negated && (ok && os.Refresh || c.Cost() >= shell.Packages) && !script.FailureShows(c) {
				return c
			}
		}
	}
	return nil
}

// reportSemicolons reports the first of several: the others are the same mistake.
func reportSemicolons(p *diagnostics.Pass, s *stages.Step, c *shell.Command, between []text.Span) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain("If " + words.Code(c.Phrase()) + " fails, the `;` behind it goes on, and the step may succeed without it; use `&&`"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			for _, span := range between {
				i := strings.IndexByte(span.Of(s.Instr.Text), ';')
				if i < 0 {
					return nil
				}
				by := " &&"
				if i > 0 {
					by = "&&"
				}
				change.ReplaceWord(s, text.Span{Start: span.Start + i, End: span.Start + i + 1}, by)
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Replace `;` with `&&`", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
