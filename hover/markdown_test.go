package hover_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/hover"
	"layerwise/internal/markdown"
	"layerwise/language"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// hostile are texts that become pictures, links, HTML or something else that loads or does, where Markdown
// is not careful.
var hostile = []string{
	"`` ![a](https://attacker.example/p.png) ``", "![a](https://attacker.example/p.png)", "``` ` `` ![a](//attacker.example)",
	"<img/src=https://attacker.example/p>", "[a](command:attacker)", "https://attacker.example", "www.attacker.example", "a@attacker.example",
	"`", "``", "```", "`x", "x`", " ` ", "\\`", "&lt;", "|", "**", "_a_", "x\\\n\n![a](//attacker.example)",
}

// sourceLink is what links to sources of builds begin with.
const sourceLink = "file:///w/"

// hostileBuild is a build of which all that comes from files is hostile.
func hostileBuild(random *rand.Rand) language.Build {
	any := func() string { return hostile[random.IntN(len(hostile))] }
	link := sourceLink + url.PathEscape(any()) + "#L1"
	return language.Build{
		Source: language.Source{File: any(), Link: link, Unit: "service", Name: any()}, Context: any(), Target: any(),
		Args: map[string]string{"X": any()},
	}
}

// loads names what in a hover could load or do anything.
func loads(source string) (what string) {
	src := []byte(source)
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if entering && !strings.HasPrefix(string(n.Destination), sourceLink) { // ours, to what builds the file
				what = n.Kind().String()
			}
		case *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.HTMLBlock:
			if entering {
				what = n.Kind().String()
			}
		}
		return ast.WalkContinue, nil
	})
	return what
}

// TestLoadsIsFound: what is not written as code is found out, and what is passes.
func TestLoadsIsFound(t *testing.T) {
	for source, want := range map[string]bool{
		"![a](https://attacker.example/p.png)": true, "[a](command:attacker)": true, "see https://attacker.example": true, "www.attacker.example": true,
		"<img src=https://attacker.example/p>": true, "`x` `` ![a](https://attacker.example/p.png)": true, "[a](file:///etc/passwd)": true,
		"`![a](https://attacker.example/p.png)`": false, "[compose.yaml](" + sourceLink + "compose.yaml#L1)": false, "plain": false,
	} {
		if got := loads(source); (got != "") != want {
			t.Errorf("%s: found %q", source, got)
		}
	}
}

// TestHoverLoadsNothing: nothing of a file's text, of its names and of the names of files can make a hover
// load anything. Hovers of rules have links of our own, and none of the file's.
func TestHoverLoadsNothing(t *testing.T) {
	lines := []string{
		"FROM %s AS b", "FROM node:22 AS %s", "FROM python:3.12%s", "COPY . %s", "COPY --from=node:22 %s /", "FROM --platform=%s b AS %s", "ARG X=%q", "ARG X=%s", "ENV X %s", "ENV A=$X %s=1", "LABEL i=$X %s", "WORKDIR /%s/$X", "USER %s$X", "COPY %s $X",
		"COPY --from=%s . $X", "RUN echo $X %s", "RUN --mount=type=bind,from=%s echo $X", "RUN <<E\n%s $X\nE", "CMD echo $X %s", "CMD [%q, \"$X\"]",
		"ENTRYPOINT %s $X", "HEALTHCHECK CMD %s $X", "SHELL [%q]", "VOLUME %s $X", "EXPOSE %s$X", "STOPSIGNAL %s$X", "ONBUILD RUN %s $X", "ADD %s $X", "MAINTAINER %s",
		"# layerwise ignore=%s",
	}
	random := rand.New(rand.NewPCG(1, 2))
	hovers := 0
	tree := map[string]string{"a": "", "package.json": "{}"}
	for _, name := range hostile { // names of files are shown, too
		if name = strings.Trim(strings.NewReplacer("//", "/", "\n", " ").Replace(name), "/ "); name != "" {
			tree[name] = ""
		}
	}
	for range 150 {
		var b strings.Builder
		fmt.Fprintf(&b, "ARG X=%q\nFROM scratch AS b\nARG X\n", hostile[random.IntN(len(hostile))])
		for range 6 {
			line := lines[random.IntN(len(lines))]
			for strings.Contains(line, "%") {
				verb := line[strings.IndexByte(line, '%'):][:2]
				line = strings.Replace(line, verb, strings.ReplaceAll(fmt.Sprintf(verb, hostile[random.IntN(len(hostile))]), "%", ""), 1)
			}
			b.WriteString(line + "\n")
		}
		src := b.String()
		file, bc := syntax.Parse(src), files.InMemory(tree)
		in := &language.Document{Path: "/Dockerfile", File: file, Graph: stages.Resolve(file, stages.Args{Image: images.Base}, nil), Listed: func() *files.Context { return bc }}
		builds := []language.Build{hostileBuild(random), hostileBuild(random)}
		in.BuiltBy = func() []language.Build { return builds }
		in.Maker = func(string) (language.Made, bool) {
			return language.Made{Source: hostileBuild(random).Source, Dockerfile: hostile[random.IntN(len(hostile))]}, true
		}
		for i := range src {
			shown, _, ok := hover.At(in, i)
			if !ok {
				continue
			}
			hovers++
			if what := loads(shown); what != "" {
				t.Fatalf("a hover holds %s:\n%s\n\nof the file\n%s", what, shown, src)
			}
		}
	}
	if hovers < 5_000 {
		t.Errorf("only %d hovers", hovers)
	}
}

// FuzzCode: any text stays code, in one piece.
func FuzzCode(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		src := []byte("a " + markdown.Code(s) + " b")
		document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
		if what := loads(string(src)); what != "" {
			t.Errorf("%q holds %s", src, what)
		}
		if s == "" {
			return
		}
		paragraph := document.FirstChild()
		if paragraph == nil || paragraph.ChildCount() != 3 || paragraph.NextSibling() != nil {
			t.Fatalf("%q is not text, code and text", src)
		}
		if _, ok := paragraph.FirstChild().NextSibling().(*ast.CodeSpan); !ok {
			t.Errorf("%q has no code", src)
		}
	})
}
