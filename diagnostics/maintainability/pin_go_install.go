package maintainability

import "layerwise/diagnostics"

var pinGoInstall = &diagnostics.Rule{
	Name:     "pin-go-install",
	Severity: diagnostics.Info,
	Hadolint: []string{"DL3062"},
	Command:  pins("go"),
}
