package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var dnfClean = &diagnostics.Rule{
	Name:      "dnf-clean",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3040"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0019", "DS-0027"}, KICS: []string{"295acb63-9246-4b21-b441-7c1f1fb62dc0"}, Semgrep: []string{"missing-dnf-clean-all"}},
	Stage:     cleanUp(dnfKey{}, func(os shell.OSPackages) bool { return os.Manager == "dnf" && os.Tool != "yum" }, ofPackages),
}

type dnfKey struct{}

// ofPackages is what managers of rpm packages leave.
const ofPackages = "the downloaded package lists"
