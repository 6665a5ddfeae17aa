package shell_test

import (
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
)

// TestAsks: which commands of package managers wait for an answer, and what keeps them from asking.
func TestAsks(t *testing.T) {
	for line, want := range map[string]string{
		"apt-get install curl":                 "apt -y",
		"apt-get install --download-only curl": "apt -y",
		"aptitude upgrade":                     "apt -y",
		"apt-get install -fmy curl":            "",
		"apt-get -qq install curl":             "",
		"apt-get -q=2 install curl":            "",
		"apt-get -q install curl":              "apt -y",
		"apt-get install":                      "",
		"apt-get update":                       "",
		"yum groupinstall tools":               "yum -y",
		"dnf in curl":                          "dnf -y",
		"dnf --setopt=assumeyes=1 in curl":     "",
		"microdnf install curl":                "",
		"tdnf install curl":                    "dnf -y",
		"zypper in curl":                       "zypper -n",
		"zypper in -y curl":                    "",
		"apk add curl":                         "",
	} {
		got := ""
		if q, ok := commands(line)[0].Asks(); ok {
			got = q.Manager + " " + q.Option
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestLost: what a script changes in its shell at its end.
func TestLost(t *testing.T) {
	for line, want := range map[string]string{
		"cd /x":                       "cd /x",
		"make && cd /x && export A=b": "cd /x, export A=b",
		"cd /x && make":               "",
		"cd /x || exit 1":             "",
		"(cd /x)":                     "",
		"export A=b; make":            "",
		"A=b":                         "A=b",
		". ./install.sh":              "",
		". /venv/bin/activate":        ". /venv/bin/activate",
	} {
		got := ""
		for _, c := range shell.Of(syntax.Parse("FROM a\nRUN " + line + "\n").Instructions[1], sh).Lost() {
			if got != "" {
				got += ", "
			}
			got += line[c.Span.Start-len("RUN ") : c.Span.End-len("RUN ")]
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
