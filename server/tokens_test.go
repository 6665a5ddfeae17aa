package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// colouring are the capabilities of a client that asks for tokens of a few types.
const colouring = `{"textDocument":{"semanticTokens":{"requests":{"full":{"delta":true},"range":true},"formats":["relative"],` +
	`"tokenTypes":["comment","keyword","class"],"tokenModifiers":[]}}}`

type tokensAnswer struct {
	ResultID string
	Data     []int
	Edits    []struct {
		Start, DeleteCount int
		Data               []int
	}
}

func (c *client) tokens(method, params string) (a tokensAnswer) {
	c.t.Helper()
	if err := json.Unmarshal(c.result("textDocument/semanticTokens/"+method, params), &a); err != nil {
		c.t.Fatal(err)
	}
	return a
}

// TestSemanticTokens: all tokens, those of some lines, and after an edit only what it changes.
func TestSemanticTokens(t *testing.T) {
	c := start(t, colouring)
	c.open(doc, "# 😀\nFROM a\nRUN b\nRUN c\n")
	about := fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc)
	full := c.tokens("full", about)
	// Columns count 😀 twice. What the client has no type for is not sent.
	if want := []int{0, 0, 4, 1, 0, 1, 0, 4, 0, 0, 0, 5, 1, 2, 0, 1, 0, 3, 0, 0, 1, 0, 3, 0, 0}; !slices.Equal(full.Data, want) || full.ResultID == "" {
		t.Fatalf("full: %+v, want %v", full, want)
	}
	part := c.tokens("range", with(about, `"range":{"start":{"line":1,"character":2},"end":{"line":2,"character":0}}`))
	if want := []int{1, 0, 4, 0, 0, 0, 5, 1, 2, 0, 1, 0, 3, 0, 0}; !slices.Equal(part.Data, want) {
		t.Errorf("range: %+v, want %v", part, want)
	}
	since := func(id string) string { return with(about, fmt.Sprintf(`"previousResultId":%q`, id)) }
	same := c.tokens("full/delta", since(full.ResultID))
	if len(same.Edits) != 0 || same.Data != nil || same.ResultID == "" {
		t.Errorf("without an edit: %+v", same)
	}
	c.change(doc, 2, `[{"range":{"start":{"line":1,"character":6},"end":{"line":1,"character":6}},"text":"bc"}]`)
	delta := c.tokens("full/delta", since(same.ResultID))
	if got := fmt.Sprint(delta.Edits); got != "[{10 5 [0 5 3 2 0]}]" || delta.Data != nil {
		t.Errorf("delta: %+v", delta)
	}
	if late := c.tokens("full/delta", since(full.ResultID)); len(late.Data) != len(full.Data) || late.Edits != nil {
		t.Errorf("since an answer that is not the last: %+v", late)
	}
}

// TestTokensOffered: each recorded client is offered what it asks for, and told of no type or modifier that it did
// not name.
func TestTokensOffered(t *testing.T) {
	files, err := filepath.Glob("testdata/clients/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings: %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recording struct {
			Messages []struct {
				Method string
				Params json.RawMessage
			}
		}
		var asks struct {
			Capabilities struct {
				TextDocument struct {
					SemanticTokens struct {
						TokenTypes, TokenModifiers []string
						Requests                   struct{ Full, Range any }
					}
				}
			}
		}
		if err := json.Unmarshal(raw, &recording); err != nil {
			t.Fatal(err)
		}
		params := string(recording.Messages[0].Params)
		if err := json.Unmarshal([]byte(params), &asks); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Capabilities struct {
				SemanticTokensProvider *struct {
					Legend struct{ TokenTypes, TokenModifiers []string }
				}
			}
		}
		c := connect(t)
		if err := json.Unmarshal(c.result("initialize", params), &got); err != nil {
			t.Fatal(err)
		}
		wish, offer := asks.Capabilities.TextDocument.SemanticTokens, got.Capabilities.SemanticTokensProvider
		asked := func(request any) bool { return request != nil && request != false }
		if (asked(wish.Requests.Full) || asked(wish.Requests.Range)) != (offer != nil) {
			t.Errorf("%s asks for %+v, and is offered %+v", file, wish, offer)
		}
		if offer == nil {
			continue
		}
		if len(offer.Legend.TokenTypes) < 8 {
			t.Errorf("%s is told of %q only", file, offer.Legend.TokenTypes)
		}
		for _, name := range slices.Concat(offer.Legend.TokenTypes, offer.Legend.TokenModifiers) {
			if !slices.Contains(wish.TokenTypes, name) && !slices.Contains(wish.TokenModifiers, name) {
				t.Errorf("%s does not know %s", file, name)
			}
		}
	}
}

// BenchmarkSemanticTokens asks for what a keystroke has changed.
func BenchmarkSemanticTokens(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		line, column := target(text)
		about := fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)
		version, id := 2, ""
		var took []time.Duration
		for b.Loop() {
			at := fmt.Sprintf(`{"line":%d,"character":%d}`, line, column)
			p.change(uri, version, fmt.Sprintf(`[{"range":{"start":%s,"end":%s},"text":"x"}]`, at, at))
			version++
			start := time.Now()
			m := p.call("textDocument/semanticTokens/full/delta", with(about, fmt.Sprintf(`"previousResultId":%q`, id)))
			took = append(took, m.came.Sub(start))
			_, id, _ = strings.Cut(string(m.Result), `"resultId":"`)
			id, _, _ = strings.Cut(id, `"`)
			p.seen = nil
			time.Sleep(*pause)
		}
		latencies(b, took)
	})
}

// TestTokensOfAllTypes: a client that asks for tokens, and does not say of which types, gets all.
func TestTokensOfAllTypes(t *testing.T) {
	for _, types := range []string{`[]`, `null`} {
		c := start(t, `{"textDocument":{"semanticTokens":{"requests":{"full":true},"formats":[],"tokenTypes":`+types+`,"tokenModifiers":[]}}}`)
		c.open(doc, "FROM a\n")
		// FROM is the first of our types, and a the tenth.
		if got := c.tokens("full", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, doc)).Data; !slices.Equal(got, []int{0, 0, 4, 0, 0, 0, 5, 1, 9, 0}) {
			t.Errorf("types %s: %v", types, got)
		}
	}
}
