package shell_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestSecrets says which words of a command are credentials.
func TestSecrets(t *testing.T) {
	for line, want := range map[string]string{
		"curl -u a:b https://x":                             "b by curl -u",
		"curl -ua:b https://x":                              "b by curl -u",
		"curl -u a https://x":                               "",
		`curl -H "Authorization: Bearer t" https://x`:       "t by curl -H",
		`curl -H "Accept: text/plain" https://x`:            "",
		"docker login -u a -p b":                            "b by docker login -p, kept",
		"docker run -p 80:80 x":                             "",
		"aws configure set p.aws_secret_access_key k":       "k by aws configure set, kept",
		"aws configure set region eu":                       "",
		"npm config set //r/:_authToken=t":                  "t by npm config set, kept",
		"npm config get //r/:_authToken":                    "",
		"composer config -g http-basic.r a b":               "b by composer config, kept",
		"gcloud auth activate-service-account --key-file=k": "file k by gcloud auth activate-service-account --key-file, kept",
		"cargo login t":                                     "t by cargo login, kept",
		"cargo login":                                       "",
	} {
		var found []string
		for _, s := range commands(line)[0].Secrets() {
			text := fmt.Sprintf("%s by %s", s.Value, s.By)
			if s.File {
				text = "file " + text
			}
			if s.Kept {
				text += ", kept"
			}
			found = append(found, text)
		}
		if got := strings.Join(found, "; "); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestSignatures says which commands do without signatures, and which check what was downloaded.
func TestSignatures(t *testing.T) {
	for line, want := range map[string]string{
		"apt-get install -y --allow-unauthenticated x":  "off by --allow-unauthenticated",
		"apt-get -o APT::Get::AllowUnauthenticated=1 x": "off by APT::Get::AllowUnauthenticated=1",
		"dnf install --setopt=r.gpgcheck=no x":          "off by r.gpgcheck=no",
		"dnf install --setopt=gpgcheck=1 x":             "",
		"rpm -q --nosignature x":                        "",
		"apk add --allow-untrusted ./x.apk":             "off by --allow-untrusted, files",
		"sha256sum -c sums":                             "verifies",
		"sha256sum a":                                   "verifies",
		"gpg --batch --verify a.asc a":                  "verifies",
		"gpg --import k":                                "",
		"cosign verify x":                               "verifies",
	} {
		c, got := commands(line)[0], ""
		if _, what, off := c.SignaturesOff(); off {
			got = "off by " + what
			if c.LocalPackages() {
				got += ", files"
			}
		}
		if c.Verifies() {
			got = "verifies"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
