package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var yumClean = &diagnostics.Rule{
	Name:       "yum-clean",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3032"},
	Stage:      cleanUp(yumKey{}, func(os shell.OSPackages) bool { return os.Tool == "yum" }, ofPackages),
}

type yumKey struct{}
