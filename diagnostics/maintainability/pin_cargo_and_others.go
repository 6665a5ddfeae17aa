package maintainability

import "layerwise/diagnostics"

var pinCargoAndOthers = &diagnostics.Rule{
	Name:     "pin-cargo-and-others",
	Severity: diagnostics.Info,
	Command:  pins("other"),
}
