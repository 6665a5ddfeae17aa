package maintainability

import "layerwise/diagnostics"

var pinApt = &diagnostics.Rule{
	Name:      "pin-apt",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3008"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"965a08d7-ef86-4f14-8792-4a3b2098937e"}},
	Command:   pinsSystem("NAME=1.2.3-1", "apt"),
}
