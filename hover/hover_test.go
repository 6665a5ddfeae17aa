package hover_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/hover"
	"layerwise/internal/cases"
	"layerwise/internal/golden"
	"layerwise/language"
)

// TestHover reads testdata/hover.txtar: the files of a case are its build context; NAME/at lists
// places as line:column, NAME/want is what is said there. NAME/named says that the context was named, so that
// it is not doubted. NAME/builds are the builds that were found, as JSON; the first one makes the image acme/base.
func TestHover(t *testing.T) {
	golden.Freeze(t) // families list their rules
	cases.Run(t, "testdata/hover.txtar", func(t *testing.T, c cases.Case) string {
		var b strings.Builder
		for _, p := range places(c) {
			if p.markdown == "" {
				fmt.Fprintf(&b, "%s: nothing\n", p.at)
				continue
			}
			fmt.Fprintf(&b, "%s: on %q\n%s\n\n", p.at, p.on, p.markdown)
			if strings.HasPrefix(c.Name, "rule") {
				continue // pages are as long as they are
			}
			if lines := rendered(p.markdown, 60); lines > 10 {
				t.Errorf("%s has %d lines: an editor shows 10 without scrolling", p.at, lines)
			}
		}
		return b.String()
	})
}

// TestHoverBegins: the first line says what a change costs, or what a variable is.
func TestHoverBegins(t *testing.T) {
	golden.Freeze(t) // the name of one of BuildKit's checks leads to its rule
	begins := regexp.MustCompile("^(Changing |A new value |A new image behind |Another |A build skips |`.*` is not in the build context|`.*` is `.*` (here|if)|" +
		"\\*\\*[A-Za-z_]+\\*\\* (is|has|starts|stands) |\\*\\*[-a-zA-Z= ]+\\*\\*(: | \\(also | of `docker build --check`: | reads | ends | uses | installs ))")
	cases.Run(t, "testdata/hover.txtar", func(t *testing.T, c cases.Case) string {
		for _, p := range places(c) {
			first, _, _ := strings.Cut(p.markdown, "\n")
			if p.markdown != "" && !strings.HasPrefix(c.Name, "rule") && !begins.MatchString(first) {
				t.Errorf("%s begins with %q", p.at, first)
			}
		}
		return c.Files["want"]
	})
}

var linkTarget = regexp.MustCompile(`\[([^\]\n]*)\]\(file:[^)\n]*\)`)

// rendered is how many lines the paragraphs take at a width, with the gaps between them.
func rendered(markdown string, width int) (lines int) {
	markdown = linkTarget.ReplaceAllString(markdown, "$1") // of a link its text is shown
	for paragraph := range strings.SplitSeq(strings.NewReplacer("`", "", "**", "").Replace(markdown), "\n") {
		lines++
		column := 0
		for word := range strings.FieldsSeq(paragraph) {
			if n := len([]rune(word)); column > 0 && column+1+n > width {
				lines, column = lines+1, n
			} else {
				column += n + 1
			}
		}
	}
	return lines
}

// place is a place of a case, and what is said there.
type place struct{ at, on, markdown string }

func places(c cases.Case) (list []place) {
	src := c.Files["Dockerfile"]
	f := syntax.Parse(src)
	in := &language.Document{Path: "/Dockerfile", File: f, Graph: stages.Resolve(f, stages.Args{Image: images.Base}, nil)}
	bc := files.InMemory(c.Without("at", "want", "named", "builds"))
	var builds []language.Build
	if text := c.Files["builds"]; text != "" {
		if err := json.Unmarshal([]byte(text), &builds); err != nil {
			panic(err)
		}
		in.BuiltBy = func() []language.Build { return builds }
		in.Maker = func(image string) (language.Made, bool) {
			return language.Made{Source: builds[0].Source, Dockerfile: "base/Dockerfile"}, image == "acme/base"
		}
	}
	if len(builds) > 0 {
		in.Contexts = slices.Sorted(maps.Keys(builds[0].Contexts))
	}
	if len(builds) > 0 { // the graph is that of the default build
		in.Graph = stages.Resolve(f, stages.Args{Image: images.Base, Build: builds[0].Args, Unknown: builds[0].Unknown, Target: builds[0].Target}, nil)
	}
	_, named := c.Files["named"]
	in.Listed, in.Doubts = func() *files.Context { return bc }, func() bool { return !named && copies.Weigh(bc, in.Graph, nil, nil).Together().Against(bc) }
	lines := text.NewLines(src)
	for at := range strings.FieldsSeq(c.Files["at"]) {
		var line, column int
		fmt.Sscanf(at, "%d:%d", &line, &column)
		markdown, span, ok := hover.At(in, lines.Offset(line-1, column-1, text.UTF16))
		if !ok {
			list = append(list, place{at: at})
			continue
		}
		first, _, _ := strings.Cut(span.Of(src), "\n")
		list = append(list, place{at, first, strings.TrimSpace(markdown)})
	}
	return list
}

// FuzzHover hovers everywhere: no panic, and every span lies in the file.
func FuzzHover(f *testing.F) {
	f.Add("FROM a AS b\nARG X=1\nRUN echo $X ${X:-y}\nCOPY --from=b . .\nWORKDIR /\n")
	f.Add("COPY --from=0 a b\nRUN --mount=type=cache,target=/a npm ci\nONBUILD COPY --from=b ${A:-x} ${B:} c\n")
	f.Add("# layerwise ignore=C01 -- x\nFROM scratch\nENV A 1\nRUN <<EOF\n$A\nEOF\n")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		file := syntax.Parse(src)
		in := &language.Document{File: file, Graph: stages.Resolve(file, stages.Args{Image: images.Base}, nil)}
		for i := 0; i <= len(src); i++ {
			if _, span, ok := hover.At(in, i); ok && (span.Start < 0 || span.End > len(src) || span.Start > span.End) {
				t.Fatalf("the span %v at %d lies outside the file", span, i)
			}
		}
	})
}
