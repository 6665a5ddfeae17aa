package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var exportHasNoEffect = &diagnostics.Rule{
	Name:     "export-has-no-effect",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		for _, c := range shell.Of(s.Instr, s.Shell).Lost() {
			if _, ok := c.GoesTo(); !ok {
				reportLost(p, s, c)
				return // the others are the same mistake
			}
		}
	},
}

func reportLost(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
	what, do := words.Code(c.Phrase()), "do it in the RUN that needs it"
	list := c.Exports()
	switch {
	case len(c.Words) == 0:
		list, what = c.Assigns, words.Code(c.Assigns[0].Name+"=")
		do = "use ENV"
	case len(list) > 0:
		do = "use ENV"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain("What " + what + " sets here ends with this RUN, and no later instruction sees it; " + do),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if len(list) != 1 || !list[0].Value.Literal || strings.ContainsAny(list[0].Value.Text, "\"\\\n~") ||
				len(shell.Of(s.Instr, s.Shell).List) != 1 || len(s.Instr.Flags) > 0 || len(s.Instr.Heredocs) > 0 {
				return nil
			}
			value := list[0].Value.Text
			if value == "" || strings.ContainsAny(value, " \t'#") {
				value = `"` + value + `"`
			}
			change := p.Change()
			change.Replace(s, rewrite.Keyword(s, "ENV")+" "+list[0].Name+"="+value)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use ENV, which all later steps and the container see", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
