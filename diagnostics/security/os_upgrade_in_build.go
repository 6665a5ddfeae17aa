package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var osUpgradeInBuild = &diagnostics.Rule{
	Name:     "os-upgrade-in-build",
	Severity: diagnostics.Hint,
	Off:      true,
	Hadolint: []string{"DL3035"},
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		os, ok := c.OSPackages()
		if !ok || !os.Upgrade || os.Install || len(os.Packages) > 0 || s.Instr.Name != "RUN" {
			return
		}
		severity, what := diagnostics.Hint, " brings fixes only when the step reruns, which the cache decides, and other packages on each machine"
		if os.Release {
			severity, what = diagnostics.Info, " may also remove packages and go to another release, and brings fixes only when the step reruns, which the cache decides"
		}
		p.Report(diagnostics.Finding{Step: s, Span: c.Span, Severity: severity, Message: diagnostics.Plain(
			words.Code(c.Phrase()) + what + "; pull the base image anew for its fixes, or build without the cache at fixed times")})
	},
}
