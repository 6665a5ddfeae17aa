package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const doc = "file:///nowhere/Dockerfile"

// TestChanges sends changes and looks at where the syntax error FORM is found afterwards, which
// shows whether server and client have the same text.
func TestChanges(t *testing.T) {
	const text = "FROM a\nRUN echo 😀\nLABEL a=b\n"
	for name, test := range map[string]struct {
		changes string
		want    string // where FORM stands
	}{
		"whole text":          {`[{"text":"FROM a\n\nFORM b\n"}]`, "2:0-2:4"},
		"range":               {`[{"range":{"start":{"line":2,"character":0},"end":{"line":2,"character":5}},"text":"FORM"}]`, "2:0-2:4"},
		"with rangeLength":    {`[{"range":{"start":{"line":2,"character":0},"end":{"line":2,"character":5}},"rangeLength":5,"text":"FORM"}]`, "2:0-2:4"},
		"after an emoji":      {`[{"range":{"start":{"line":1,"character":11},"end":{"line":1,"character":11}},"text":"\nFORM x"}]`, "2:0-2:4"},
		"inside an emoji":     {`[{"range":{"start":{"line":1,"character":10},"end":{"line":1,"character":11}},"text":"\nFORM x\n"}]`, "2:0-2:4"},
		"one after the other": {`[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"# x\n"},{"range":{"start":{"line":3,"character":0},"end":{"line":3,"character":5}},"text":"FORM"}]`, "3:0-3:4"},
		"several cursors, last first": {`[{"range":{"start":{"line":2,"character":0},"end":{"line":2,"character":5}},"text":"FORM"},` +
			`{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":3}},"text":"ENV a=b\nRUN"},` +
			`{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"#\n"}]`, "4:0-4:4"},
		"whole text, then a range": {`[{"text":"FROM a\nRUN x\n"},{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":3}},"text":"FORM"}]`, "1:0-1:4"},
		"a range, then whole text": {`[{"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"text":"x"},{"text":"FROM a\nFORM\n"}]`, "1:0-1:4"},
		"a batch of four": {`[{"range":{"start":{"line":0,"character":6},"end":{"line":0,"character":6}},"text":" AS b"},` +
			`{"range":{"start":{"line":0,"character":11},"end":{"line":0,"character":11}},"text":"\nENV"},` +
			`{"range":{"start":{"line":1,"character":3},"end":{"line":1,"character":3}},"text":" c=d"},` +
			`{"range":{"start":{"line":3,"character":0},"end":{"line":3,"character":5}},"text":"FORM"}]`, "3:0-3:4"},
		"past the end of a line":     {`[{"range":{"start":{"line":0,"character":999},"end":{"line":0,"character":999}},"text":"\nFORM"}]`, "1:0-1:4"},
		"past the end of the text":   {`[{"range":{"start":{"line":99,"character":9},"end":{"line":100,"character":9}},"text":"FORM"}]`, "3:0-3:4"},
		"far past the end":           {`[{"range":{"start":{"line":4294967295,"character":4294967295},"end":{"line":1e300,"character":99999999999999999999}},"text":"FORM"}]`, "3:0-3:4"},
		"negative":                   {`[{"range":{"start":{"line":-1,"character":-1},"end":{"line":-7,"character":3}},"text":"FROM b\nFORM\n"}]`, "1:0-1:4"},
		"end before start":           {`[{"range":{"start":{"line":2,"character":5},"end":{"line":2,"character":0}},"text":"FORM"}]`, "2:0-2:4"},
		"no changes, then the rest":  {`[]`, ""},
		"null range is a whole text": {`[{"range":null,"text":"FROM a\nFORM\n"}]`, "1:0-1:4"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, "{}")
			c.open(doc, text)
			c.diagnostics(doc, 1)
			c.change(doc, 2, test.changes)
			got := ""
			for _, d := range c.diagnostics(doc, 2) {
				if strings.Contains(d.Message, "FORM") || d.Code == "unknown-instruction" {
					got = d.Range.String()
				}
			}
			if got != test.want {
				t.Errorf("FORM found at %q, want %q", got, test.want)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	c := start(t, "{}")
	c.openAs(doc, "dockerfile", 0, "FROM a\n")
	c.diagnostics(doc, 0)
	for _, version := range []int{5, 6, 8, 2147483647} { // Neovim jumps
		c.change(doc, version, `[{"text":"FROM a\n# a comment only\n"}]`)
		c.diagnostics(doc, version)
	}
}

func TestNewestVersionIsPublished(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM a\n")
	for v := 2; v <= 500; v++ {
		c.change(doc, v, `[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"text":"#\n"}]`)
	}
	c.diagnostics(doc, 500)
	last := 0
	for _, m := range c.seen {
		var p published
		if json.Unmarshal(m.Params, &p) == nil && p.Version != nil {
			if *p.Version < last {
				t.Fatalf("version %d after %d", *p.Version, last)
			}
			last = *p.Version
		}
	}
}

func TestCloseClears(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FORM a\n")
	if len(c.diagnostics(doc, 1)) == 0 {
		t.Fatal("no diagnostics")
	}
	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc))
	c.await("empty diagnostics", func(m message) bool {
		var p published
		return m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil &&
			p.URI == doc && len(p.Diagnostics) == 0
	})
	c.open(doc, "FORM a\n")
	if len(c.diagnostics(doc, 1)) == 0 {
		t.Error("no diagnostics after it was opened again")
	}
}

func TestNotOpen(t *testing.T) {
	c := start(t, "{}")
	c.change(doc, 2, `[{"text":"FORM a\n"}]`)
	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc))
	c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q},"text":"FROM a\\nRUN b"}`, doc))
	if r := c.result("textDocument/hover", hoverAt(doc, 0, 0)); string(r) != "null" {
		t.Errorf("hover: %s", r)
	}
	if r := c.result("textDocument/codeAction", actionsAt(doc, "0:0-0:0", "")); string(r) != "null" {
		t.Errorf("actions: %s", r)
	}
}

// actionsAt are the parameters of a codeAction request. only is a JSON list, or empty.
func actionsAt(uri, span, only string) string {
	var r lspRange
	fmt.Sscanf(span, "%d:%d-%d:%d", &r.Start.Line, &r.Start.Character, &r.End.Line, &r.End.Character)
	if only != "" {
		only = `,"only":` + only
	}
	return fmt.Sprintf(`{"textDocument":{"uri":%q},"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"context":{"diagnostics":[]%s}}`,
		uri, r.Start.Line, r.Start.Character, r.End.Line, r.End.Character, only)
}

func TestSaveTextIsNotTrusted(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM a\nRUN b\n")
	before := summary(c.diagnostics(doc, 1))
	c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q},"text":"FORM a\\nRUN b\\n"}`, doc))
	c.change(doc, 2, `[]`)
	if after := summary(c.diagnostics(doc, 2)); after != before {
		t.Errorf("after save:\n%swant\n%s", after, before)
	}
}

// TestStrangeURIs opens documents under names that are no usable path, some of which do not even
// parse. Each gets its diagnostics under the very same name.
func TestStrangeURIs(t *testing.T) {
	c := start(t, "{}")
	for _, uri := range []string{
		"untitled:Untitled-1", "untitled:Dockerfile", "inmemory://model/1", "file:///", "file://", "file:",
		"file://host/share/Dockerfile", "file:///a%20b/Dockerfile", "file:///a%2Fb/Dockerfile", "file:///a%00b/Dockerfile",
		"file:///c%3A/home/Dockerfile", "file:///C:/home/Dockerfile", "vscode-remote://ssh-remote+x/a/Dockerfile",
		"Dockerfile", "/a/Dockerfile", "file:///a/../../b/Dockerfile", "file:///a/%F0%9F%90%B3/Dockerfile", "file:///a/🐳/Dockerfile",
		"file:///%zz/Dockerfile", "http://[::1/Dockerfile", "x", "git:/a/Dockerfile?ref=HEAD#1", "untitled:" + strings.Repeat("a", 10000),
		"file:///" + strings.Repeat("a/", 100_000) + "Dockerfile",
	} {
		c.openAs(uri, "dockerfile", 3, "FORM a\n")
		if len(c.diagnostics(uri, 3)) == 0 {
			t.Errorf("%q: no diagnostics", uri)
		}
		if m := c.call("textDocument/hover", hoverAt(uri, 0, 0)); m.Error != nil {
			t.Errorf("%q: hover: %+v", uri, m.Error)
		}
	}
}

// TestOtherFiles opens what is no Dockerfile, although some editors say so.
func TestOtherFiles(t *testing.T) {
	c := start(t, "{}")
	for uri, language := range map[string]string{
		"file:///nowhere/Dockerfile.dockerignore":     "dockerfile",
		"file:///nowhere/.dockerignore":               "dockerfile",
		"file:///nowhere/app.Dockerfile.dockerignore": "",
		"file:///nowhere/.layerwise.yaml":             "yaml",
		"file:///nowhere/requirements.txt":            "pip-requirements",
	} {
		c.openAs(uri, language, 1, "FORM a\nnode_modules\n")
		c.change(uri, 2, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"text":"G"}]`)
		if r := c.result("textDocument/hover", hoverAt(uri, 0, 0)); string(r) != "null" {
			t.Errorf("%s: hover: %s", uri, r)
		}
	}
	c.open(doc, "FROM a\n")
	c.diagnostics(doc, 1)
	for _, m := range c.seen {
		var p published
		if json.Unmarshal(m.Params, &p) == nil && len(p.Diagnostics) > 0 {
			t.Errorf("published %+v", p)
		}
	}
}

func TestLanguages(t *testing.T) {
	c := start(t, "{}")
	for uri, language := range map[string]string{
		"file:///nowhere/Dockerfile-prod":   "dockerfile",
		"file:///nowhere/Dockerfile":        "docker", // Kate
		"file:///nowhere/x.containerfile":   "plaintext",
		"file:///nowhere/dockerfile.dev":    "",
		"file:///nowhere/anything":          "",
		"file:///nowhere/prod.Dockerfile":   "text",
		"file:///nowhere/Containerfile.dev": "text",
	} {
		c.openAs(uri, language, 1, "FORM a\nRUN b\n") // the text must say that dockerfile.dev is one
		if len(c.diagnostics(uri, 1)) == 0 {
			t.Errorf("%s (%s): no diagnostics", uri, language)
		}
	}
}

// TestTemplateBecomesDockerfile: what is shown follows the text, both ways.
func TestTemplateBecomesDockerfile(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "{{ x }}\nFROM a\nFORM b\n")
	c.change(doc, 2, `[{"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"text":""}]`)
	if got := summary(c.diagnostics(doc, 2)); !strings.Contains(got, "1:0-1:4 unknown-instruction") {
		t.Errorf("of the Dockerfile: %q", got)
	}
	c.change(doc, 3, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"{{ x }}\n"}]`)
	c.diagnostics(doc, 3)
	c.notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": doc}})
	c.await("no diagnostics of the template", func(m message) bool {
		return m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), `"diagnostics":[]`)
	})
	if got := string(c.result("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": doc}, "position": map[string]any{"line": 1, "character": 1}})); got != "null" {
		t.Errorf("hover of a template: %s", got)
	}
}
