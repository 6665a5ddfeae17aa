package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var zypperClean = &diagnostics.Rule{
	Name:      "zypper-clean",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3036"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0020"}, KICS: []string{"38300d1a-feb2-4a48-936a-d1ef1cd24313"}, Semgrep: []string{"missing-zypper-clean"}},
	Stage:     cleanUp(zypperKey{}, func(os shell.OSPackages) bool { return os.Manager == "zypper" }, ofPackages),
}

type zypperKey struct{}
