package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const untidy = "from alpine\r\n\r\n\r\n\r\nENV  é=🐳   b=2 \\\r\nc=3\r\nRUN a \\\r\n b\r\n\r\nUSER  me"

// TestFormatting asks for each way of formatting.
func TestFormatting(t *testing.T) {
	for name, test := range map[string]struct{ method, rest, want string }{
		"all":            {"formatting", `"options":{"tabSize":8,"insertSpaces":false}`, "FROM alpine\r\n\r\nENV é=🐳 b=2 \\\r\n    c=3\r\nRUN a \\\r\n b\r\n\r\nUSER me\r\n"},
		"one line":       {"rangeFormatting", `"range":{"start":{"line":4,"character":0},"end":{"line":5,"character":0}}`, strings.Replace(untidy, "ENV  é=🐳   b", "ENV é=🐳 b", 1)},
		"several lines":  {"rangesFormatting", `"ranges":[{"start":{"line":0,"character":2},"end":{"line":0,"character":3}},{"start":{"line":5,"character":0},"end":{"line":5,"character":1}}]`, strings.NewReplacer("from", "FROM", "c=3", "    c=3").Replace(untidy)},
		"a typed line":   {"onTypeFormatting", `"position":{"line":5,"character":0},"ch":"\n"`, untidy},
		"a typed escape": {"onTypeFormatting", `"position":{"line":6,"character":0},"ch":"\\"`, untidy},
		"an empty range": {"rangeFormatting", `"range":{"start":{"line":9,"character":0},"end":{"line":9,"character":0}}`, strings.Replace(untidy, "USER  me", "USER me\r\n", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, `{"textDocument":{"formatting":{},"rangeFormatting":{"rangesSupport":true},"onTypeFormatting":{}}}`)
			c.open(doc, untidy)
			var edits []textEdit
			if err := json.Unmarshal(c.result("textDocument/"+test.method, fmt.Sprintf(`{"textDocument":{"uri":%q},%s}`, doc, test.rest)), &edits); err != nil {
				t.Fatal(err)
			}
			if got := apply(untidy, edits); got != test.want {
				t.Errorf("got\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

// TestFormattingOptions: the editor's settings and the .editorconfig say how; what the request says of tabs does not.
func TestFormattingOptions(t *testing.T) {
	const src = "FROM alpine\nCOPY a \\\n    /c/\n"
	_, uri := project(t, map[string]string{"Dockerfile": src, ".editorconfig": "root = true\n[*]\nindent_size = 2\n"})
	c := start(t, `{"textDocument":{"formatting":{}}}`)
	c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":{"format":{"keywordCase":"lower","indent":8}}}}`)
	c.open(uri, src)
	var edits []textEdit
	if err := json.Unmarshal(c.result("textDocument/formatting", fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":8,"insertSpaces":false}}`, uri)), &edits); err != nil {
		t.Fatal(err)
	}
	if got, want := apply(src, edits), "from alpine\ncopy a \\\n  /c/\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
