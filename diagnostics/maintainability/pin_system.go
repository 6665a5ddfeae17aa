package maintainability

import (
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// pinsSystem is the check of the rules about packages of the operating system without a version, for some managers.
func pinsSystem(example string, managers ...string) func(*diagnostics.Pass, *stages.Step, *shell.Command) {
	return func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		os, ok := c.OSPackages()
		if s.Instr.Name != "RUN" || !ok || !slices.Contains(managers, os.Manager) || c.InSubst {
			return
		}
		os, _ = withLists(s, c).OSPackages()
		if len(os.Unpinned) == 0 {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: os.Unpinned[0].Span,
			Message: diagnostics.Plain(words.Code(c.Phrase()) + " takes the versions that the distribution has on the day of the build: " + words.Some(shell.Texts(os.Unpinned)) + "; name them if builds have to be the same: " + words.Code(example)),
		})
	}
}

// withLists is the command with the packages that variables of the script or the Dockerfile list: apt-get install $buildDeps.
func withLists(s *stages.Step, c *shell.Command) *shell.Command {
	return c.Expand(func(w shell.Word) (string, bool) {
		name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(w.Text, "$"), "{"), "}")
		for _, v := range copies.EnvAt(s, c) {
			if v.Name == name && (w.Text == "$"+name || w.Text == "${"+name+"}") {
				return v.Value, v.Known
			}
		}
		return "", false
	})
}
