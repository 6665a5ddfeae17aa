package maintainability

import "layerwise/diagnostics"

var pinNpm = &diagnostics.Rule{
	Name:      "pin-npm",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3016"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"e36d8880-3f78-4546-b9a1-12f0745ca0d5"}},
	Command:   pins("npm"),
}
