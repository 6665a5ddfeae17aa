package maintainability

import "layerwise/diagnostics"

var pinNpm = &diagnostics.Rule{
	Name:     "pin-npm",
	Severity: diagnostics.Info,
	Hadolint: []string{"DL3016"},
	Command:  pins("npm"),
}
