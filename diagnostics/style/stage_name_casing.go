package style

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var stageNameCasing = &diagnostics.Rule{
	Name:     "stage-name-casing",
	Severity: diagnostics.Hint,
	BuildKit: []string{"StageNameCasing"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		in := s.Instr
		if in.Name != "FROM" || len(in.Words) != 3 || in.Cmd() == nil {
			return
		}
		name := in.Words[2]
		lower := strings.ToLower(name.Text)
		if name.Text == lower {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: name.Span,
			Message: diagnostics.Plain("BuildKit knows this stage as " + lower + ", and a later FROM finds it by that name only; write it in lower case"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.FixBy("Write "+words.Code(lower)+", here and where it is used", diagnostics.Safe, func(c *rewrite.Change) { lowerName(p, c, s, lower) })
			},
		})
	},
}

// lowerName writes a stage's name in lower case wherever it stands. BuildKit compares names in lower case, those of
// --target and of named contexts too, so that nothing else changes.
func lowerName(p *diagnostics.Pass, c *rewrite.Change, s *stages.Step, lower string) {
	c.ReplaceWord(s, s.Instr.Words[2].Span, lower)
	names := p.Names()
	for _, r := range names.OfStage(s.Stage.Index) {
		step := names.Step(r)
		if written := r.Span.Of(step.Instr.Text); !r.Defines && strings.EqualFold(written, lower) && written != lower {
			c.ReplaceWord(step, r.Span, lower)
		}
	}
}
