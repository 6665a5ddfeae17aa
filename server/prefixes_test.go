package server_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"layerwise/internal/corpus"
)

// cuts are places where a text may end while it is typed, beside any other: behind a continuation, before its line
// feed, in a here-document, in a value, in a variable, between flags.
var cuts = []*regexp.Regexp{
	regexp.MustCompile(`\\`), regexp.MustCompile(`\r`), regexp.MustCompile(`<<-?\w*`), regexp.MustCompile(`<<\w+\n.`),
	regexp.MustCompile(`--\w+=?`), regexp.MustCompile(`\$\{?`), regexp.MustCompile(`["']`), regexp.MustCompile(`[[,]`), regexp.MustCompile(`[^\x00-\x7f]`),
}

// named is where names stand.
var named = regexp.MustCompile(`\$\{?\w|(?i: AS \w)|--from=\w|<<-?\w|(?m:^(ARG|ENV) \w)`)

// TestPrefixes types real files until somewhere, and asks all questions there, and in the text: each is answered, and
// names places that are there. Half of a character of two is the last thing in some, as JavaScript may send it.
func TestPrefixes(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 3))
	for name, capabilities := range map[string]string{"utf-16": `{` + able + `}}`, "utf-8": `{"general":{"positionEncodings":["utf-8"]},` + able + `}}`} {
		t.Run(name, func(t *testing.T) {
			c := start(t, capabilities)
			answered, n := map[string]int{}, 0
			for _, src := range corpus.Some(t, 20, seed) {
				if len(src) > 20_000 || !utf8.ValidString(src) {
					continue
				}
				n++
				ends := []int{random.IntN(len(src) + 1)}
				if found := cuts[random.IntN(len(cuts))].FindAllStringIndex(src, -1); len(found) > 0 {
					ends = append(ends, found[random.IntN(len(found))][1])
				}
				for i, end := range ends {
					end = boundary(src, end)
					uri := fmt.Sprintf("file:///nowhere/%d-%d/Dockerfile", n, i)
					text, sent := src[:end], quote(src[:end])
					if random.IntN(4) == 0 {
						text, sent = text+"\ufffd", strings.TrimSuffix(sent, `"`)+`\ud83d"`
					}
					c.notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"dockerfile","version":1,"text":%s}}`, uri, sent))
					s := newSheet(uri, text, name == "utf-8")
					last := len(s.lines) - 1
					count(answered, c.askAll(s, last, s.width(s.lines[last])))
					line := random.IntN(len(s.lines))
					count(answered, c.askAll(s, line, s.width(s.lines[line][:boundary(s.lines[line], random.IntN(len(s.lines[line])+1))])))
					if names := named.FindAllStringIndex(text, -1); len(names) > 0 {
						above := splitLines(text[:names[random.IntN(len(names))][1]])
						count(answered, c.askAll(s, len(above)-1, s.width(above[len(above)-1])))
					}
					c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
					c.seen = nil
				}
			}
			for _, q := range questions {
				if n > 30 && answered[q.method] == 0 && q.method != "linkedEditingRange" && q.method != "inlayHint" && q.method != "onTypeFormatting" {
					t.Errorf("no %s has an answer", q.method)
				}
			}
		})
	}
}

func count(sum, part map[string]int) {
	for name := range maps.Keys(part) {
		sum[name] += part[name]
	}
}
