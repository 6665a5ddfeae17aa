package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// project makes a folder with files, and returns its path and the URI of its Dockerfile.
func project(t testing.TB, files map[string]string) (dir, uri string) {
	t.Helper()
	dir = t.TempDir()
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, "file://" + filepath.Join(dir, "Dockerfile")
}

var python = map[string]string{
	"requirements.txt": "flask==3.0\n",
	"app.py":           "print()\n",
	"Dockerfile":       pythonDockerfile,
}

const pythonDockerfile = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n"

type codeAction struct {
	Title       string `json:"title"`
	Kind        string `json:"kind"`
	IsPreferred bool   `json:"isPreferred"`
	Diagnostics []diagnostic
	Edit        struct {
		Changes         map[string][]textEdit `json:"changes"`
		DocumentChanges []struct {
			Kind         string `json:"kind"`
			URI          string `json:"uri"`
			TextDocument struct {
				URI     string `json:"uri"`
				Version *int   `json:"version"`
			} `json:"textDocument"`
			Edits []textEdit `json:"edits"`
		} `json:"documentChanges"`
	} `json:"edit"`
}

type textEdit struct {
	Range   lspRange `json:"range"`
	NewText string   `json:"newText"`
}

func (c *client) actions(uri, span, only string) (actions []codeAction) {
	c.t.Helper()
	if err := json.Unmarshal(c.result("textDocument/codeAction", actionsAt(uri, span, only)), &actions); err != nil {
		c.t.Fatal(err)
	}
	return actions
}

// apply makes the edits, as an editor would whose columns are in UTF-16.
func apply(text string, edits []textEdit) string { return applyIn("utf-16", text, edits) }

func applyIn(encoding, text string, edits []textEdit) string {
	for _, e := range slices.Backward(edits) {
		text = text[:offset(encoding, text, e.Range.Start)] + e.NewText + text[offset(encoding, text, e.Range.End):]
	}
	return text
}

// offset is the byte at a position.
func offset(encoding, text string, p lspPosition) int {
	start := 0
	for range p.Line {
		start += strings.IndexByte(text[start:], '\n') + 1
	}
	if encoding == "utf-8" {
		return start + p.Character
	}
	units := 0
	for i, r := range text[start:] {
		if units >= p.Character {
			return start + i
		}
		units += utf16.RuneLen(r)
	}
	return len(text)
}

const (
	withDocumentChanges = `{"workspace":{"workspaceEdit":{"documentChanges":true}},"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["","quickfix","source"]}}}}}`
	fixedPython         = "FROM python:3.12-slim\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\nCMD [\"python\", \"app.py\"]\n"
)

// TestQuickFix is the example that the product exists for, in a client with versions and in one that
// knows the plain form of edits only and can apply nothing when asked.
func TestQuickFix(t *testing.T) {
	for _, capabilities := range []string{`{}`, withDocumentChanges} {
		_, uri := project(t, python)
		c := start(t, capabilities)
		c.openAs(uri, "dockerfile", 7, pythonDockerfile)
		var found diagnostic
		for _, d := range c.diagnostics(uri, 7) {
			if d.Code == "copy-before-install" {
				found = d
			}
		}
		if found.Range.Start.Line != 1 || found.Severity != 2 || found.Source != "layerwise" {
			t.Fatalf("%s: found %+v", capabilities, found)
		}
		actions := c.actions(uri, "1:0-1:0", "")
		if len(actions) == 0 || !strings.Contains(actions[0].Title, "Move `COPY requirements.txt` above `RUN pip install`") {
			t.Fatalf("%s: actions %+v", capabilities, actions)
		}
		a := actions[0]
		if a.Kind != "quickfix" || len(a.Diagnostics) != 1 || a.Diagnostics[0].Code != found.Code {
			t.Errorf("action %+v", a)
		}
		var edits []textEdit
		if capabilities == "{}" {
			edits = a.Edit.Changes[uri]
		} else {
			edit := a.Edit.DocumentChanges[0]
			if edit.TextDocument.URI != uri || *edit.TextDocument.Version != 7 || a.Edit.Changes != nil {
				t.Errorf("edit %+v", a.Edit)
			}
			edits = edit.Edits
		}
		if got := apply(pythonDockerfile, edits); got != fixedPython {
			t.Errorf("fixed text\n%s\nwant\n%s", got, fixedPython)
		}
	}
}

func TestOnly(t *testing.T) {
	const uri = doc
	c := start(t, withDocumentChanges)
	c.open(uri, "FROM a:1\nMAINTAINER me\nUSER 1\n")
	c.diagnostics(uri, 1)
	for only, want := range map[string]string{
		"":                            "quickfix",
		`[]`:                          "quickfix",
		`[""]`:                        "quickfix",
		`["quickfix"]`:                "quickfix",
		`["quickfix.x"]`:              "",
		`["refactor"]`:                "",
		`["source.organizeImports"]`:  "",
		`["source.fixAll.other"]`:     "",
		`["source"]`:                  "source.fixAll.layerwise",
		`["source.fixAll"]`:           "source.fixAll.layerwise",
		`["source.fixAll.layerwise"]`: "source.fixAll.layerwise",
		`["refactor","source"]`:       "source.fixAll.layerwise",
	} {
		kinds := map[string]bool{}
		for _, a := range c.actions(uri, "1:0-1:0", only) {
			kinds[a.Kind] = true
		}
		if want == "" && len(kinds) > 0 || want != "" && (len(kinds) != 1 || !kinds[want]) {
			t.Errorf("only %s: %v, want %s", only, kinds, want)
		}
	}
}

func TestFixAll(t *testing.T) {
	c := start(t, `{}`)
	c.open(doc, "FROM a:1\nMAINTAINER me\nUSER 1\n")
	actions := c.actions(doc, "0:0-0:0", `["source.fixAll"]`)
	if len(actions) != 1 || actions[0].Kind != "source.fixAll.layerwise" {
		t.Fatalf("actions %+v", actions)
	}
	got := apply("FROM a:1\nMAINTAINER me\nUSER 1\n", actions[0].Edit.Changes[doc])
	if want := "FROM a:1\nLABEL org.opencontainers.image.authors=\"me\"\nUSER 1\n"; got != want {
		t.Errorf("fixed text\n%s", got)
	}
	if actions := c.actions(doc, "1:0-1:0", ""); !actions[0].IsPreferred {
		t.Errorf("the safe fix is not preferred: %+v", actions)
	}
}

// TestCreateFile offers a fix that creates a file where the client can create files, and only there.
func TestCreateFile(t *testing.T) {
	const create = "Create .dockerignore that leaves out Dockerfile"
	for capabilities, offered := range map[string]bool{
		`{}`: false,
		`{"workspace":{"workspaceEdit":{"documentChanges":true}}}`:                                                   false,
		`{"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["rename","delete"]}}}`:          false,
		`{"workspace":{"workspaceEdit":{"resourceOperations":["create"]}}}`:                                          true, // Neovim
		`{"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create","rename","delete"]}}}`: true,
	} {
		dir, uri := project(t, python)
		c := start(t, capabilities)
		c.open(uri, pythonDockerfile)
		c.diagnostics(uri, 1)
		found := false
		for _, a := range c.actions(uri, "1:0-1:0", "") {
			if a.Title != create {
				continue
			}
			found = true
			ignore := "file://" + filepath.Join(dir, ".dockerignore")
			changes := a.Edit.DocumentChanges
			if len(changes) != 2 || changes[0].Kind != "create" || changes[0].URI != ignore ||
				changes[1].TextDocument.URI != ignore || changes[1].TextDocument.Version != nil ||
				len(changes[1].Edits) != 1 || changes[1].Edits[0].NewText != "Dockerfile\n**/__pycache__\n**/.venv\n.dockerignore\n" {
				t.Errorf("edit %+v", a.Edit)
			}
		}
		if found != offered {
			t.Errorf("%s: offered: %v, want %v", capabilities, found, offered)
		}
	}
}

func TestUnknownKindsAreKept(t *testing.T) {
	_, uri := project(t, python)
	c := start(t, `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["refactor"]}}}}}`)
	c.open(uri, pythonDockerfile)
	if actions := c.actions(uri, "1:0-1:0", ""); len(actions) > 0 {
		t.Errorf("a client that knows refactorings only got %+v", actions)
	}
}
