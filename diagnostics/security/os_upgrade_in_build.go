package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var osUpgradeInBuild = &diagnostics.Rule{
	Name:      "os-upgrade-in-build",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3035"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0024"}, KICS: []string{"09fda05e-da85-4ee7-ab8d-2800a5e6e756", "682fe378-c180-4bd5-8a14-95fc285fb269", "8f6456be-0018-46db-9ce6-b3b6dc8d34d2", "989ab888-7d1e-410f-9dde-c64a1d367bf2", "d4895357-dd49-4ba5-b726-1bb81cb50989"}, Semgrep: []string{"avoid-apk-upgrade", "avoid-apt-get-upgrade", "avoid-dnf-update", "avoid-yum-update", "avoid-zypper-update"}},
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
