package maintainability

import "layerwise/diagnostics"

var pinApk = &diagnostics.Rule{
	Name:     "pin-apk",
	Severity: diagnostics.Hint,
	Off:      true,
	Hadolint: []string{"DL3018"},
	Command:  pinsSystem("NAME=~1.2", "apk"),
}
