package formatting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/llb"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// steps is what BuildKit makes of a text: the key of each step and the image, or if it refuses the text, what its
// parser reads.
func steps(src string) string {
	g, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
	if err != nil {
		return parsed(src)
	}
	var b strings.Builder
	for _, v := range g.Vertices {
		fmt.Fprintln(&b, v.Digest)
	}
	config, _ := json.Marshal(g.Config)
	b.Write(config)
	for _, h := range g.History {
		fmt.Fprintln(&b, h.CreatedBy)
	}
	return b.String()
}

var fromLine = regexp.MustCompile(`(?mi)^\(from .*$`)

func parsed(src string) string {
	result, err := parser.Parse(strings.NewReader(src))
	if err != nil {
		return "refused"
	}
	var b bytes.Buffer
	b.WriteString(result.AST.Dump())
	for _, n := range result.AST.Children {
		for _, h := range n.Heredocs {
			fmt.Fprintf(&b, "%+v\n", h)
		}
	}
	return fromLine.ReplaceAllStringFunc(b.String(), strings.ToLower)
}

// broken says which law the formatting of a text breaks; "" if none.
func broken(src string, format func(*syntax.File) []text.Edit) string {
	f := syntax.Parse(src)
	edits := format(f)
	at := 0
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End < e.Span.Start || e.Span.End > len(src) {
			return "edits overlap or lie outside of the text"
		}
		at = e.Span.End
	}
	formatted := text.Apply(src, edits)
	if a, b := steps(src), steps(formatted); a != b {
		return fmt.Sprintf("another build: %v", text.Difference(a, b))
	}
	whole, kept := apart(f)
	wholeAfter, keptAfter := apart(syntax.Parse(formatted))
	if !slices.Equal(kept, keptAfter) {
		return fmt.Sprintf("mistakes are changed: %q, before %q", keptAfter, kept)
	}
	if len(kept) > 0 {
		if a, b := steps(whole), steps(wholeAfter); a != b {
			return fmt.Sprintf("another build without the mistakes: %v", text.Difference(a, b))
		}
	}
	if again := format(syntax.Parse(formatted)); len(again) > 0 {
		return fmt.Sprintf("a second time changes %q to %q", again[0].Span.Of(formatted), again[0].New)
	}
	return ""
}

// apart is the file without the instructions that BuildKit would not take, and these, with the comments above them.
func apart(f *syntax.File) (whole string, mistakes []string) {
	whole = f.Header
	for i, in := range f.Instructions {
		misplaced := slices.ContainsFunc(f.Errors, func(e syntax.Error) bool {
			return strings.Contains(e.Message, "must come after") && f.Index(e.Span.Start) == i
		})
		if in.Cmd() == nil || len(in.Errors()) > 0 || misplaced {
			mistakes = append(mistakes, in.Text)
		} else {
			whole += in.Text
		}
	}
	return whole + f.Trailer, mistakes
}

func byDefault(f *syntax.File) []text.Edit { return Document(f, Options{}) }

// TestCorpus formats real Dockerfiles: no key may change, the image stays, and a second time changes nothing. BuildKit
// converts each twice, so that it takes some of them, unless LAYERWISE_WHOLE asks for all.
func TestCorpus(t *testing.T) {
	files, changed := 0, 0
	for name, src := range corpus.Some(t, 12, corpus.Seed(t)) {
		files++
		if law := broken(src, byDefault); law != "" {
			t.Errorf("%s: %s", name, law)
		}
		f := syntax.Parse(src)
		edits := Document(f, Options{})
		if len(edits) > 0 {
			changed++
		}
		inRanges(t, name, f, edits)
		if crlf := strings.ReplaceAll(src, "\n", "\r\n"); !strings.Contains(src, "\r") {
			formatted := Apply(syntax.Parse(crlf), Options{})
			if strings.Count(formatted, "\n") != strings.Count(formatted, "\r\n") {
				t.Errorf("%s: line ends are mixed", name)
			}
			if got := strings.ReplaceAll(formatted, "\r\n", "\n"); got != text.Apply(src, edits) {
				t.Errorf("%s: CRLF is formatted in another way: %v", name, text.Difference(got, text.Apply(src, edits)))
			}
		}
	}
	t.Logf("%d of %d files change", changed, files)
}

// inRanges formats some lines of a file: nothing changes outside of them.
func inRanges(t *testing.T, name string, f *syntax.File, edits []text.Edit) {
	rng := rand.New(rand.NewPCG(1, uint64(len(f.Src))))
	for range 10 {
		a := rng.IntN(len(f.Src) + 1)
		b := min(len(f.Src), a+rng.IntN(200))
		lines := f.Lines()
		from, to := lines.Span(lines.Line(a)).Start, lineEnd(f.Src, b)
		for _, e := range Range(f, Options{}, text.Span{Start: a, End: b}) {
			if e.Span.Start < from || e.Span.End > to {
				t.Errorf("%s: %v is outside of %d-%d", name, e, from, to)
			}
		}
	}
	if all := Range(f, Options{}, text.Span{End: len(f.Src)}); len(all) != len(edits) {
		t.Errorf("%s: the range of all has %d edits, not %d", name, len(all), len(edits))
	}
}

// TestLawFindsFaults plants what other formatters do: the law must say no.
func TestLawFindsFaults(t *testing.T) {
	for name, c := range map[string][2]string{
		"indents a RUN":         {"FROM alpine\nRUN a \\\n  b\n", "FROM alpine\nRUN a \\\n    b\n"},
		"dedents a heredoc":     {"FROM alpine\nRUN <<EOF\n  a\nEOF\n", "FROM alpine\nRUN <<EOF\na\nEOF\n"},
		"indents a CMD":         {"FROM alpine\nCMD a \\\n  b\n", "FROM alpine\nCMD a \\\n b\n"},
		"joins a legacy ENV":    {"FROM alpine\nENV a b  c\n", "FROM alpine\nENV a b c\n"},
		"upper-cases a trigger": {"FROM alpine\nONBUILD run a\n", "FROM alpine\nONBUILD RUN a\n"},
		"mends a mistake":       {"FROM alpine\nUSER\nRUN a\n", "FROM alpine\nUSER a\nRUN a\n"},
		"indents behind one":    {"FROM alpine\nUSER\nRUN a \\\n b\n", "FROM alpine\nUSER\nRUN a \\\n  b\n"},
		"makes a directive":     {"\n# escape=`\nFROM alpine\nRUN a \\\n b\n", "# escape=`\nFROM alpine\nRUN a \\\n b\n"},
	} {
		planted := func(*syntax.File) []text.Edit { return []text.Edit{text.Difference(c[0], c[1])} }
		if broken(c[0], planted) == "" {
			t.Errorf("%s: nothing found", name)
		}
		if law := broken(c[0], byDefault); law != "" {
			t.Errorf("%s: ours: %s", name, law)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		"from  alpine as  b\n\n\n\n  run  a \\\n\n  # c\n   b\n",
		"#syntax=docker/dockerfile:1\n#escape=`\nFROM a\nCOPY  a  C:\\x\\\nENV a=b\\  c `\n d='e  f'\n",
		"\n  # syntax=x\nFROM a\nRUN [ \"a\",\"b\" ]\nRUN <<A cat << 'B'  \n a \nA\n b\nB\nONBUILD  run  x  \nLABEL a  b \\\n  c\n",
		"FROM a\r\nEXPOSE  1  2 \\ \r\n 3\r\n# fmt: off\r\nenv  a=b\r\n# fmt: on\r\nenv  a=b",
		"FROM 00\nEXPOSE 0000000 \r ",
		"FROM a\nRUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,source=requirements.txt,target=/r.txt # a\n",
		"FROM a\nRUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,source=requirements.txt,target=/r.txt a\n",
		"FROM alpine\nCOPY c \\\n\u00a0\\\n\\  \\\n $A\n",
		"# escape=`\nFROM alpine\nCOPY a `\n ` `\n<< E\n",
		"FROM alpine\nVOLUME a \\\n\\\nb\n",
		"FROM alpine\nRUN \\\n \u00a0",
		"FROM a\nADD a\\\nb  c \\\n # x\n\n # y\n d\nHEALTHCHECK  --interval=5s   CMD  [\"a\" , \"b\" ]\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		if law := broken(src, byDefault); law != "" {
			t.Errorf("%s\n%q\n%q", law, src, Apply(syntax.Parse(src), Options{}))
		}
	})
}

// TestBroken makes mistakes in real Dockerfiles: they stay as they are, and what is formatted around them makes the same
// steps.
func TestBroken(t *testing.T) {
	seed := corpus.Seed(t)
	rng := rand.New(rand.NewPCG(seed, 4))
	changed := 0
	for name, src := range corpus.Some(t, 24, seed) {
		for range 1 + rng.IntN(3) {
			src = dockergen.Break(rng, src)
		}
		if at := rng.IntN(len(src) + 1); rng.IntN(2) == 0 {
			src = src[:at] + []string{"\nFROMM x\n", "\n  run --x y\n", "\nCOPY\n", "\nENV a=\"b\n", "\"", "\\\n"}[rng.IntN(6)] + src[at:]
		}
		if law := broken(src, byDefault); law != "" {
			t.Errorf("%s: %s, in %q", name, law, src)
		}
		if _, mistakes := apart(syntax.Parse(src)); len(mistakes) > 0 && len(Document(syntax.Parse(src), Options{})) > 0 {
			changed++
		}
	}
	if changed < 3 {
		t.Errorf("only %d files with mistakes change", changed)
	}
}

// TestHalfTyped formats real Dockerfiles that end early, as while one types: the laws hold there too.
func TestHalfTyped(t *testing.T) {
	seed := corpus.Seed(t)
	rng := rand.New(rand.NewPCG(seed, 3))
	for name, src := range corpus.Some(t, 24, seed) {
		cut := src[:rng.IntN(len(src)+1)]
		if law := broken(cut, byDefault); law != "" {
			t.Errorf("%s, first %d bytes: %s", name, len(cut), law)
		}
	}
}
