package security

import (
	"strings"
	"testing"
)

// FuzzSecrets holds that quotes round a value make no difference, that what is a credential under any name is one under
// each, and that a settings file of one line is judged like its setting.
func FuzzSecrets(f *testing.F) {
	for _, seed := range [][2]string{
		{"DB_PASSWORD", "Tr0ub4dor"}, {"A", "postgres://app:Tr0ub4dor@db/app"}, {"KEY", ""}, {"_", "$"}, {"", "@"}, {"TOKEN", "://@"},
		{"X__Y", "Password=a;Server=b;"}, {"APP_SECRET", "DEADBEEF"}, {"aB", "é"}, {"_auth", "${X}"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		plain := strings.Trim(value, `"'`)
		if holdsSecret(name, plain) != holdsSecret(name, `"`+plain+`"`) {
			t.Errorf("quotes round %q make a difference for %s", plain, name)
		}
		if credentialIn(plain) != "" && !isPublished(name) && !holdsSecret(name, plain) {
			t.Errorf("%q is a credential, but not as %s", plain, name)
		}
		for _, file := range []string{".env", ".npmrc", ".netrc", ".git-credentials", "credentials.json", "a.key"} {
			holdsCredentials(file, name+"="+value)
		}
	})
}
