package images_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/build/images"
)

func TestPaths(t *testing.T) {
	for _, test := range []struct{ ref, want string }{
		{"ghcr.io/astral-sh/uv", "/uv (the program that it starts), /io/ (its working directory)"},
		{"caddy:2", "/srv/ (its working directory), /config/ (its $XDG_CONFIG_HOME), /data/ (its $XDG_DATA_HOME)"},
		{"gcr.io/distroless/static-debian12", "/etc/ssl/certs/ca-certificates.crt (its $SSL_CERT_FILE)"},
		{"golang:1.25-nanoserver", ""},
		{"acme/unknown", ""},
	} {
		f, _ := images.Lookup(test.ref, "")
		var got []string
		for _, p := range f.Paths() {
			got = append(got, fmt.Sprintf("%s (%s)", p.Path, p.What))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: %s, want %s", test.ref, got, test.want)
		}
	}
}
