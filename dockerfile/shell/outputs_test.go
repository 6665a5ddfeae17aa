package shell_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestOutputs says where commands put what they are given.
func TestOutputs(t *testing.T) {
	for line, want := range map[string]string{
		"echo a":                               "passes on",
		"cat f":                                "passes on",
		"curl -o f https://x":                  "",
		"cp a b /c":                            "copies a b to /c",
		"cp -t /c a":                           "copies a to /c",
		"install -d /c":                        "",
		"tee -a f":                             "passes on; fills f",
		"sed -i s/a/b/ f":                      "passes on; edits f",
		"sed s/a/b/ f":                         "passes on",
		"git clone https://x/y":                "keeps addresses",
		"git config --unset a":                 "keeps addresses; forgets",
		"git -C a remote set-url origin https": "keeps addresses; forgets",
		"git fetch https://x":                  "",
		"pip install git+https://x":            "",
		"docker logout":                        "forgets",
		"node --inspect=0.0.0.0 a.js":          "debugs by --inspect=0.0.0.0",
		"node a.js --inspected":                "",
		"uvicorn a:a --reload":                 "debugs by --reload",
		"python -m debugpy a.py":               "debugs by debugpy",
		"docker-php-ext-enable xdebug":         "adds xdebug",
		"docker-php-ext-install xdebug":        "",
	} {
		c := commands(line)[0]
		var found []string
		say := func(ok bool, what string) {
			if ok {
				found = append(found, what)
			}
		}
		say(c.PassesOn(), "passes on")
		from, to, ok := c.Copies()
		say(ok, "copies "+texts(from)+" to "+to.Text)
		say(len(c.Fills()) > 0, "fills "+texts(c.Fills()))
		say(len(c.EditsFiles()) > 0, "edits "+texts(c.EditsFiles()))
		say(c.KeepsAddress(), "keeps addresses")
		say(c.Forgets(), "forgets")
		w, ok := c.Debugs()
		say(ok, "debugs by "+w.Text)
		w, ok = c.AddsDebugger()
		say(ok, "adds "+w.Text)
		if got := strings.Join(found, "; "); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	for value, want := range map[string]bool{"FLASK_DEBUG=1": true, "FLASK_DEBUG=0": false, "NODE_ENV=Development": true, "NODE_ENV=production": false, "DEBUG=1": false} {
		name, value, _ := strings.Cut(value, "=")
		if shell.DebugVariable(name, value) != want {
			t.Errorf("%s=%s: want %v", name, value, want)
		}
	}
}
