package maintainability

import "layerwise/diagnostics"

var pinGem = &diagnostics.Rule{
	Name:     "pin-gem",
	Severity: diagnostics.Info,
	Hadolint: []string{"DL3028"},
	Command:  pins("gem"),
}
