package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var zypperClean = &diagnostics.Rule{
	Name:       "zypper-clean",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3036"},
	Stage:      cleanUp(zypperKey{}, func(os shell.OSPackages) bool { return os.Manager == "zypper" }, ofPackages),
}

type zypperKey struct{}
