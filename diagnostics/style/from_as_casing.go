package style

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var fromAsCasing = &diagnostics.Rule{
	Name:     "from-as-casing",
	Severity: diagnostics.Hint,
	BuildKit: []string{"FromAsCasing"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		in := s.Instr
		if in.Name != "FROM" || len(in.Words) != 3 || in.Cmd() == nil {
			return
		}
		as, want := in.Words[1], "AS"
		switch keyword := in.Keyword.Of(in.Text); {
		case keyword == strings.ToLower(keyword):
			want = "as"
		case keyword != strings.ToUpper(keyword):
			return // that is what instruction-casing reports
		}
		if as.Text == want {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: as.Span,
			Message: diagnostics.Plain(as.Text + " is not in the case of " + in.Keyword.Of(in.Text) + "; write " + words.Code(want)),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.FixBy("Write "+words.Code(want), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, as.Span, want) })
			},
		})
	},
}
