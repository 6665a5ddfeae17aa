package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var yumClean = &diagnostics.Rule{
	Name:      "yum-clean",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3032"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0015"}, KICS: []string{"00481784-25aa-4a55-8633-3136dfcf4f37"}},
	Stage:     cleanUp(yumKey{}, func(os shell.OSPackages) bool { return os.Tool == "yum" }, ofPackages),
}

type yumKey struct{}
