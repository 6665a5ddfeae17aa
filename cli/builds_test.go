package cli

import "testing"

// What may be a secret is not repeated to people.
func TestArgumentsThatAreSecret(t *testing.T) {
	for name, value := range map[string]string{
		"GITHUB_TOKEN": "x1", "npm_auth": "x1", "DB_PWD": "x1", "PASSPHRASE": "x1", "DB_PASS": "x1", "GH_PAT": "x1", "REPO": "https://u:x1@example.com/a",
	} {
		if got := argument(name, &value); got != name+" (set)" {
			t.Errorf("%s", got)
		}
	}
	for name, value := range map[string]string{"VERSION": "1.2", "PATH_PREFIX": "/a", "URL": "https://example.com/@scope", "COMPASS": "n"} {
		if got := argument(name, &value); got != name+"="+value {
			t.Errorf("%s", got)
		}
	}
}
