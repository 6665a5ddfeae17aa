package links_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
	"layerwise/language"
	"layerwise/language/links"
)

// document is a Dockerfile in a build context, in a workspace that makes the image acme/base.
func document(src string, context map[string]string) *language.Document {
	f := syntax.Parse(src)
	bc := files.InMemory(context)
	bc.Root = filepath.FromSlash("/project")
	return &language.Document{
		File: f, Graph: stages.Resolve(f, stages.Args{Image: images.Base}, nil), Contexts: []string{"docs"},
		Listed: func() *files.Context { return bc },
		Maker: func(image string) (language.Made, bool) {
			made := language.Made{Source: language.Source{File: "compose.yaml", Link: "file:///project/compose.yaml#L3"}}
			return made, strings.HasPrefix(image, "acme/base")
		},
	}
}

func TestLinks(t *testing.T) {
	cases.Run(t, "testdata/links.txtar", func(t *testing.T, c cases.Case) string {
		doc := document(c.Files["Dockerfile"], c.Without("Dockerfile", "want"))
		var b strings.Builder
		for _, l := range links.Of(doc) {
			to := l.URL + filepath.ToSlash(l.Path)
			if l.Rule != nil {
				to = "the page of " + l.Rule.Name
			}
			if l.Tooltip != "" {
				to += " (" + l.Tooltip + ")"
			}
			fmt.Fprintf(&b, "%d: %s → %s\n", doc.File.Lines().Line(l.Span.Start)+1, l.Span.Of(doc.File.Src), to)
		}
		return b.String()
	})
}

// TestRealFiles looks at real files and their beginnings.
func TestRealFiles(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	found := 0
	for name, src := range corpus.Some(t, 6, seed) {
		at := random.IntN(len(src) + 1)
		for _, end := range []int{len(src), at} {
			list, err := keepsLaws(src[:end])
			if err != nil {
				t.Errorf("%s, the first %d bytes: %v", name, end, err)
			}
			found += len(list)
		}
	}
	if found < 20 {
		t.Errorf("only %d links", found)
	}
}

func FuzzLinks(f *testing.F) {
	f.Add("# syntax=a/b:1\n# check=skip=JSONArgsRecommended\nFROM a\nADD https://a.b/$X git@github.com:a/b.git /\n# layerwise ignore=secret-in-arg\nRUN <<E\nhttps://a.de/(x)\nE\n")
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := keepsLaws(src); err != nil {
			t.Error(err)
		}
	})
}

// keepsLaws says which law the links of a text break: they lie on one line each, one behind the other, and lead to
// one thing.
func keepsLaws(src string) ([]links.Link, error) {
	f := syntax.Parse(src)
	list := links.Of(&language.Document{File: f, Graph: stages.Resolve(f, stages.Args{}, nil)})
	at := 0
	for _, l := range list {
		if l.Span.Start < at || l.Span.Len() <= 0 || l.Span.End > len(src) || strings.ContainsAny(l.Span.Of(src), "\r\n") {
			return nil, fmt.Errorf("a link at %v behind %d", l.Span, at)
		}
		if (l.URL != "") == (l.Rule != nil) || strings.ContainsAny(l.URL, " $\"") {
			return nil, fmt.Errorf("a link to %q or the rule %v", l.URL, l.Rule)
		}
		at = l.Span.End
	}
	return list, nil
}

// BenchmarkAfterKeystroke asks for all links of a file after each key.
func BenchmarkAfterKeystroke(b *testing.B) {
	for _, n := range []int{200, 2_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			doc := document(dockergen.File(n), map[string]string{"package.json": "{}"})
			for b.Loop() {
				at := len(doc.File.Src) / 2
				f := doc.File.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
				doc = &language.Document{File: f, Graph: stages.Resolve(f, stages.Args{}, doc.Graph), Listed: doc.Listed}
				links.Of(doc)
			}
		})
	}
}
