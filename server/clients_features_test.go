package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRealClientsAtOnce starts as each of the recorded clients does, opens a Dockerfile, and asks at once for what
// all of them have had from a server for Dockerfiles: completion, hover and formatting. A client that completes needs
// an edit of the line that the cursor is in.
func TestRealClientsAtOnce(t *testing.T) {
	const whole = "FROM alpine AS base\ncopy   a b\nLABEL 🐳=1\n"
	const src = whole + "COPY --fr\n"
	for name, want := range clients {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			var result struct{ Capabilities map[string]json.RawMessage }
			if err := json.Unmarshal(c.result("initialize", recorded(t, name)), &result); err != nil {
				t.Fatal(err)
			}
			for _, provider := range []string{"completionProvider", "hoverProvider", "documentFormattingProvider"} {
				if result.Capabilities[provider] == nil {
					t.Errorf("it is not offered %s", provider)
				}
			}
			c.notify("initialized", "{}")
			c.open(doc, whole)

			at := func(line, character int) string {
				return fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":%d}}`, doc, line, character)
			}
			var hover struct{ Contents struct{ Kind, Value string } }
			if err := json.Unmarshal(c.result("textDocument/hover", at(1, 1)), &hover); err != nil || hover.Contents.Kind != want.hover || !strings.Contains(hover.Contents.Value, "layer") {
				t.Errorf("hover %+v: %v", hover, err)
			}

			var edits []textEdit
			raw := c.result("textDocument/formatting", fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":4,"insertSpaces":true}}`, doc))
			if err := json.Unmarshal(raw, &edits); err != nil {
				t.Fatal(err)
			}
			if got := applyIn(want.encoding, whole, edits); !strings.Contains(got, "\nCOPY a b\n") {
				t.Errorf("in order, it is\n%s", got)
			}

			var list struct {
				Items []struct {
					Label    string
					TextEdit struct {
						NewText                string
						Range, Insert, Replace *lspRange
					}
				}
			}
			c.change(doc, 2, fmt.Sprintf(`[{"text":%q}]`, src))
			if err := json.Unmarshal(c.result("textDocument/completion", at(3, 9)), &list); err != nil || len(list.Items) != 1 {
				t.Fatalf("completions %+v: %v", list, err)
			}
			edit := list.Items[0].TextEdit
			if edit.Range == nil {
				edit.Range = edit.Insert
			}
			if got := applyIn(want.encoding, src, []textEdit{{*edit.Range, edit.NewText}}); !strings.Contains(got, "\nCOPY --from") || strings.Contains(got, "--from-") {
				t.Errorf("completed, it is\n%s", got)
			}
		})
	}
}
