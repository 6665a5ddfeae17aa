package maintainability

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// pinsSystem is the check of the rules about packages of the operating system without a version, for some managers.
func pinsSystem(example string, managers ...string) func(*diagnostics.Pass, *stages.Step, *shell.Command) {
	return func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		os, ok := c.OSPackages()
		if s.Instr.Name != "RUN" || !ok || c.InSubst || len(os.Unpinned) == 0 {
			return
		}
		for _, m := range managers {
			if m == os.Manager {
				p.Report(diagnostics.Finding{
					Step: s, Span: os.Unpinned[0].Span,
					Message: diagnostics.Plain(words.Code(c.Phrase()) + " takes the versions that the distribution has on the day of the build: " + words.Some(shell.Texts(os.Unpinned)) + "; name them if builds have to be the same: " + words.Code(example)),
				})
			}
		}
	}
}
