package outline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
)

func TestOutline(t *testing.T) {
	cases.Run(t, "testdata/outline.txtar", func(t *testing.T, c cases.Case) string {
		g := resolve(c.Files["Dockerfile"])
		var b strings.Builder
		writeSymbols(&b, g, Symbols(g), 0)
		lines := g.File.Lines()
		for _, f := range Folds(g) {
			fmt.Fprintf(&b, "fold %d-%d %s\n", lines.Line(f.Span.Start)+1, lines.Line(f.Span.End)+1, f.Kind)
		}
		for _, place := range strings.Fields(c.Files["at"]) {
			var line, column int
			fmt.Sscanf(place, "%d:%d", &line, &column)
			fmt.Fprintf(&b, "at %s\n", place)
			for _, s := range Selection(g, lines.Offset(line-1, column-1, text.UTF8)) {
				body := s.Of(g.File.Src)
				if len(body) > 70 {
					body = body[:30] + "…" + body[len(body)-30:]
				}
				fmt.Fprintf(&b, "  %q\n", body)
			}
		}
		// A blank at the end of a line is not seen by those who read the cases.
		return strings.ReplaceAll(b.String(), " \n", "\n")
	})
}

func writeSymbols(b *strings.Builder, g *stages.Graph, list []Symbol, depth int) {
	names := [...]string{"stage", "step", "variable", "constant", "start", "property", "text"}
	for _, s := range list {
		fmt.Fprintf(b, "%s%s: %s", strings.Repeat("  ", depth), names[s.Kind], s.Name)
		if s.Detail != "" {
			fmt.Fprintf(b, " (%s)", s.Detail)
		}
		if s.Deprecated {
			b.WriteString(" deprecated")
		}
		fmt.Fprintf(b, " at %q\n", s.Selection.Of(g.File.Src))
		writeSymbols(b, g, s.Children, depth+1)
	}
}

func resolve(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
}

// TestLaws tries real files, and what they are while they are typed.
func TestLaws(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	for name, src := range corpus.Some(t, 2, seed) {
		for _, src := range []string{src, src[:random.IntN(len(src)+1)]} {
			if err := keepsLaws(src, random.IntN(len(src)+1)); err != nil {
				t.Errorf("%s: %v; in %q", name, err, src)
			}
		}
	}
}

func FuzzLaws(f *testing.F) {
	f.Add("FROM a AS b\nRUN <<E\nx\nE\n# c\n# d\n", 3)
	f.Fuzz(func(t *testing.T, src string, offset int) {
		if offset < 0 || offset > len(src) {
			return
		}
		if err := keepsLaws(src, offset); err != nil {
			t.Error(err)
		}
	})
}

// keepsLaws says which law the outline of a text breaks: symbols lie in their parents, one behind the other, and hold
// what they select; folds have several lines, and never cross; each selection holds the place and the one before.
func keepsLaws(src string, offset int) error {
	g := resolve(src)
	if err := symbolsKeepLaws(Symbols(g), text.Span{End: len(src)}); err != nil {
		return err
	}
	lines := g.File.Lines()
	var open []text.Span
	for _, f := range Folds(g) {
		if f.Span.Start < 0 || f.Span.End > len(src) || !strings.ContainsAny(f.Span.Of(src), "\r\n") {
			return fmt.Errorf("fold %v has no two lines", f.Span)
		}
		if f.Kind == Region {
			continue // which people place as they like
		}
		// A here-document is folded under the last line of what is above it.
		for len(open) > 0 && lines.Line(open[len(open)-1].End) <= lines.Line(f.Span.Start) {
			open = open[:len(open)-1]
		}
		if n := len(open); n > 0 && open[n-1].End < f.Span.End {
			return fmt.Errorf("folds %v and %v cross", open[n-1], f.Span)
		}
		open = append(open, f.Span)
	}
	before := text.Span{Start: offset, End: offset}
	for _, s := range Selection(g, offset) {
		if s.Start > before.Start || s.End < before.End || s == before {
			return fmt.Errorf("at %d: selection %v after %v", offset, s, before)
		}
		before = s
	}
	if len(src) > 0 && before.Len() != len(src) {
		return fmt.Errorf("at %d: the last selection is not the file", offset)
	}
	return nil
}

func symbolsKeepLaws(list []Symbol, parent text.Span) error {
	at := parent.Start
	for _, s := range list {
		if s.Span.Start < at || s.Span.End > parent.End {
			return fmt.Errorf("symbol %s at %v leaves %v, or what stands before it", s.Name, s.Span, parent)
		}
		if s.Selection.Start < s.Span.Start || s.Selection.End > s.Span.End || s.Name == "" {
			return fmt.Errorf("symbol %q at %v selects %v", s.Name, s.Span, s.Selection)
		}
		at = s.Span.Start // here-documents of one line share their bodies' lines
		if len(s.Children) > 0 {
			if err := symbolsKeepLaws(s.Children, s.Span); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestDeepSelection: thousands of braces in one another make no tree of thousands of levels.
func TestDeepSelection(t *testing.T) {
	const deep = 3000
	src := "FROM a\nENV A=" + strings.Repeat("${A:-", deep) + "x" + strings.Repeat("}", deep) + "\n"
	at := strings.IndexByte(src, 'x')
	list := Selection(resolve(src), at)
	if n := len(list); n != 100 || list[0] != (text.Span{Start: at, End: at + 1}) || list[n-1] != (text.Span{End: len(src)}) {
		t.Errorf("%d spans, from %v to %v", n, list[0], list[n-1])
	}
	for i := range list[1:] {
		if list[i].Start < list[i+1].Start || list[i].End > list[i+1].End {
			t.Errorf("%v is not in %v", list[i], list[i+1])
		}
	}
}
