package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestGaps: when rules are silent because the build context, or the file, is too large or cannot be read,
// the user is told why, once.
func TestGaps(t *testing.T) {
	const text = "FROM a:1\nCOPY . .\nUSER 1\n"
	many := map[string]string{"Dockerfile": "FROM a:1\n" + strings.Repeat("COPY *"+strings.Repeat("a", 900)+" /x\n", 1500)}
	for i := range 800 {
		many[fmt.Sprint(i)] = ""
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string // after the folder; nothing is told if it is empty
	}{
		"deep":        {map[string]string{"Dockerfile": text, strings.Repeat("d/", 501) + "x": ""}, ": not all of the build context was looked at: it stops 500 directories deep"},
		"patterns":    {many, ": the build context was not looked at: it has too many files for all the patterns of the Dockerfile"},
		"long":        {map[string]string{"Dockerfile": text + strings.Repeat("RUN x\n", 11_000)}, "/Dockerfile: only the syntax was checked: a stage, with those that it builds on, has too many steps"},
		"ignore file": {map[string]string{"Dockerfile": text, ".dockerignore/x": ""}, ": the build context cannot be read: .dockerignore: not a regular file"},
		"no folder":   {map[string]string{"Dockerfile": text, ".layerwise.yaml": "context: gone\n"}, "/gone: the build context cannot be read: no such file or directory"},
		"whole":       {map[string]string{"Dockerfile": text, "x": ""}, ""},
	} {
		for _, capabilities := range []string{`{}`, `{"textDocument":{"diagnostic":{}}}`} {
			t.Run(name+" "+capabilities, func(t *testing.T) {
				dir, uri := project(t, test.files)
				c := start(t, capabilities)
				c.open(uri, test.files["Dockerfile"])
				pull := func() {
					if strings.Contains(capabilities, "diagnostic") {
						c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
					}
				}
				told := func(m message) bool { return m.Method == "window/showMessage" }
				want := "layerwise: " + dir + test.want
				if test.want != "" {
					pull()
					m := c.await("message", told)
					var p struct{ Message string }
					if err := json.Unmarshal(m.Params, &p); err != nil || p.Message != want {
						t.Errorf("told %q, want %q", p.Message, want)
					}
				}
				for version := 2; version < 5; version++ {
					c.change(uri, version, `[{"range":{"start":{"line":0,"character":8},"end":{"line":0,"character":8}},"text":"0"}]`)
					pull()
				}
				c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
				pull()
				c.call("shutdown", "null")
				for _, m := range c.seen {
					if told(m) {
						t.Errorf("told again: %s", m.Params)
					}
				}
			})
		}
	}
}
