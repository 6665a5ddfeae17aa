package completion_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/language"
	"layerwise/language/completion"
)

var update = flag.Bool("update", false, "write what is found instead of comparing")

const cases = "testdata/completion.txtar"

// project are the files of the build context in the cases.
var project = map[string]string{
	"package.json": "{}", "package-lock.json": "{}", "requirements.txt": "flask", "go.mod": "module m", "src/a.js": "12", "src/lib/b.js": "345", "a file.txt": "1",
	"node_modules/x": "", ".dockerignore": "node_modules\n",
}

func document(src string) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{
		File: f, Graph: stages.Resolve(f, stages.Args{Image: images.Base}, nil), Contexts: []string{"assets"},
		Listed: func() *files.Context { return files.InMemory(project) },
		BuiltBy: func() []language.Build {
			return []language.Build{{Source: language.Source{File: "compose.yaml"}, Target: "production", Args: map[string]string{"VERSION": "1"}, Secrets: []string{"npmrc"}, Platforms: []string{"linux/arm64"}}}
		},
		Known: func() []language.Image {
			return []language.Image{{Ref: "python:3.12-slim", File: "other/Dockerfile"}, {Ref: "acme/base", File: "compose.yaml", Made: true}}
		},
		Rules: func() []language.Rule {
			return []language.Rule{{ID: "copy-before-install", Doc: "sources are copied before the install"}, {ID: "latest-tag", Doc: "the tag moves", Hadolint: []string{"DL3007"}}}
		},
	}
}

// marked is the text of a case without its mark, and where that was.
func marked(f txtar.File) (src string, at int) {
	src = strings.TrimSuffix(string(f.Data), "\n")
	at = strings.LastIndexByte(src, '|')
	return src[:at] + src[at+1:], at
}

// accepted is the text after an item was taken.
func accepted(src string, it completion.Item) string {
	return src[:it.Replace.Start] + it.Text + src[it.Replace.End:]
}

func TestCompletion(t *testing.T) {
	archive, err := txtar.ParseFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, "/want") {
			continue
		}
		src, at := marked(f)
		items, _ := completion.At(document(src), at)
		got := shown(src, items)
		out.Files = append(out.Files, f, txtar.File{Name: f.Name + "/want", Data: []byte(got)})
		if *update {
			continue
		}
		if i+1 == len(archive.Files) || archive.Files[i+1].Name != f.Name+"/want" {
			t.Errorf("%s has no want", f.Name)
		} else if want := string(archive.Files[i+1].Data); got != want {
			t.Errorf("%s\n%sgot\n%swant\n%s", f.Name, f.Data, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(cases, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shown are the first items of a place, as the cases have them.
func shown(src string, items []completion.Item) string {
	var got strings.Builder
	for i, it := range items {
		if i == maxShown {
			fmt.Fprintf(&got, "… %d more\n", len(items)-i)
			break
		}
		after := accepted(src, it)
		line, _, _ := strings.Cut(after[strings.LastIndexByte(after[:it.Replace.Start], '\n')+1:], "\n")
		fmt.Fprintf(&got, "%s: %s", it.Label, strings.ReplaceAll(line, " ", "·"))
		if it.Detail != "" {
			fmt.Fprintf(&got, "  (%s)", it.Detail)
		}
		if t := it.Template; t != nil {
			text := t.Text
			for _, stop := range slices.Backward(t.Stops) {
				text = text[:stop.Start] + "«" + stop.Of(t.Text) + "»" + text[stop.End:]
			}
			fmt.Fprintf(&got, "  or %s", text)
		}
		for _, e := range it.Also {
			fmt.Fprintf(&got, "  and %q at %d", e.New, e.Span.Start)
		}
		got.WriteByte('\n')
	}
	return got.String()
}

const maxShown = 12

// unknown counts the instructions and flags that do not exist.
func unknown(src string) (n int) {
	for _, in := range syntax.Parse(src).Instructions {
		for _, e := range in.Errors() {
			if e.Rule != syntax.SyntaxError { // which an unfinished instruction has its own of
				n++
			}
		}
	}
	return n
}

// templated is the text after an item was taken by an editor in which people fill in parts, before they do.
func templated(src string, it completion.Item) string {
	if it.Template == nil {
		return accepted(src, it)
	}
	it.Text = it.Template.Text
	return accepted(src, it)
}

// laws checks what holds for all items of a place, and returns how many there are.
func laws(t *testing.T, name, src string, at int) int {
	doc := document(src)
	lines := doc.File.Lines()
	line := lines.Span(lines.Line(at))
	items, _ := completion.At(doc, at)
	before := unknown(src)
	for n, it := range items {
		where := fmt.Sprintf("%s: at %d, %s", name, at, it.Label)
		if it.Insert.End != at || it.Insert.Start < line.Start || it.Replace.Start != it.Insert.Start || it.Replace.End < at || it.Replace.End > line.End {
			t.Errorf("%s: insert %v, replace %v, line %v", where, it.Insert, it.Replace, line)
			return n
		}
		if it.Label == "" || strings.ContainsAny(it.Label+it.Text+it.Detail, "\n\r") {
			t.Errorf("%s: more than a line: %+v", where, it)
		}
		for _, e := range it.Also {
			if e.Span.Start >= line.Start && e.Span.Start <= line.End && e.Span.Start != line.Start {
				t.Errorf("%s: also edits the line of the cursor: %+v", where, e)
			}
		}
		other := it.Kind == completion.Keyword && it.Replace.End > at // another keyword, whose flags and arguments are still to change
		if (n < 3 || n == at%len(items)) && len(src) < 5_000 && !other {
			for _, after := range []string{accepted(src, it), templated(src, it)} {
				if unknown(after) > before {
					t.Errorf("%s makes of %q: %q", where, src[max(0, at-80):min(len(src), at+40)], after[max(0, at-80):min(len(after), at+60)])
					return n
				}
			}
		}
	}
	return len(items)
}

func TestLaws(t *testing.T) {
	archive, err := txtar.ParseFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	items := 0
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, "/want") {
			src, at := marked(f)
			items += laws(t, f.Name, src, at)
		}
	}
	if items < 90 {
		t.Errorf("only %d items", items)
	}
}

// TestPrefixes asks at the end of a beginning of a real file, as if that was just typed, and at the same place of the
// whole.
func TestPrefixes(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("LAYERWISE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LAYERWISE_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	items := 0
	for name, src := range corpus.Files(t) {
		if len(src) > 20_000 || random.IntN(3) > 0 {
			continue // others in each run: there are many files
		}
		at := random.IntN(len(src) + 1)
		items += laws(t, name, src[:at], at)
		items += laws(t, name, src, at)
	}
	if items < 500 {
		t.Errorf("only %d items", items)
	}
}
