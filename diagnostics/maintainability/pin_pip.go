package maintainability

import "layerwise/diagnostics"

var pinPip = &diagnostics.Rule{
	Name:      "pin-pip",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3013"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"02d9c71f-3ee8-4986-9c27-1a20d0d19bfc"}},
	Command:   pins("pip"),
}
