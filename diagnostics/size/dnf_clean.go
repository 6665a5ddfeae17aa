package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
)

var dnfClean = &diagnostics.Rule{
	Name:       "dnf-clean",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3040"},
	Stage:      cleanUp(dnfKey{}, func(os shell.OSPackages) bool { return os.Manager == "dnf" && os.Tool != "yum" }, ofPackages),
}

type dnfKey struct{}

// ofPackages is what managers of rpm packages leave.
const ofPackages = "the downloaded package lists"
