package security

import "testing"

// TestIsFrom says which images a pattern of the option allows.
func TestIsFrom(t *testing.T) {
	for _, tt := range []struct {
		name, pattern string
		want          bool
	}{
		{"docker.io/library/node", "docker.io", true},
		{"docker.io/library/node", "hub.docker.com", true},
		{"docker.io/library/node", "docker.io/library", true},
		{"docker.io/acme/app", "docker.io/library", false},
		{"docker.io/acme/app", "docker.io/acme/*", true},
		{"docker.io/acmes/app", "docker.io/acme", false},
		{"registry.acme.dev/app", "*.acme.dev", true},
		{"acme.dev/app", "*.acme.dev", false},
		{"registry.acme.dev:5000/app", "*.acme.dev", false},
		{"registry.acme.dev:5000/app", "*.acme.dev:5000", true},
		{"evil.dev/docker.io/app", "docker.io", false},
		{"ghcr.io/acme/app", "ghcr.io/", true},
		{"ghcr.io/acme/app", "[", false},
	} {
		if got := isFrom(tt.name, tt.pattern); got != tt.want {
			t.Errorf("%s by %s: got %v", tt.name, tt.pattern, got)
		}
	}
}
