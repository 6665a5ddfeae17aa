package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const outlined = "ARG é=🐳\nFROM alpine AS one\nRUN a && \\\n  b\nFROM one\nMAINTAINER me\n"

// TestOutline: each client gets of the outline what it can show.
func TestOutline(t *testing.T) {
	for name, test := range map[string]struct{ capabilities, symbols, folds string }{
		"a tree": {
			`{"textDocument":{"documentSymbol":{"hierarchicalDocumentSymbolSupport":true,"tagSupport":{"valueSet":[1]}},"foldingRange":{"lineFoldingOnly":true}}}`,
			`[{"name":"é","detail":"🐳","kind":13,"range":{"start":{"line":0,"character":4},"end":{"line":0,"character":8}},"selectionRange":{"start":{"line":0,"character":4},"end":{"line":0,"character":5}}},` +
				`{"name":"one","detail":"alpine · 1 step","kind":3,"range":{"start":{"line":1,"character":0},"end":{"line":3,"character":3}},"selectionRange":{"start":{"line":1,"character":15},"end":{"line":1,"character":18}},` +
				`"children":[{"name":"RUN a \u0026\u0026 b","detail":"layer 1","kind":6,"range":{"start":{"line":2,"character":0},"end":{"line":3,"character":3}},"selectionRange":{"start":{"line":2,"character":0},"end":{"line":2,"character":3}}}]},` +
				`{"name":"stage 1","detail":"one · 1 step","kind":3,"range":{"start":{"line":4,"character":0},"end":{"line":5,"character":13}},"selectionRange":{"start":{"line":4,"character":5},"end":{"line":4,"character":8}},` +
				`"children":[{"name":"MAINTAINER me","detail":"metadata","kind":7,"tags":[1],"range":{"start":{"line":5,"character":0},"end":{"line":5,"character":13}},"selectionRange":{"start":{"line":5,"character":0},"end":{"line":5,"character":10}}}]}]`,
			`[{"startLine":1,"endLine":3},{"startLine":2,"endLine":3},{"startLine":4,"endLine":5}]`,
		},
		"a list, and few folds": {
			`{"textDocument":{"documentSymbol":{},"foldingRange":{"rangeLimit":1}}}`,
			`[{"name":"é","kind":13,"location":L0:4-0:8},{"name":"one","kind":3,"location":L1:0-3:3},{"name":"RUN a \u0026\u0026 b","kind":6,"containerName":"one","location":L2:0-3:3},` +
				`{"name":"stage 1","kind":3,"location":L4:0-5:13},{"name":"MAINTAINER me","kind":7,"containerName":"stage 1","location":L5:0-5:13}]`,
			`[{"startLine":1,"endLine":3}]`,
		},
		"no folds": {
			`{"textDocument":{"documentSymbol":{"hierarchicalDocumentSymbolSupport":true},"foldingRange":{"rangeLimit":0}}}`, "", `[]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, test.capabilities)
			c.open(doc, outlined)
			about := fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc)
			if got := c.result("textDocument/documentSymbol", about); test.symbols != "" && !sameJSON(t, got, locations(test.symbols)) {
				t.Errorf("symbols\n%s\nwant\n%s", got, test.symbols)
			}
			if got := c.result("textDocument/foldingRange", about); !sameJSON(t, got, test.folds) {
				t.Errorf("folds\n%s\nwant\n%s", got, test.folds)
			}
		})
	}
}

// locations writes each place of the form L1:0-3:3 as a location in the document.
func locations(short string) string {
	parts := strings.Split(short, ":L")
	for i, p := range parts[1:] {
		var l1, c1, l2, c2 int
		place, rest, _ := strings.Cut(p, "}")
		fmt.Sscanf(place, "%d:%d-%d:%d", &l1, &c1, &l2, &c2)
		parts[i+1] = fmt.Sprintf(`:{"uri":%q,"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}}}}%s`, doc, l1, c1, l2, c2, rest)
	}
	return strings.Join(parts, "")
}

func sameJSON(t *testing.T, got json.RawMessage, want string) bool {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// TestSelectionRange answers each position, also one behind the end of the text.
func TestSelectionRange(t *testing.T) {
	c := start(t, `{"textDocument":{"selectionRange":{}}}`)
	c.open(doc, outlined)
	type selection struct {
		Range  struct{ Start, End struct{ Line, Character int } }
		Parent *selection
	}
	var got []selection
	raw := c.result("textDocument/selectionRange", fmt.Sprintf(`{"textDocument":{"uri":%q},"positions":[{"line":3,"character":2},{"line":99,"character":0}]}`, doc))
	if err := json.Unmarshal(raw, &got); err != nil || len(got) != 2 {
		t.Fatalf("%s: %v", raw, err)
	}
	var chain []string
	for s := &got[0]; s != nil; s = s.Parent {
		chain = append(chain, fmt.Sprintf("%d:%d-%d:%d", s.Range.Start.Line, s.Range.Start.Character, s.Range.End.Line, s.Range.End.Character))
	}
	if got, want := strings.Join(chain, " "), "3:2-3:3 2:4-3:3 2:0-3:3 1:0-3:3 0:0-6:0"; got != want {
		t.Errorf("selections %s, want %s", got, want)
	}
}

// TestHeredocThatIsTyped: until its end is typed, a here-document is the rest of the file for a build. What is shown of the file as a
// whole keeps the instructions below.
func TestHeredocThatIsTyped(t *testing.T) {
	c := start(t, `{"textDocument":{"documentSymbol":{"hierarchicalDocumentSymbolSupport":true},"foldingRange":{},"semanticTokens":{"requests":{"full":true},"tokenTypes":["keyword"],"tokenModifiers":[],"formats":["relative"]}}}`)
	c.open(doc, "FROM a AS x\nRUN cat <<EOF\nCOPY a b\nFROM b AS y\nCMD x\n")
	params := fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc)
	for method, wants := range map[string][]string{
		"documentSymbol":      {`"name":"y"`, `"name":"CMD x"`},
		"foldingRange":        {`{"startLine":0,"endLine":2}`, `{"startLine":3,"endLine":4}`},
		"semanticTokens/full": {`"data":[0,0,4,0,0,0,7,2,0,0,1,0,3,0,0,1,0,4,0,0,1,0,4,0,0,0,7,2,0,0,1,0,3,0,0]`},
	} {
		got := string(c.result("textDocument/"+method, params))
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s\nlacks %s", method, got, want)
			}
		}
	}
}
