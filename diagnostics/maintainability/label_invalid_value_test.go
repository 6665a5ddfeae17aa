package maintainability

import "testing"

// TestKindsOfValues says what each option takes.
func TestKindsOfValues(t *testing.T) {
	for _, tt := range []struct {
		kind        string
		is          func(string) bool
		good, wrong []string
	}{
		{"url", isAddress, []string{"https://example.org/app", "ssh://git@example.org/app"}, []string{"", "acme/app", "example.org", "git@github.com:acme/app.git"}},
		{"rfc3339", isTime, []string{"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00"}, []string{"", "2026-01-31", "31 January 2026"}},
		{"spdx", license.MatchString, []string{"MIT", "Apache-2.0 OR (MIT AND GPL-2.0+)", "LicenseRef-acme"}, []string{"", "MIT License", "MIT, BSD"}},
		{"semver", version.MatchString, []string{"1.2.3", "1.0.0-rc.1+5"}, []string{"", "v1.2.3", "1.2", "latest"}},
		{"hash", hash.MatchString, []string{"4e1fab2", "43c5c43245ffff22fb8b75db2a9e70cea7b4f37d"}, []string{"", "main", "v1"}},
		{"email", email.MatchString, []string{"me@example.org"}, []string{"", "me", "me@localhost at home"}},
		{"text", isText, []string{"a"}, []string{"", " "}},
	} {
		for _, value := range tt.good {
			if !tt.is(value) {
				t.Errorf("%s does not take %q", tt.kind, value)
			}
		}
		for _, value := range tt.wrong {
			if tt.is(value) {
				t.Errorf("%s takes %q", tt.kind, value)
			}
		}
	}
}
