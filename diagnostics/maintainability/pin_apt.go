package maintainability

import "layerwise/diagnostics"

var pinApt = &diagnostics.Rule{
	Name:     "pin-apt",
	Severity: diagnostics.Hint,
	Off:      true,
	Hadolint: []string{"DL3008"},
	Command:  pinsSystem("NAME=1.2.3-1", "apt"),
}
