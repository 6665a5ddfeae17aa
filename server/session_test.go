package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// TestEditedEqualsFresh is the law above all: at any moment of a long editing session, diagnostics,
// hovers and actions of the document are those of a server that has just been started on its text,
// every range lies inside the text, and versions come in order.
func TestEditedEqualsFresh(t *testing.T) {
	steps := 150
	if testing.Short() {
		steps = 40
	}
	for seed := range uint64(6) {
		for _, capabilities := range []string{`{}`, `{"general":{"positionEncodings":["utf-8","utf-16"]}}`} {
			t.Run(fmt.Sprintf("seed %d %s", seed, capabilities), func(t *testing.T) {
				t.Parallel()
				e := &editor{
					c: start(t, capabilities), random: rand.New(rand.NewPCG(seed, 1)),
					utf8: capabilities != "{}", capabilities: capabilities, uri: doc,
				}
				e.run(steps)
			})
		}
	}
}

// editor is a user at work on one document.
type editor struct {
	c            *client
	random       *rand.Rand
	utf8         bool
	capabilities string
	uri          string
	text         string
	version      int
	undo         []string
}

const sessionText = "# syntax=docker/dockerfile:1\nARG V=1\nFROM python:3.12 AS build\nWORKDIR /src\nCOPY . .\n" +
	"RUN pip install -r requirements.txt && \\\n    # why\n    echo \"😀é$V\"\nRUN <<EOF\napt-get update\napt-get install -y curl\nEOF\n\n" +
	"FROM build AS test\nENV A=b TOKEN=x\nRUN curl http://x | sh\n\nFROM scratch\nCOPY --from=build /src /app\nMAINTAINER me\nUSER root\nCMD [\"a\"]\n"

var typed = []string{
	"R", "U", "N", " ", "\n", "\r\n", "\r", "\\\n", "\\", "#", "<<EOF", "EOF", "😀", "é", "\t", "$", "${V", "}", "\"", "FROM a AS b\n",
	"COPY . .\n", "RUN npm ci\n", "\nUSER app\n", "# layerwise ignore=base-image-latest\n", "--from=build ", "--mount=type=cache,target=/x ",
	"# escape=`\n", "`", "&& \\\n", "ONBUILD ", "[", "]", "\x00", "\ufeff", "ARG X\n", "HEALTHCHECK NONE\n", "",
}

func (e *editor) run(steps int) {
	e.text, e.version = sessionText, 1
	e.c.open(e.uri, e.text)
	for range steps {
		e.step()
		if e.random.IntN(4) == 0 {
			e.compare()
		}
	}
}

// step sends one message of changes.
func (e *editor) step() {
	e.version++
	e.undo = append(e.undo, e.text)
	var changes []string
	switch e.random.IntN(12) {
	case 0: // whole text
		e.text = sessionText[:e.boundary(sessionText, e.random.IntN(len(sessionText)))] + e.text
		if len(e.text) > 5000 {
			e.text = sessionText
		}
		changes = append(changes, fmt.Sprintf(`{"text":%s}`, quote(e.text)))
	case 1: // undo
		e.text = e.undo[e.random.IntN(len(e.undo))]
		changes = append(changes, fmt.Sprintf(`{"text":%s}`, quote(e.text)))
	case 2: // whole text and a range after it
		e.text = strings.ToUpper(e.text)
		changes = append(changes, fmt.Sprintf(`{"text":%s}`, quote(e.text)), e.replace(e.place()))
	case 3, 4: // several cursors, the last first
		places := [][2]int{e.place(), e.place(), e.place()}
		slices.SortFunc(places, func(a, b [2]int) int { return b[0] - a[0] })
		for i, p := range places {
			if i > 0 {
				p[1] = min(p[1], places[i-1][0])
			}
			changes = append(changes, e.replace(p))
		}
	case 5: // several changes, each at the text that the last one made
		for range 3 {
			changes = append(changes, e.replace(e.place()))
		}
	default: // typing, and now and then deleting
		p := e.place()
		if e.random.IntN(3) > 0 {
			p[1] = p[0]
		}
		changes = append(changes, e.replace(p))
	}
	e.c.change(e.uri, e.version, "["+strings.Join(changes, ",")+"]")
}

// place is a short stretch of the text, on boundaries of characters.
func (e *editor) place() [2]int {
	start := e.boundary(e.text, e.random.IntN(len(e.text)+1))
	end := e.boundary(e.text, min(len(e.text), start+e.random.IntN(12)))
	return [2]int{start, max(start, end)}
}

// boundary is the nearest place before i where an editor's cursor can be.
func (e *editor) boundary(text string, i int) int {
	for i > 0 && i < len(text) && (!utf8.RuneStart(text[i]) || text[i] == '\n' && text[i-1] == '\r') {
		i--
	}
	return i
}

// replace changes the text and returns the change for the server.
func (e *editor) replace(p [2]int) string {
	insert := typed[e.random.IntN(len(typed))]
	change := fmt.Sprintf(`{"range":{"start":%s,"end":%s},"text":%s}`, e.position(p[0]), e.position(p[1]), quote(insert))
	e.text = e.text[:p[0]] + insert + e.text[p[1]:]
	return change
}

func (e *editor) position(offset int) string {
	lines := splitLines(e.text[:offset])
	return fmt.Sprintf(`{"line":%d,"character":%d}`, len(lines)-1, e.width(lines[len(lines)-1]))
}

// splitLines splits as the protocol counts lines. It is written unlike the server's own.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}

func (e *editor) width(s string) int {
	if e.utf8 {
		return len(s)
	}
	return len(utf16.Encode([]rune(s)))
}

// compare asks both servers all there is.
func (e *editor) compare() {
	t := e.c.t
	t.Helper()
	fresh := start(t, e.capabilities)
	fresh.openAs(e.uri, "dockerfile", e.version, e.text)
	got, want := e.c.diagnostics(e.uri, e.version), fresh.diagnostics(e.uri, e.version)
	if g, w := toJSON(got), toJSON(want); string(g) != string(w) {
		t.Fatalf("version %d of %q has\n%s\na fresh server finds\n%s", e.version, e.text, g, w)
	}
	for _, d := range got {
		e.inside(d.Range)
	}
	lines := splitLines(e.text)
	for range 4 {
		line := e.random.IntN(len(lines))
		at := hoverAt(e.uri, line, e.random.IntN(e.width(lines[line])+1))
		actions := actionsAt(e.uri, fmt.Sprintf("%d:0-%d:99", line, line), "")
		for method, params := range map[string]string{"textDocument/hover": at, "textDocument/codeAction": actions} {
			g, w := e.c.call(method, params), fresh.call(method, params)
			if string(g.Result) != string(w.Result) || (g.Error == nil) != (w.Error == nil) {
				t.Fatalf("%s %s on %q is\n%s\na fresh server says\n%s", method, params, e.text, g.Result, w.Result)
			}
			for _, r := range ranges(t, g.Result) {
				e.inside(r)
			}
		}
	}
	fresh.in.Close()
	fresh.exited()
	e.ordered()
}

// inside fails if the range is not in the text, or its columns are not on its lines.
func (e *editor) inside(r lspRange) {
	e.c.t.Helper()
	lines := splitLines(e.text)
	for _, p := range []lspPosition{r.Start, r.End} {
		if p.Line >= len(lines) || p.Character > e.width(lines[p.Line]) {
			e.c.t.Fatalf("range %v lies outside %q", r, e.text)
		}
	}
	if r.Start.Line > r.End.Line || r.Start.Line == r.End.Line && r.Start.Character > r.End.Character {
		e.c.t.Fatalf("range %v is backwards", r)
	}
}

// ranges finds every range in an answer.
func ranges(t testing.TB, result json.RawMessage) (found []lspRange) {
	var walk func(json.RawMessage)
	walk = func(raw json.RawMessage) {
		var list []json.RawMessage
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			for _, v := range list {
				walk(v)
			}
		} else if json.Unmarshal(raw, &object) == nil {
			for key, v := range object {
				if key == "range" {
					var r lspRange
					if err := json.Unmarshal(v, &r); err != nil {
						t.Fatal(err)
					}
					found = append(found, r)
				}
				walk(v)
			}
		}
	}
	walk(result)
	return found
}

// ordered fails if the versions that came so far are not in order.
func (e *editor) ordered() {
	last := 0
	for _, m := range e.c.seen {
		var p published
		if m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil {
			if *p.Version < last {
				e.c.t.Fatalf("version %d after %d", *p.Version, last)
			}
			last = *p.Version
			for _, d := range p.Diagnostics {
				if d.Range.Start.Line > 5000 {
					e.c.t.Fatalf("range %v", d.Range)
				}
			}
		}
	}
	e.c.seen = nil
}
