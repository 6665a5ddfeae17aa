package hints_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
	"layerwise/language"
	"layerwise/language/hints"
)

func document(src string, bc *files.Context) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{File: f, Graph: stages.Resolve(f, stages.Args{}, nil), Listed: func() *files.Context { return bc }}
}

// show puts the hints into the text, in angle quotes.
func show(src string, list []hints.Hint) string {
	var b strings.Builder
	at := 0
	for _, h := range list {
		fmt.Fprintf(&b, "%s «%s»", src[at:h.Offset], h.Label)
		at = h.Offset
	}
	return b.String() + src[at:]
}

func whole(src string) text.Span { return text.Span{End: len(src)} }

func TestHints(t *testing.T) {
	cases.Run(t, "testdata/hints.txtar", func(t *testing.T, c cases.Case) string {
		src := c.Files["Dockerfile"]
		context := c.Without("Dockerfile", "want")
		for name, body := range context {
			if n, err := strconv.Atoi(strings.TrimSuffix(body, " bytes\n")); err == nil {
				context[name] = strings.Repeat("x", n)
			}
		}
		var bc *files.Context
		if len(context) > 0 {
			bc = files.InMemory(context)
		}
		return show(src, hints.In(document(src, bc), whole(src), nil))
	})
}

// TestSwitches leaves out each kind in turn.
func TestSwitches(t *testing.T) {
	const src = "ARG TAG=20\nFROM node:$TAG\nCOPY . .\nCOPY --from=0 a b\n"
	bc := files.InMemory(map[string]string{"a": "1", "b": "2"})
	for kind, want := range map[hints.Kind]string{
		hints.Stages:    "ARG TAG=20\nFROM node:$TAG «= node:20»\nCOPY . . «2 files, 2 bytes»\nCOPY --from=0 a b\n",
		hints.Variables: "ARG TAG=20\nFROM node:$TAG «stage 0»\nCOPY . . «2 files, 2 bytes»\nCOPY --from=0 «= FROM node:20» a b\n",
		hints.Files:     "ARG TAG=20\nFROM node:$TAG «= node:20» «stage 0»\nCOPY . .\nCOPY --from=0 «= FROM node:20» a b\n",
	} {
		got := show(src, hints.In(document(src, bc), whole(src), func(k hints.Kind) bool { return k != kind }))
		if got != want {
			t.Errorf("without %s:\n%swant\n%s", kind, got, want)
		}
	}
	if len(hints.Kinds) != 3 {
		t.Errorf("kinds %v are not all tried", hints.Kinds)
	}
}

// TestDoubted tells no files of a folder that may not be the build context.
func TestDoubted(t *testing.T) {
	doc := document("FROM a\nCOPY . .\n", files.InMemory(map[string]string{"a": "1", "b": "2"}))
	doc.Doubts = func() bool { return true }
	if got := hints.In(doc, whole(doc.File.Src), nil); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// TestRealFiles looks at real files, their beginnings, and parts of them.
func TestRealFiles(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	found := 0
	for name, src := range corpus.Some(t, 6, seed) {
		a, b := random.IntN(len(src)+1), random.IntN(len(src)+1)
		for _, src := range []string{src, src[:a]} {
			list, err := keepsLaws(src, text.Span{Start: min(a, b, len(src)), End: min(max(a, b), len(src))})
			if err != nil {
				t.Errorf("%s from %d to %d: %v", name, a, b, err)
			}
			found += len(list)
		}
	}
	if found < 3 {
		t.Errorf("only %d hints", found)
	}
}

func FuzzHints(f *testing.F) {
	f.Add("ARG A=1\nFROM x:$A\nCOPY --from=0 a b\nCOPY . .\n", 3, 40)
	f.Fuzz(func(t *testing.T, src string, start, end int) {
		if 0 <= start && start <= end && end <= len(src) {
			if _, err := keepsLaws(src, text.Span{Start: start, End: end}); err != nil {
				t.Error(err)
			}
		}
	})
}

// keepsLaws says which law the hints of a text break: they follow each other, stand behind something, and those of a
// part are those of the whole that lie in it.
func keepsLaws(src string, part text.Span) ([]hints.Hint, error) {
	doc := document(src, files.InMemory(map[string]string{"a": "1", "b": "2"}))
	all := hints.In(doc, whole(src), nil)
	at := 0
	for _, h := range all {
		if h.Offset <= at || h.Offset > len(src) || h.Label == "" || strings.ContainsAny(h.Label, "\r\n") || strings.ContainsAny(src[h.Offset-1:h.Offset], " \t\r\n") {
			return nil, fmt.Errorf("hint %+v behind %d", h, at)
		}
		at = h.Offset - 1
	}
	want := slices.DeleteFunc(slices.Clone(all), func(h hints.Hint) bool { return h.Offset < part.Start || h.Offset > part.End })
	if got := hints.In(doc, part, nil); !slices.Equal(got, want) {
		return nil, fmt.Errorf("in %v: %v, want %v", part, got, want)
	}
	return all, nil
}

// BenchmarkAfterKeystroke asks for the hints of sixty lines after each key, as an editor does.
func BenchmarkAfterKeystroke(b *testing.B) {
	for _, n := range []int{200, 2_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			doc := document(dockergen.File(n), files.InMemory(map[string]string{"a": "1", "b": "2"}))
			for b.Loop() {
				at := len(doc.File.Src) / 2
				f := doc.File.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
				doc = &language.Document{File: f, Graph: stages.Resolve(f, stages.Args{}, doc.Graph), Listed: doc.Listed}
				line := f.Lines().Line(at)
				hints.In(doc, text.Span{Start: f.Lines().Span(line).Start, End: f.Lines().Span(line + 60).End}, nil)
			}
		})
	}
}
