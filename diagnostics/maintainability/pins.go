package maintainability

import (
	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// pins is the check of the rules about packages of a language that are installed without a version: kind is that of
// shell.Loose.
func pins(kind string) func(*diagnostics.Pass, *stages.Step, *shell.Command) {
	return func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		if s.Instr.Name != "RUN" {
			return
		}
		l, ok := c.Unpinned()
		if !ok || l.Kind != kind {
			return
		}
		if l.Variable != "" {
			if _, set := copies.Variable(s, l.Variable); set {
				return
			}
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: l.Packages[0].Span,
			Message: diagnostics.Plain(words.Code(c.Phrase()) + " takes the newest version of " + words.Some(shell.Texts(l.Packages)) + " on the day of the build, so two builds can differ, and the next one fail; name a version: " + words.Code(l.Example)),
		})
	}
}
