package shell

import "testing"

func TestMoving(t *testing.T) {
	for src, want := range map[string]string{
		"git clone https://github.com/a/b /b":                           "https://github.com/a/b",
		"git clone -b main https://github.com/a/b":                      "https://github.com/a/b",
		"git clone -b v1.2 https://github.com/a/b":                      "",
		"git clone -b $REF https://github.com/a/b":                      "",
		"git clone /srv/a /b":                                           "",
		"curl -fsSLO https://example.com/releases/latest/tool":          "https://example.com/releases/latest/tool",
		"curl -fsSL https://raw.githubusercontent.com/a/b/main/x.sh":    "",
		"curl -fsSLO https://raw.githubusercontent.com/a/b/main/x.json": "https://raw.githubusercontent.com/a/b/main/x.json",
		"curl -fsSLO https://example.com/tool-latest.zip":               "https://example.com/tool-latest.zip",
		"curl -fsSLO https://example.com/example-main.gpg":              "",
		"curl -s https://api.example.com/releases/latest":               "https://api.example.com/releases/latest",
		"curl -fsSLO https://example.com/v1.2/tool":                     "",
		"curl -fsSLO https://example.com/mainframe/tool":                "",
		"wget https://main.example.com/tool":                            "",
		"pip install git+https://github.com/a/b":                        "git+https://github.com/a/b",
		"pip install git+https://github.com/a/b@main":                   "git+https://github.com/a/b@main",
		"pip install git+https://github.com/a/b@v1.2":                   "",
		"pip install flask":                                             "",
		"go install example.com/x@latest":                               "example.com/x@latest",
		"go install example.com/x@v1.2.3":                               "",
		"echo git clone https://github.com/a/b":                         "",
	} {
		w, _ := Source(src).Commands[0].Moving()
		if w.Text != want {
			t.Errorf("%s: %q, want %q", src, w.Text, want)
		}
	}
}

func TestAddressMoves(t *testing.T) {
	for address, want := range map[string]bool{
		"https://github.com/a/b.git":                          true,
		"https://github.com/a/b.git#main":                     true,
		"https://github.com/a/b.git#main:docs":                true,
		"git@github.com:a/b.git#develop":                      true,
		"https://github.com/a/b.git#v1.2.3":                   false,
		"https://github.com/a/b.git#" + "0f2d1c9e":            false,
		"https://example.org/latest/tool_amd64.jar":           true,
		"https://raw.githubusercontent.com/a/b/master/list":   true,
		"https://github.com/a/b/archive/master.tar.gz":        true,
		"https://github.com/a/b/archive/refs/heads/main.zip":  true,
		"https://github.com/a/b/archive/v1.2.tar.gz":          false,
		"https://example.org/domain.zip":                      false,
		"https://example.org/main.js":                         false,
		"https://example.org/v1.2/tool":                       false,
		"https://example.org/releases/download/v3/tool-amd64": false,
	} {
		if got := AddressMoves(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestAddressStays(t *testing.T) {
	for address, want := range map[string]bool{
		"https://github.com/x/y/raw/v1.0.8/0.12.4/lib.so":                                       true,
		"https://example.com/tool-1.2.3-linux-amd64":                                            true,
		"https://raw.githubusercontent.com/x/y/0123456789abcdef0123456789abcdef01234567/run.sh": true,
		"https://example.com/lib.so":                                                            false,
		"https://example.com/v2/tool":                                                           false, // of an interface
		"https://github.com/x/y/raw/main/1.0/lib.so":                                            false,
		"https://1.2.3.4/lib.so":                                                                false,
	} {
		if got := AddressStays(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
