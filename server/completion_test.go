package server_test

import (
	"fmt"
	"testing"
)

// TestCompletion: each client gets edits and documentation as it takes them.
func TestCompletion(t *testing.T) {
	const src = "FROM alpine\nLABEL 🐳=1\nCOPY --li a b\n"
	for name, test := range map[string]struct{ capabilities, want string }{
		"all that there is": {
			`{"textDocument":{"completion":{"completionItem":{"insertReplaceSupport":true,"documentationFormat":["markdown","plaintext"]}}}}`,
			`{"isIncomplete":false,"items":[{"label":"--link","kind":10,"detail":"since Dockerfile 1.4","sortText":"0000","filterText":"--link",` +
				`"documentation":{"kind":"markdown","value":"makes the layer by itself, so that it does not rerun when a step above has changed, or the base image. Links in the destination path are not followed"},` +
				`"textEdit":{"newText":"--link","insert":{"start":{"line":2,"character":5},"end":{"line":2,"character":8}},"replace":{"start":{"line":2,"character":5},"end":{"line":2,"character":9}}}}]}`,
		},
		"little": {
			`{"textDocument":{"completion":{}}}`,
			`{"isIncomplete":false,"items":[{"label":"--link","kind":10,"detail":"since Dockerfile 1.4","sortText":"0000","filterText":"--link",` +
				`"documentation":"makes the layer by itself, so that it does not rerun when a step above has changed, or the base image. Links in the destination path are not followed",` +
				`"textEdit":{"newText":"--link","range":{"start":{"line":2,"character":5},"end":{"line":2,"character":8}}}}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, test.capabilities)
			c.open(doc, src)
			got := c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":2,"character":8}}`, doc))
			if !sameJSON(t, got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
