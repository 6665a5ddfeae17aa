package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var aptListsNotRemoved = &diagnostics.Rule{
	Name:      "apt-lists-not-removed",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3009"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"df746b39-6564-4fed-bf85-e9c44382303c"}, Semgrep: []string{"remove-package-cache", "remove-package-lists"}},
	Stage:     cleanUp(aptListsKey{}, func(os shell.OSPackages) bool { return os.Manager == "apt" }, "the package lists (some 20 MB)"),
}

type aptListsKey struct{}
