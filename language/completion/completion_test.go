package completion_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/language"
	"layerwise/language/completion"
)

var update = flag.Bool("update", false, "write what is found instead of comparing")

const cases = "testdata/completion.txtar"

// project are the files of the build context in the cases.
var project = map[string]string{"package.json": "{}", "src/a.js": "12", "src/lib/b.js": "345", "node_modules/x": "", ".dockerignore": "node_modules\n"}

func document(src string) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{File: f, Graph: stages.Resolve(f, stages.Args{}, nil), Listed: func() *files.Context { return files.InMemory(project) }}
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
		var got strings.Builder
		for _, it := range completion.At(document(src), at) {
			after := accepted(src, it)
			line, _, _ := strings.Cut(after[strings.LastIndexByte(after[:it.Replace.Start], '\n')+1:], "\n")
			fmt.Fprintf(&got, "%s: %s", it.Label, strings.ReplaceAll(line, " ", "·"))
			if it.Detail != "" {
				fmt.Fprintf(&got, "  (%s)", it.Detail)
			}
			got.WriteByte('\n')
		}
		out.Files = append(out.Files, f, txtar.File{Name: f.Name + "/want", Data: []byte(got.String())})
		if *update {
			continue
		}
		if i+1 == len(archive.Files) || archive.Files[i+1].Name != f.Name+"/want" {
			t.Errorf("%s has no want", f.Name)
		} else if want := string(archive.Files[i+1].Data); got.String() != want {
			t.Errorf("%s\n%sgot\n%swant\n%s", f.Name, f.Data, got.String(), want)
		}
	}
	if *update {
		if err := os.WriteFile(cases, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

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

// laws checks what holds for all items of a place, and returns how many there are.
func laws(t *testing.T, name, src string, at int) int {
	doc := document(src)
	line := doc.File.Lines().Span(doc.File.Lines().Line(at))
	items := completion.At(doc, at)
	before := unknown(src)
	for n, it := range items {
		if it.Insert.End != at || it.Insert.Start < line.Start || it.Replace.Start != it.Insert.Start || it.Replace.End < at || it.Replace.End > line.End {
			t.Errorf("%s: at %d, %s: insert %v, replace %v, line %v", name, at, it.Label, it.Insert, it.Replace, line)
			return n
		}
		other := it.Kind == completion.Keyword && it.Replace.End > at // another keyword, whose flags and arguments are still to change
		if n < 3 && len(src) < 5_000 && !other {
			if after := accepted(src, it); unknown(after) > before {
				t.Errorf("%s: at %d, %s makes of %q: %q", name, at, it.Label, src[max(0, at-80):min(len(src), at+40)], after[max(0, at-80):min(len(after), at+60)])
				return n
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
		if len(src) > 20_000 {
			continue
		}
		at := random.IntN(len(src) + 1) // others in each run: there are many files
		items += laws(t, name, src[:at], at)
		items += laws(t, name, src, at)
	}
	if items < 1000 {
		t.Errorf("only %d items", items)
	}
}
