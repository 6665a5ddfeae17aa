package maintainability

import "layerwise/diagnostics"

var pinGem = &diagnostics.Rule{
	Name:      "pin-gem",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3028"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"22cd11f7-9c6c-4f6e-84c0-02058120b341"}},
	Command:   pins("gem"),
}
