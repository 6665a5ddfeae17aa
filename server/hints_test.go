package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"layerwise/language/hints"
	"layerwise/workspace"
)

// hints are those of the first lines of a document, a line each.
func (c *client) hints(uri string, lines int) (list string) {
	c.t.Helper()
	var found []struct {
		Position       lspPosition
		Label, Tooltip string
		PaddingLeft    bool
	}
	raw := c.result("textDocument/inlayHint", fmt.Sprintf(`{"textDocument":{"uri":%q},"range":{"start":{"line":0,"character":0},"end":{"line":%d,"character":0}}}`, uri, lines))
	if err := json.Unmarshal(raw, &found); err != nil {
		c.t.Fatal(err)
	}
	for _, h := range found {
		if !h.PaddingLeft || h.Tooltip == "" {
			c.t.Errorf("hint %+v", h)
		}
		list += fmt.Sprintf("%d:%d %s\n", h.Position.Line, h.Position.Character, h.Label)
	}
	return list
}

// hintsOn are settings with which all kinds of hints are shown.
const hintsOn = `{"settings":{"layerwise":{"hints":{"stages":true,"variables":true,"files":true}}}}`

const hinted = "ARG TAG=20\nFROM node:$TAG\nCOPY \"é🐳\" b /x/\nCOPY --from=0 a b\n"

// TestInlayHints answers for a part of a document, if hints are asked for in the settings. When files have come into the build context, and when another kind
// is wanted, a client is told to ask again, if it can be told.
func TestInlayHints(t *testing.T) {
	dir, uri := project(t, map[string]string{"é🐳": "12", "b": "3", "Dockerfile": hinted})
	c := start(t, `{"textDocument":{"inlayHint":{}},"workspace":{"inlayHint":{"refreshSupport":true}}}`)
	c.open(uri, hinted)
	c.diagnostics(uri, 1) // the build context is listed by then
	refreshed := func(what string) {
		t.Helper()
		c.await("a refresh: "+what, func(m message) bool { return m.Method == "workspace/inlayHint/refresh" })
	}
	if got := c.hints(uri, 9); got != "" {
		t.Errorf("nobody asked for %q", got)
	}
	c.notify("workspace/didChangeConfiguration", hintsOn)
	refreshed("hints are asked for")
	const number = "1:14 stage 0\n"
	c.until("1:14 = node:20\n"+number, func() string { return c.hints(uri, 2) })
	all := func(files string) string { return "1:14 = node:20\n" + number + files + "3:13 = FROM node:20\n" }
	if got, want := c.hints(uri, 9), all("2:16 2 files, 3 bytes\n"); got != want {
		t.Errorf("all: %q, want %q", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte("34567"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/b","type":2}]}`, dir))
	refreshed("another file")
	c.until(all("2:16 2 files, 7 bytes\n"), func() string { return c.hints(uri, 9) })
	c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":{"hints":{"stages":true,"variables":true}}}}`)
	refreshed("other settings")
	c.until(all(""), func() string { return c.hints(uri, 9) })
}

// TestHintKinds has the configuration know the kinds of hints.
func TestHintKinds(t *testing.T) {
	var kinds []string
	for _, kind := range hints.Kinds {
		kinds = append(kinds, string(kind))
	}
	if !slices.Equal(kinds, workspace.HintKinds) {
		t.Errorf("kinds %v, in the configuration %v", kinds, workspace.HintKinds)
	}
}

// TestOfferedToRecordedClients starts as each of the recorded clients does, and offers links and hints to those that
// show them, and signatures to all: Kate shows them without a word.
func TestOfferedToRecordedClients(t *testing.T) {
	for name, want := range map[string]string{
		"ale-3.3.0":       "signatures by text",
		"ale-4.0.0":       "signatures by text",
		"coc-2026-08":     "signatures with none active, links, hints",
		"eglot-1.17":      "signatures by text, hints",
		"eglot-1.9":       "signatures",
		"helix-25.07":     "signatures, links, hints",
		"kate-26.08":      "signatures by text, hints",
		"lsp-mode-8.0.0":  "signatures, links",
		"lsp4ij-0.20.2":   "signatures, links, hints",
		"neovim-0.10.4":   "signatures, hints",
		"neovim-0.12.4":   "signatures with none active, links, hints",
		"neovim-0.7.2":    "signatures",
		"vim-lsp-2026-04": "signatures by text, links, hints",
		"vscode-1.139":    "signatures with none active, links, hints",
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			var result struct{ Capabilities map[string]json.RawMessage }
			raw := c.result("initialize", recorded(t, name))
			if err := json.Unmarshal(raw, &result); err != nil {
				t.Fatal(err)
			}
			c.notify("initialized", "{}")
			c.open(doc, "FROM a\nRUN --mount=x=\nCOPY a b\n")
			got := ""
			if result.Capabilities["signatureHelpProvider"] != nil {
				got = "signatures"
				if help := c.signatureAt(2, 6); fmt.Sprint(help.Signatures[0].Parameters[1].Label) == "source" {
					got += " by text"
				}
				if help := c.signatureAt(1, 14); help != nil {
					got += " with none active"
				}
			}
			for _, offer := range []struct{ provider, what string }{{"documentLinkProvider", "links"}, {"inlayHintProvider", "hints"}} {
				if result.Capabilities[offer.provider] != nil {
					if got != "" {
						got += ", "
					}
					got += offer.what
				}
			}
			if got != want {
				t.Errorf("it gets %q, want %q", got, want)
			}
		})
	}
}

// recorded is what a recorded client says when it starts the server, of a workspace that is not there.
func recorded(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/clients/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var recording struct {
		Messages []struct {
			Method string
			Params struct{ ClientInfo, Capabilities json.RawMessage }
		}
	}
	if err := json.Unmarshal(raw, &recording); err != nil {
		t.Fatal(err)
	}
	for _, m := range recording.Messages {
		if m.Method == "initialize" {
			if m.Params.ClientInfo == nil {
				m.Params.ClientInfo = json.RawMessage("{}")
			}
			return fmt.Sprintf(`{"processId":null,"rootUri":null,"clientInfo":%s,"capabilities":%s}`, m.Params.ClientInfo, m.Params.Capabilities)
		}
	}
	t.Fatalf("%s does not start", name)
	return ""
}
