package maintainability

import "layerwise/diagnostics"

var pinApk = &diagnostics.Rule{
	Name:      "pin-apk",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3018"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"d3499f6d-1651-41bb-a9a7-de925fea487b"}},
	Command:   pinsSystem("NAME=~1.2", "apk"),
}
