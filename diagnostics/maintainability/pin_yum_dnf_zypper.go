package maintainability

import "layerwise/diagnostics"

var pinYumDnfZypper = &diagnostics.Rule{
	Name:     "pin-yum-dnf-zypper",
	Severity: diagnostics.Hint,
	Off:      true,
	Hadolint: []string{"DL3033", "DL3037", "DL3041"},
	Command:  pinsSystem("NAME-1.2.3", "dnf", "zypper"),
}
