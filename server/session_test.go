package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"layerwise/internal/corpus"
)

// TestEditedEqualsFresh is the law above all: at any moment of a long editing session, the diagnostics of the document
// and the answer to each of the questions are those of a server that has just been started on its text,
// every range lies inside the text, and versions come in order. Meanwhile files of the build context
// come, go and change. LAYERWISE_SESSIONS=FROM-TO runs longer sessions with these seeds.
func TestEditedEqualsFresh(t *testing.T) {
	from, to, steps := uint64(0), uint64(2), 60
	if testing.Short() {
		from = uint64(time.Now().UnixNano() % 3) // another one each time
		to = from + 1
	}
	if _, err := fmt.Sscanf(os.Getenv("LAYERWISE_SESSIONS"), "%d-%d", &from, &to); err == nil {
		steps = 600
	}
	texts := realTexts(t)
	for seed := from; seed < to; seed++ {
		for name, capabilities := range map[string]string{
			"a client that can nothing": `{}`, "able": `{` + able + `}}`, "able, utf-8, pull": `{"general":{"positionEncodings":["utf-8"]},` + able + `,"diagnostic":{}}}`,
		} {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				t.Parallel()
				e := &editor{
					c: start(t, capabilities), random: rand.New(rand.NewPCG(seed, uint64(len(capabilities)))), dir: t.TempDir(),
					utf8: strings.Contains(capabilities, "utf-8"), pull: strings.Contains(capabilities, `"diagnostic"`), capabilities: capabilities,
				}
				e.uri = "file://" + e.dir + "/Dockerfile"
				text := sessionText
				if len(texts) > 0 && seed > from {
					text = texts[e.random.IntN(len(texts))]
				}
				e.run(text, steps)
			})
		}
	}
}

// realTexts are the texts of some of the real Dockerfiles, if there are any; those that are long, or have what JSON cannot
// say, are left out.
func realTexts(t *testing.T) (texts []string) {
	if !corpus.Given() {
		return nil
	}
	for _, body := range corpus.Some(t, 10, corpus.Seed(t)) {
		if len(body) < 8000 && utf8.ValidString(body) {
			texts = append(texts, body)
		}
	}
	return texts
}

// editor is a user at work on one document.
type editor struct {
	c            *client
	random       *rand.Rand
	utf8         bool
	pull         bool
	capabilities string
	dir          string // the build context
	uri          string
	initial      string
	text         string
	version      int
	undo         []string
	colours      colours
}

// colours are the semantic tokens that an editor has, and the id of the answer that they came with.
type colours struct {
	id   string
	data []int
}

const sessionText = "# syntax=docker/dockerfile:1\nARG V=1\nFROM python:3.12 AS build\nWORKDIR /src\nCOPY . .\n" +
	"RUN pip install -r requirements.txt && \\\n    # why\n    echo \"😀é$V\"\nRUN <<EOF\napt-get update\napt-get install -y curl\nEOF\n\n" +
	"FROM build AS test\nENV A=b TOKEN=x\nRUN curl http://x | sh\n\nFROM scratch\nCOPY --from=build /src /app\nMAINTAINER me\nUSER root\nCMD [\"a\"]\n"

var typed = []string{
	"R", "U", "N", " ", "\n", "\r\n", "\r", "\\\n", "\\", "#", "<<EOF", "EOF", "😀", "é", "\t", "$", "${V", "}", "\"", "FROM a AS b\n",
	"COPY . .\n", "RUN npm ci\n", "\nUSER app\n", "# layerwise ignore=base-image-latest\n", "--from=build ", "--mount=type=cache,target=/x ",
	"# escape=`\n", "`", "&& \\\n", "ONBUILD ", "[", "]", "\x00", "\ufeff", "ARG X\n", "HEALTHCHECK NONE\n",
	"EXPOSE 80000\n", "--platform=linux/arm64 ", "USER 99999999999\n", "",
}

func (e *editor) run(text string, steps int) {
	e.initial, e.text, e.version = text, text, 1
	e.c.notify("workspace/didChangeConfiguration", hintsOn)
	e.c.open(e.uri, e.text)
	for range steps {
		if e.random.IntN(15) == 0 {
			e.touch()
		}
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
		e.text = e.initial[:boundary(e.initial, e.random.IntN(len(e.initial)+1))] + e.text
		if len(e.text) > 2*len(e.initial)+1000 {
			e.text = e.initial
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

// contextFiles may be in the build context; what one holds ends up as its text.
var contextFiles = map[string][]string{
	"requirements.txt": {"flask==1\n", "-r other.txt\n"}, "other.txt": {"x==1\n"}, "app.py": {"x", ""},
	"package.json": {"{}", `{"scripts":{"postinstall":"x"}}`, "{"}, "package-lock.json": {"{}"}, ".env": {"A=b"},
	".dockerignore": {"*.py\n", "**\n!app.py\n", "[\n", ""}, "Dockerfile.dockerignore": {".env\n"}, "src/deep/main.c": {"x"},
	".layerwise.yaml": {"rules:\n  base-image-latest: off\n", "rules: [\n", "context: src\n", "target: build\n",
		"builds:\n  - {dockerfile: Dockerfile, target: build, platform: windows/amd64}\n  - {dockerfile: Dockerfile, target: test, contexts: {build: src}}\n",
		"rules:\n  base-image-latest: {severity: error}\nbuilds: 7\n"},
}

// touch changes the build context on disk, and tells the server.
func (e *editor) touch() {
	names := slices.Sorted(maps.Keys(contextFiles))
	name := names[e.random.IntN(len(names))]
	path := filepath.Join(e.dir, name)
	if e.random.IntN(3) == 0 {
		os.Remove(path) //nolint:errcheck // it may not be there
	} else {
		text := contextFiles[name][e.random.IntN(len(contextFiles[name]))]
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			e.c.t.Fatal(err)
		}
	}
	e.c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":2}]}`, "file://"+path))
}

// place is a short stretch of the text, on boundaries of characters.
func (e *editor) place() [2]int {
	start := boundary(e.text, e.random.IntN(len(e.text)+1))
	end := boundary(e.text, min(len(e.text), start+e.random.IntN(12)))
	return [2]int{start, max(start, end)}
}

// boundary is the nearest place before i where an editor's cursor can be.
func boundary(text string, i int) int {
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
	return fmt.Sprintf(`{"line":%d,"character":%d}`, len(lines)-1, (sheet{utf8: e.utf8}).width(lines[len(lines)-1]))
}

// splitLines splits as the protocol counts lines. It is written unlike the server's own.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}

// compare asks both servers all there is. What depends on the build context may come a moment later.
func (e *editor) compare() {
	t := e.c.t
	t.Helper()
	fresh := start(t, e.capabilities)
	fresh.notify("workspace/didChangeConfiguration", hintsOn)
	fresh.openAs(e.uri, "dockerfile", e.version, e.text)
	var shown []diagnostic
	e.same("diagnostics", func() (got, fine []byte) {
		shown = e.diagnostics(e.c)
		return toJSON(shown), toJSON(e.diagnostics(fresh))
	})
	page := newSheet(e.uri, e.text, e.utf8)
	if wrong := page.holds("diagnostics", toJSON(shown)); wrong != "" {
		t.Fatalf("diagnostics of %q name %s, which is not there", e.text, wrong)
	}
	e.recolour(fresh)
	for n := range 3 {
		line := e.random.IntN(len(page.lines))
		column := e.random.IntN(page.width(page.lines[line]) + 1)
		for _, q := range questions {
			if n > 0 && !isAbout(q.params) {
				continue // it would be the same again
			}
			method, params := "textDocument/"+q.method, parameters(e.uri, q.params, line, column, page.width(page.lines[line]))
			var result json.RawMessage
			e.same(method+" "+params, func() (got, fine []byte) {
				g, w := e.c.call(method, params), fresh.call(method, params)
				result = g.Result
				return ofSession.ReplaceAll(toJSON(outcome{g.Result, g.Error}), nil), ofSession.ReplaceAll(toJSON(outcome{w.Result, w.Error}), nil)
			})
			if result == nil {
				continue // it was refused
			}
			if q.method == "semanticTokens/full" {
				var answer tokensAnswer
				if err := json.Unmarshal(result, &answer); err != nil {
					t.Fatal(err)
				}
				e.colours = colours{answer.ResultID, answer.Data}
			}
			if wrong := page.holds(q.method, result); wrong != "" {
				t.Fatalf("%s %s of %q names %s, which is not there: %s", method, params, e.text, wrong, result)
			}
			if wrong := onLine(result, line, column); wrong != "" && q.method == "completion" {
				t.Fatalf("%s %s of %q: %s", method, params, e.text, wrong)
			}
		}
	}
	fresh.in.Close()
	fresh.exited()
	e.ordered()
}

// ofSession is what the answers of two servers have to tell apart: the ids of answers.
var ofSession = regexp.MustCompile(`"resultId":"[^"]*",?`)

// recolour brings the tokens that the editor has up to date, by what the server says has changed: they are what a fresh server sends.
func (e *editor) recolour(fresh *client) {
	about := fmt.Sprintf(`{"textDocument":{"uri":%q}}`, e.uri)
	answer := e.c.tokens("full/delta", with(about, fmt.Sprintf(`"previousResultId":%q`, e.colours.id)))
	if answer.Data != nil {
		e.colours.data = answer.Data
	}
	for _, edit := range answer.Edits {
		e.colours.data = slices.Replace(slices.Clone(e.colours.data), edit.Start, edit.Start+edit.DeleteCount, edit.Data...)
	}
	e.colours.id = answer.ResultID
	if want := fresh.tokens("full", about); !slices.Equal(e.colours.data, want.Data) {
		e.c.t.Fatalf("%q has, after %+v, the tokens\n%v\na fresh server says\n%v", e.text, answer, e.colours.data, want.Data)
	}
}

// with adds a member to parameters.
func with(params, member string) string { return strings.TrimSuffix(params, "}") + "," + member + "}" }

type outcome struct {
	Result json.RawMessage
	Error  *rpcError
}

// same asks until both answers are the same, or it has taken too long.
func (e *editor) same(what string, ask func() (got, fine []byte)) {
	e.c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		got, fine := ask()
		if bytes.Equal(got, fine) {
			return
		}
		if time.Now().After(deadline) {
			e.c.t.Fatalf("%s: version %d of %q has\n%s\na fresh server says\n%s", what, e.version, e.text, got, fine)
		}
	}
}

// diagnostics are those that the server has for the text now.
func (e *editor) diagnostics(c *client) []diagnostic {
	if e.pull {
		var report struct{ Items []diagnostic }
		if err := json.Unmarshal(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, e.uri)), &report); err != nil {
			c.t.Fatal(err)
		}
		return report.Items
	}
	// The answer to any request comes after what was sent before it.
	c.call("no/such", "null")
	for {
		var last *published
		for _, m := range c.seen {
			var p published
			if m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil && p.URI == e.uri && *p.Version == e.version {
				last = &p
			}
		}
		if last != nil {
			return last.Diagnostics
		}
		m, ok := <-c.messages
		if !ok {
			c.t.Fatal("the server went away")
		}
		c.seen = append(c.seen, m)
	}
}

// ordered fails if the versions that came so far are not in order.
func (e *editor) ordered() {
	last := 0
	for _, m := range e.c.seen {
		var p published
		if m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil && p.URI == e.uri {
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
	e.c.seen = slices.DeleteFunc(e.c.seen, func(m message) bool {
		var p published
		return json.Unmarshal(m.Params, &p) != nil || p.Version == nil || *p.Version != e.version
	})
}
