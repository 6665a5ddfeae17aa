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
