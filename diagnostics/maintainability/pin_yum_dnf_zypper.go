package maintainability

import "layerwise/diagnostics"

var pinYumDnfZypper = &diagnostics.Rule{
	Name:      "pin-yum-dnf-zypper",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3033", "DL3037", "DL3041"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"562952e4-0348-4dea-9826-44f3a2c6117b", "6452c424-1d92-4deb-bb18-a03e95d579c4", "93d88cf7-f078-46a8-8ddc-178e03aeacf1"}},
	Command:   pinsSystem("NAME-1.2.3", "dnf", "zypper"),
}
