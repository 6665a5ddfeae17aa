package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealClients replays what editors sent when a user opened a Dockerfile, looked at the findings,
// applied a quick fix and left: each request is answered, and the findings arrive in the form that
// the client asked for.
func TestRealClients(t *testing.T) {
	files, err := filepath.Glob("testdata/clients/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded clients", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var recorded struct {
				Client   string
				Messages []struct {
					ID     json.RawMessage `json:"id"`
					Method string          `json:"method"`
					Params json.RawMessage `json:"params"`
				}
			}
			if err := json.Unmarshal(raw, &recorded); err != nil {
				t.Fatal(err)
			}
			pulls := bytes.Contains(raw, []byte(`"textDocument/diagnostic"`))
			c := connect(t)
			opened, found := "", ""
			for _, m := range recorded.Messages {
				if m.ID == nil {
					c.body(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, m.Method, orNull(m.Params)))
				} else {
					c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, m.ID, m.Method, orNull(m.Params)))
					answer := c.answer(string(m.ID))
					if answer.Error != nil && answer.Error.Code != methodNotFound {
						t.Errorf("%s: %+v", m.Method, answer.Error)
					}
					switch m.Method {
					case "textDocument/hover":
						if !strings.Contains(string(answer.Result), "layer") {
							t.Errorf("hover %s", answer.Result)
						}
					case "textDocument/codeAction":
						if !strings.Contains(string(answer.Result), `"edit"`) {
							t.Errorf("code actions %s", answer.Result)
						}
					case "textDocument/diagnostic":
						if found == "" {
							found = string(answer.Result)
						}
					}
				}
				if m.Method == "textDocument/didOpen" {
					var p struct {
						TextDocument struct {
							URI     string
							Version int
						}
					}
					if err := json.Unmarshal(m.Params, &p); err != nil {
						t.Fatal(err)
					}
					opened = p.TextDocument.URI
					if !pulls {
						found = summary(c.diagnostics(opened, p.TextDocument.Version))
					}
				}
			}
			if !strings.Contains(found, "maintainer-deprecated") {
				t.Errorf("findings\n%s", found)
			}
			if opened == "" {
				t.Fatal("it opened nothing")
			}
			for _, m := range c.seen {
				switch m.Method {
				case "client/registerCapability", "workspace/configuration":
				case "textDocument/publishDiagnostics":
					if pulls {
						t.Errorf("sent to a client that asks: %s", m.Params)
					}
				case "workspace/diagnostic/refresh":
					if !pulls {
						t.Error("the server asks a client to ask that does not")
					}
				default:
					t.Errorf("the server sent %s %s", m.Method, m.Params)
				}
			}
			c.call("shutdown", "null")
			c.notify("exit", "null")
			if code := c.exited(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func orNull(raw json.RawMessage) string {
	if raw == nil {
		return "null"
	}
	return string(raw)
}
