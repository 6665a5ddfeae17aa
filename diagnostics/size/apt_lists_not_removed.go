package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var aptListsNotRemoved = &diagnostics.Rule{
	Name:       "apt-lists-not-removed",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3009"},
	Stage:      cleanUp(aptListsKey{}, func(os shell.OSPackages) bool { return os.Manager == "apt" }, "the package lists (some 20 MB)"),
}

type aptListsKey struct{}
