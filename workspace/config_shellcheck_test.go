package workspace

import "testing"

// TestForeignShellCheck: what hadolint's settings say of ShellCheck's codes, ours say of the same.
func TestForeignShellCheck(t *testing.T) {
	lines, err := ParseForeign(".hadolint.yaml", "ignored:\n  - SC2086\n  - SC3010\noverride:\n  error:\n    - SC2164\n")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, line := range lines {
		got[line.Rule] = line.Severity
	}
	for rule, severity := range map[string]string{
		"shellcheck/SC2086": "off", "shellcheck/SC2164": "error", "shellcheck/SC3010": "off", "bashism-in-sh": "off",
	} {
		if got[rule] != severity {
			t.Errorf("%s: %q, want %q", rule, got[rule], severity)
		}
	}
	cfg, problems := ParseConfig(".hadolint.yaml", "ignored: [SC2086]\n")
	if len(problems) > 0 || cfg.Rules["shellcheck/SC2086"] != "off" {
		t.Errorf("%v %v", cfg.Rules, problems)
	}
}
