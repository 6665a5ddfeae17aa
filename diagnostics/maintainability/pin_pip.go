package maintainability

import "layerwise/diagnostics"

var pinPip = &diagnostics.Rule{
	Name:     "pin-pip",
	Severity: diagnostics.Info,
	Hadolint: []string{"DL3013"},
	Command:  pins("pip"),
}
