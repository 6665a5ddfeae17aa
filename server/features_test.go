package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCapabilities(t *testing.T) {
	for name, test := range map[string]struct{ client, want string }{
		"a client that can nothing": {
			`{}`,
			`{"positionEncoding":"utf-16","textDocumentSync":{"openClose":true,"change":2,"save":true},"hoverProvider":true,"signatureHelpProvider":{"triggerCharacters":["=",",","["],"retriggerCharacters":[","," "]},"declarationProvider":true,"definitionProvider":true,"referencesProvider":true,"documentHighlightProvider":true,"codeActionProvider":{"codeActionKinds":["quickfix","source.fixAll.layerwise"]},"codeLensProvider":{},"documentFormattingProvider":true,"documentRangeFormattingProvider":true,"renameProvider":true,"selectionRangeProvider":true,"executeCommandProvider":{"commands":["layerwise.chooseBuild","layerwise.openFile"]}}`,
		},
		"utf-8 among others, and pull": {
			`{"general":{"positionEncodings":["utf-32","utf-8","utf-16"]},"textDocument":{"diagnostic":{}}}`,
			`{"positionEncoding":"utf-8","textDocumentSync":{"openClose":true,"change":2,"save":true},"hoverProvider":true,"signatureHelpProvider":{"triggerCharacters":["=",",","["],"retriggerCharacters":[","," "]},"declarationProvider":true,"definitionProvider":true,"referencesProvider":true,"documentHighlightProvider":true,"codeActionProvider":{"codeActionKinds":["quickfix","source.fixAll.layerwise"]},"codeLensProvider":{},"documentFormattingProvider":true,"documentRangeFormattingProvider":true,"renameProvider":true,"selectionRangeProvider":true,"executeCommandProvider":{"commands":["layerwise.chooseBuild","layerwise.openFile"]},"diagnosticProvider":{"identifier":"layerwise","interFileDependencies":false,"workspaceDiagnostics":true}}`,
		},
		"folders and files": {
			`{"workspace":{"workspaceFolders":true,"symbol":{},"fileOperations":{"willRename":true,"didCreate":true,"didRename":true,"didDelete":true}}}`,
			`{"positionEncoding":"utf-16","textDocumentSync":{"openClose":true,"change":2,"save":true},"hoverProvider":true,"signatureHelpProvider":{"triggerCharacters":["=",",","["],"retriggerCharacters":[","," "]},"declarationProvider":true,"definitionProvider":true,"referencesProvider":true,"documentHighlightProvider":true,"codeActionProvider":{"codeActionKinds":["quickfix","source.fixAll.layerwise"]},"codeLensProvider":{},"workspaceSymbolProvider":true,"documentFormattingProvider":true,"documentRangeFormattingProvider":true,"renameProvider":true,"selectionRangeProvider":true,"executeCommandProvider":{"commands":["layerwise.chooseBuild","layerwise.openFile"]},"workspace":{"workspaceFolders":{"supported":true,"changeNotifications":true},"fileOperations":{"didCreate":{"filters":[{"scheme":"file","pattern":{"glob":"**/*"}}]},"didRename":{"filters":[{"scheme":"file","pattern":{"glob":"**/*"}}]},"willRename":{"filters":[{"scheme":"file","pattern":{"glob":"**/*"}}]},"didDelete":{"filters":[{"scheme":"file","pattern":{"glob":"**/*"}}]}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			var result struct {
				Capabilities json.RawMessage `json:"capabilities"`
				ServerInfo   struct{ Name, Version string }
			}
			raw := c.result("initialize", fmt.Sprintf(`{"processId":null,"rootUri":null,"capabilities":%s}`, test.client))
			if err := json.Unmarshal(raw, &result); err != nil {
				t.Fatal(err)
			}
			if string(result.Capabilities) != test.want {
				t.Errorf("capabilities\n%s\nwant\n%s", result.Capabilities, test.want)
			}
			if result.ServerInfo.Name != "layerwise" || result.ServerInfo.Version != "test" {
				t.Errorf("server info %+v", result.ServerInfo)
			}
		})
	}
}

// TestPositionEncodings has characters of two and four bytes before each place: in quotes, in a
// heredoc, and in what a fix replaces.
func TestPositionEncodings(t *testing.T) {
	const text = "FROM a:1\nRUN echo \"é🐳\" && curl -k https://a.de/x\nRUN <<EOF\necho é🐳; curl -k https://a.de/x\nEOF\nMAINTAINER \"é🐳\"\nUSER 1\n"
	for encoding, want := range map[string]struct{ quoted, heredoc, replaced string }{
		"utf-16": {"1:23-1:25", "3:15-3:17", "5:0-5:16"},
		"utf-8":  {"1:26-1:28", "3:18-3:20", "5:0-5:19"},
	} {
		c := start(t, fmt.Sprintf(`{"general":{"positionEncodings":[%q]}}`, encoding))
		c.open(doc, text)
		got := summary(c.diagnostics(doc, 1))
		for _, place := range []string{want.quoted, want.heredoc} {
			if !strings.Contains(got, place+" tls-verify-disabled\n") {
				t.Errorf("%s: no finding at %s in\n%s", encoding, place, got)
			}
		}
		// The end of MAINTAINER's line, as the client counts.
		_, end, _ := strings.Cut(want.replaced, "-")
		actions := c.actions(doc, end+"-6:0", "") // a cursor alone would mean the whole line
		if len(actions) > 0 {
			t.Errorf("%s: actions behind the finding: %+v", encoding, actions)
		}
		edits := c.actions(doc, "5:1-5:1", "")[0].Edit.Changes[doc]
		if len(edits) != 1 || fmt.Sprint(edits[0].Range) != want.replaced || !strings.Contains(edits[0].NewText, "é🐳") {
			t.Errorf("%s: edits %+v, want the range %s", encoding, edits, want.replaced)
		}
	}
}

func pull(uri, previous string) string {
	if previous != "" {
		previous = fmt.Sprintf(`,"previousResultId":%q`, previous)
	}
	return fmt.Sprintf(`{"textDocument":{"uri":%q}%s}`, uri, previous)
}

type report struct {
	Kind     string       `json:"kind"`
	ResultID string       `json:"resultId"`
	Items    []diagnostic `json:"items"`
}

func (c *client) pull(uri, previous string) (r report) {
	c.t.Helper()
	if err := json.Unmarshal(c.result("textDocument/diagnostic", pull(uri, previous)), &r); err != nil {
		c.t.Fatal(err)
	}
	return r
}

func TestPull(t *testing.T) {
	c := start(t, `{"textDocument":{"diagnostic":{},"publishDiagnostics":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
	c.open(doc, "FORM a\n")
	first := c.pull(doc, "")
	if first.Kind != "full" || len(first.Items) == 0 || first.ResultID == "" {
		t.Fatalf("first report %+v", first)
	}
	if r := c.pull(doc, first.ResultID); r.Kind != "unchanged" || r.ResultID != first.ResultID {
		t.Errorf("same state: %+v", r)
	}
	if r := c.pull(doc, "of another process"); r.Kind != "full" || len(r.Items) != len(first.Items) {
		t.Errorf("unknown previous result: %+v", r)
	}
	c.change(doc, 2, `[{"text":"FROM scratch\n"}]`)
	if r := c.pull(doc, first.ResultID); r.Kind != "full" || summary(r.Items) == summary(first.Items) {
		t.Errorf("after a change: %+v", r)
	}
	if r := c.pull("file:///not/open", ""); r.Kind != "full" || len(r.Items) != 0 {
		t.Errorf("not open: %+v", r)
	}
	for _, m := range c.seen {
		if m.Method == "textDocument/publishDiagnostics" {
			t.Errorf("pushed too: %s", m.Params)
		}
	}
}

// TestDiagnosticExtras sends what the client understands, and nothing else; of related places, those that the
// message does not name.
func TestDiagnosticExtras(t *testing.T) {
	const text = "FROM python:3.12-slim\nMAINTAINER me\nARG REVISION\nCOPY . .\nRUN pip install -r requirements.txt\nRUN ./build $REVISION\n"
	for capabilities, want := range map[string][2]bool{ // related places, tags
		`{}`: {false, false},
		`{"textDocument":{"publishDiagnostics":{"relatedInformation":true}}}`:                                 {true, false},
		`{"textDocument":{"publishDiagnostics":{"tagSupport":{"valueSet":[1]}}}}`:                             {false, false},
		`{"textDocument":{"publishDiagnostics":{"relatedInformation":true,"tagSupport":{"valueSet":[1,2]}}}}`: {true, true},
	} {
		_, uri := project(t, python)
		c := start(t, capabilities)
		c.open(uri, text)
		related, tags := false, false
		for _, d := range c.diagnostics(uri, 1) {
			related = related || d.Code == "volatile-arg-too-early" && len(d.Related) == 1 &&
				d.Related[0].Location.URI == uri && d.Related[0].Location.Range.Start.Line == 5
			if d.Code == "copy-before-install" && (len(d.Related) > 0 || !strings.Contains(d.Message, "(line 5)")) {
				t.Errorf("line 5 is not named once: %+v", d)
			}
			tags = tags || d.Code == "maintainer-deprecated" && len(d.Tags) == 1 && d.Tags[0] == 2
			if !want[0] && len(d.Related) > 0 || !want[1] && len(d.Tags) > 0 {
				t.Errorf("%s: not asked for: %+v", capabilities, d)
			}
		}
		if related != want[0] || tags != want[1] {
			t.Errorf("%s: related %v, tags %v, want %v", capabilities, related, tags, want)
		}
	}
}

func TestHoverFormats(t *testing.T) {
	for capabilities, want := range map[string]string{
		`{}`: "plaintext",
		`{"textDocument":{"hover":{"contentFormat":["plaintext"]}}}`:            "plaintext",
		`{"textDocument":{"hover":{"contentFormat":["markdown","plaintext"]}}}`: "markdown",
		`{"textDocument":{"hover":{"contentFormat":["markdown"]}}}`:             "markdown",
		`{"textDocument":{"hover":{"contentFormat":["plaintext","markdown"]}}}`: "plaintext", // the first is preferred
	} {
		_, uri := project(t, python)
		c := start(t, capabilities)
		c.open(uri, pythonDockerfile)
		var h struct {
			Contents struct{ Kind, Value string }
			Range    lspRange
		}
		if err := json.Unmarshal(c.result("textDocument/hover", hoverAt(uri, 2, 1)), &h); err != nil {
			t.Fatal(err)
		}
		if h.Contents.Kind != want || !strings.Contains(h.Contents.Value, "layer") || h.Range.Start.Line != 2 {
			t.Errorf("%s: %+v", capabilities, h)
		}
		if want == "plaintext" && strings.ContainsAny(h.Contents.Value, "`*[]") {
			t.Errorf("plain text with marks: %s", h.Contents.Value)
		}
	}
}

// TestPlainPage reads the page of a rule without marks, but with what they say.
func TestPlainPage(t *testing.T) {
	c := start(t, `{}`)
	c.open(doc, "# layerwise ignore=maintainer-deprecated\nFROM a:1\n")
	var h struct{ Contents struct{ Value string } }
	if err := json.Unmarshal(c.result("textDocument/hover", hoverAt(doc, 0, 20)), &h); err != nil {
		t.Fatal(err)
	}
	page := h.Contents.Value
	for _, want := range []string{"maintainer-deprecated\n\n", "\nExample\n\nbefore:\nFROM ", "\n\nafter:\nFROM ", "\n\nWhen to ignore\n\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.ContainsAny(page, "`#") {
		t.Errorf("marks in\n%s", page)
	}
}

// TestContextChanges edits files beside the Dockerfile: in the editor, with events, and by saving.
func TestContextChanges(t *testing.T) {
	dir, uri := project(t, map[string]string{"Dockerfile": "FROM a:1\nCOPY . .\nUSER 1\n", "app.py": "x"})
	c := start(t, `{}`)
	c.open(uri, "FROM a:1\nCOPY . .\nUSER 1\n")
	awaitFinding := func(what string, there bool) {
		t.Helper()
		c.await(what, func(m message) bool {
			var p published
			return m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil && p.URI == uri &&
				strings.Contains(summary(p.Diagnostics), "dockerignore-missing") == there
		})
	}
	awaitFinding("a finding: there is no .dockerignore", true)
	ignore := filepath.Join(dir, ".dockerignore")
	c.openAs("file://"+ignore, "ignore", 1, ".env\n")
	awaitFinding("none: there is one in the editor", false)
	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, "file://"+ignore))
	awaitFinding("a finding again: there is no such file", true)
	if err := os.WriteFile(ignore, []byte(".env\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":1}]}`, "file://"+ignore))
	awaitFinding("none after the event", false)
	if err := os.Remove(ignore); err != nil {
		t.Fatal(err)
	}
	c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
	awaitFinding("a finding after saving", true)
}

// answerRequest answers the next request of the server for the method.
func (c *client) answerRequest(method, result string) json.RawMessage {
	c.t.Helper()
	m := c.await(method, func(m message) bool { return m.Method == method })
	c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, m.ID, result))
	return m.Params
}

func TestRegistersOnlyWhatIsOffered(t *testing.T) {
	c := start(t, `{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true},"didChangeConfiguration":{"dynamicRegistration":true}}}`)
	params := string(c.answerRequest("client/registerCapability", "null"))
	for _, want := range []string{"workspace/didChangeWatchedFiles", "**/.dockerignore", "**/.layerwise.{yaml,yml}", "workspace/didChangeConfiguration"} {
		if !strings.Contains(params, want) {
			t.Errorf("no %s in %s", want, params)
		}
	}
	c = start(t, `{"workspace":{"didChangeConfiguration":{"dynamicRegistration":false}}}`)
	c.open(doc, "FROM a\n")
	c.diagnostics(doc, 1)
	time.Sleep(20 * time.Millisecond)
	c.result("shutdown", "null")
	for _, m := range c.seen {
		if m.Method != "" && m.Method != "textDocument/publishDiagnostics" {
			t.Errorf("sent %s %s", m.Method, m.Params)
		}
	}
}

func TestConfiguration(t *testing.T) {
	const text = "FROM a:1\nMAINTAINER me\n"
	found := func(t *testing.T, c *client, uri string, there bool) {
		t.Helper()
		c.await(fmt.Sprintf("maintainer-deprecated: %v", there), func(m message) bool {
			var p published
			return m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil && p.URI == uri &&
				strings.Contains(summary(p.Diagnostics), "maintainer-deprecated") == there
		})
	}
	const off = `{"rules":{"maintainer-deprecated":"off"}}`
	t.Run("initializationOptions", func(t *testing.T) {
		c := connect(t)
		c.result("initialize", `{"capabilities":{},"initializationOptions":`+off+`}`)
		c.notify("initialized", "{}")
		c.open(doc, text)
		found(t, c, doc, false)
		for _, nothing := range []string{`null`, `[]`, `{}`, `{"other":{"rules":{}}}`, `{"layerwise":null}`} {
			c.notify("workspace/didChangeConfiguration", `{"settings":`+nothing+`}`)
		}
		c.change(doc, 2, `[]`)
		found(t, c, doc, false)
	})
	t.Run("sent", func(t *testing.T) {
		c := start(t, `{}`)
		c.open(doc, text)
		found(t, c, doc, true)
		c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":`+off+`}}`)
		found(t, c, doc, false)
		c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":{}}}`)
		found(t, c, doc, true)
		c.notify("workspace/didChangeConfiguration", `{"settings":`+off+`}`)
		found(t, c, doc, false)
	})
	t.Run("of docker-langserver", func(t *testing.T) {
		const theirs = `{"docker":{"languageserver":{"diagnostics":{"deprecatedMaintainer":"%s","directiveCasing":"error","other":1},"formatter":{"ignoreMultilineInstructions":true}}}%s}`
		c := connect(t)
		c.result("initialize", `{"capabilities":{},"initializationOptions":`+fmt.Sprintf(theirs, "ignore", "")+`}`)
		c.notify("initialized", "{}")
		c.open(doc, text)
		found(t, c, doc, false)
		c.notify("workspace/didChangeConfiguration", `{"settings":`+fmt.Sprintf(theirs, "warning", "")+`}`)
		found(t, c, doc, true)
		c.notify("workspace/didChangeConfiguration", `{"settings":`+fmt.Sprintf(theirs, "error", `,"layerwise":`+off)+`}`)
		found(t, c, doc, false)
		c.notify("workspace/didChangeConfiguration", `{"settings":{"docker":{"languageserver":7}}}`)
		c.change(doc, 2, `[]`)
		found(t, c, doc, false)
	})
	t.Run("asked for", func(t *testing.T) {
		c := start(t, `{"workspace":{"configuration":true}}`)
		c.open(doc, text)
		found(t, c, doc, true) // not held up by the question
		params := string(c.answerRequest("workspace/configuration", `[`+off+`]`))
		if !strings.Contains(params, `"scopeUri":"`+doc+`"`) || !strings.Contains(params, `"section":"layerwise"`) {
			t.Errorf("asked %s", params)
		}
		found(t, c, doc, false)
		c.notify("workspace/didChangeConfiguration", `{"settings":null}`)
		c.answerRequest("workspace/configuration", `[null]`)
		found(t, c, doc, true)
	})
	t.Run("file", func(t *testing.T) {
		dir, uri := project(t, map[string]string{"Dockerfile": text, ".layerwise.yaml": "rules:\n  maintainer-deprecated: off\n"})
		c := start(t, `{}`)
		c.open(uri, text)
		found(t, c, uri, false)
		config := "file://" + filepath.Join(dir, ".layerwise.yaml")
		c.openAs(config, "yaml", 1, "rules:\n  maintainer-deprecatd: off\n")
		found(t, c, uri, true)
		c.await("problem in the file", func(m message) bool {
			var p published
			return json.Unmarshal(m.Params, &p) == nil && p.URI == config && len(p.Diagnostics) == 1 &&
				p.Diagnostics[0].Range.Start == lspPosition{1, 2} && strings.Contains(p.Diagnostics[0].Message, `did you mean "maintainer-deprecated"`)
		})
		c.change(config, 2, `[{"range":{"start":{"line":1,"character":21},"end":{"line":1,"character":21}},"text":"e"}]`)
		c.await("no problem", func(m message) bool {
			var p published
			return json.Unmarshal(m.Params, &p) == nil && p.URI == config && len(p.Diagnostics) == 0
		})
		found(t, c, uri, false)
	})
	t.Run("a build whose Dockerfile is not there", func(t *testing.T) {
		dir, uri := project(t, map[string]string{"Dockerfile": text, ".layerwise.yaml": "builds:\n  - dockerfile: Dockerfile\n  - dockerfile: web/Dockerfile\n"})
		c := start(t, `{}`)
		c.open(uri, text)
		c.await("warning in the file", func(m message) bool {
			var p published
			return json.Unmarshal(m.Params, &p) == nil && p.URI == "file://"+filepath.Join(dir, ".layerwise.yaml") && len(p.Diagnostics) == 1 &&
				p.Diagnostics[0].Range.Start == lspPosition{2, 16} && p.Diagnostics[0].Message == "there is no Dockerfile web/Dockerfile, so this build is ignored" &&
				strings.Contains(string(m.Params), `"severity":2`)
		})
	})
	t.Run("mistakes in settings are told once", func(t *testing.T) {
		c := start(t, `{}`)
		for range 3 {
			c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":{"rules":{"no-such":"off","maintainer-deprecated":"off"}}}}`)
		}
		m := c.await("message", func(m message) bool { return m.Method == "window/showMessage" })
		if !strings.Contains(string(m.Params), "no-such") {
			t.Errorf("told %s", m.Params)
		}
		c.open(doc, text)
		found(t, c, doc, false)
		for _, m := range c.seen {
			if m.Method == "window/showMessage" {
				t.Errorf("told again: %s", m.Params)
			}
		}
	})
}

// TestRefresh changes a file on disk under a client that pulls. Helix spells the capability its own way.
func TestRefresh(t *testing.T) {
	for _, capability := range []string{`"diagnostics"`, `"diagnostic"`} {
		const text = "FROM a:1\nCOPY . .\nUSER 1\n"
		dir, uri := project(t, map[string]string{"Dockerfile": text, "app.py": "x"})
		c := start(t, `{"textDocument":{"diagnostic":{}},"workspace":{`+capability+`:{"refreshSupport":true}}}`)
		c.open(uri, text)
		before := c.pull(uri, "")
		ignore := filepath.Join(dir, ".dockerignore")
		if err := os.WriteFile(ignore, []byte("Dockerfile\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":1}]}`, "file://"+ignore))
		c.answerRequest("workspace/diagnostic/refresh", "null")
		after := c.pull(uri, before.ResultID)
		if after.Kind != "full" || summary(after.Items) == summary(before.Items) {
			t.Errorf("%s: after the change %+v, before %+v", capability, after, before)
		}
	}
}
