package tokens

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
)

// TestTokens shows each token with its type, line by line.
func TestTokens(t *testing.T) {
	cases.Run(t, "testdata/tokens.txtar", func(t *testing.T, c cases.Case) string {
		return show(resolve(c.Files["Dockerfile"]), strings.Fields(c.Files["contexts"])...)
	})
}

// show writes the tokens of each line behind its number.
func show(g *stages.Graph, contexts ...string) string {
	var b strings.Builder
	lines, before := g.File.Lines(), -1
	for _, t := range Of(g, contexts...) {
		if line := lines.Line(t.Span.Start); line != before {
			fmt.Fprintf(&b, "line %d\n", line+1)
			before = line
		}
		fmt.Fprintf(&b, "  %q %s", t.Span.Of(g.File.Src), TypeNames[t.Type-1])
		for i, name := range ModifierNames {
			if t.Modifiers&(1<<i) != 0 {
				fmt.Fprintf(&b, " %s", name)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func resolve(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
}

// TestLaws tries real files, and what they are while they are typed.
func TestLaws(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	for name, src := range corpus.Some(t, 4, seed) {
		for _, src := range []string{src, src[:random.IntN(len(src)+1)]} {
			at := random.IntN(len(src) + 1)
			edit := text.Edit{Span: text.Span{Start: at, End: min(len(src), at+random.IntN(20))}, New: typed[random.IntN(len(typed))]}
			if err := keepsLaws(src, edit); err != nil {
				t.Fatalf("%s: %v; in %q", name, err, src)
			}
		}
	}
}

// typed is what people type into a Dockerfile.
var typed = []string{"", "x", "\n", "\"", "$", "${", "<<EOF\n", "\\\n", "# c\n", "RUN a && b\n", "😀", "FROM x AS y\n", "'", " "}

func FuzzLaws(f *testing.F) {
	f.Add("FROM a AS b\nRUN <<E\nx \"$(y)\"\nE\n# 😀\n# d\r\n", 3, 5, "RUN \"é")
	f.Fuzz(func(t *testing.T, src string, start, n int, new string) {
		if start < 0 || n < 0 || start > len(src) || n > len(src)-start {
			return
		}
		if err := keepsLaws(src, text.Edit{Span: text.Span{Start: start, End: start + n}, New: new}); err != nil {
			t.Error(err)
		}
	})
}

// keepsLaws says which law the tokens of a text break: they are in order, lie inside one line each and do not overlap;
// what is sent says the same as they do; a part of the lines is sent as it is in the whole; and after an edit, what
// was sent with what is sent to change it is what a fresh reader is sent.
func keepsLaws(src string, edit text.Edit) error {
	g := resolve(src)
	list := Of(g)
	end := 0
	for _, t := range list {
		if t.Span.Start < end || t.Span.Len() <= 0 || t.Span.End > len(src) {
			return fmt.Errorf("token %v after %d", t.Span, end)
		}
		if strings.ContainsAny(t.Span.Of(src), "\r\n") {
			return fmt.Errorf("token %q has several lines", t.Span.Of(src))
		}
		end = t.Span.End
	}
	legend, _, _ := NewLegend(TypeNames, ModifierNames)
	for _, enc := range []text.Encoding{text.UTF16, text.UTF8} {
		whole := Encode(g, nil, &legend, enc, 0, math.MaxInt)
		if want := plainly(g.File.Lines(), list, enc, 0, math.MaxInt); !slices.Equal(whole, want) {
			return fmt.Errorf("sent %v, want %v", whole, want)
		}
		first := g.File.Lines().Line(edit.Span.Start)
		if got, want := Encode(g, nil, &legend, enc, first, first+3), plainly(g.File.Lines(), list, enc, first, first+3); !slices.Equal(got, want) {
			return fmt.Errorf("lines %d to %d: sent %v, want %v", first, first+3, got, want)
		}
		kept := Next(nil, g, nil, &legend, enc)
		if !slices.Equal(kept.Data, whole) {
			return fmt.Errorf("the whole is %v, want %v", kept.Data, whole)
		}
		after := text.Apply(src, []text.Edit{edit})
		changed := Next(kept, stages.Resolve(g.File.Edit([]text.Edit{edit}), stages.Args{}, nil), nil, &legend, enc)
		next := changed.Data
		if back := Next(changed, g, nil, &legend, enc); !slices.Equal(back.Data, whole) {
			return fmt.Errorf("after %+v and back: %v, want %v", edit, back.Data, whole)
		}
		if fresh := Encode(resolve(after), nil, &legend, enc, 0, math.MaxInt); !slices.Equal(next, fresh) {
			return fmt.Errorf("after %+v: %v, want %v", edit, next, fresh)
		}
		start, n, insert := Difference(whole, next)
		if got := slices.Replace(slices.Clone(whole), start, start+n, insert...); !slices.Equal(got, next) {
			return fmt.Errorf("after %+v: changed to %v, want %v", edit, got, next)
		}
	}
	return nil
}

// plainly says what is to be sent, with lines and columns found token by token.
func plainly(lines *text.Lines, list []Token, enc text.Encoding, first, last int) (data []uint32) {
	line, column := 0, 0
	for _, t := range list {
		l, c := lines.Position(t.Span.Start, enc)
		_, end := lines.Position(t.Span.End, enc)
		if l < first || l > last || end == c {
			continue
		}
		delta := c
		if l == line {
			delta -= column
		}
		data = append(data, uint32(l-line), uint32(delta), uint32(end-c), uint32(t.Type-1), uint32(t.Modifiers))
		line, column = l, c
	}
	return data
}

// TestLegend: what a client does not know is not sent.
func TestLegend(t *testing.T) {
	legend, types, modifiers := NewLegend([]string{"variable", "keyword", "comment", "macro"}, []string{"readonly"})
	if got := fmt.Sprint(types, modifiers); got != "[keyword comment variable] [readonly]" {
		t.Errorf("legend %s", got)
	}
	got := Encode(resolve("FROM x:$V\nARG W\n"), nil, &legend, text.UTF16, 0, math.MaxInt)
	want := []uint32{0, 0, 4, 0, 0, 0, 7, 2, 2, 1, 1, 0, 3, 0, 0, 0, 4, 1, 2, 0}
	if !slices.Equal(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// TestDifference: a keystroke sends the tokens that it changes, and no more.
func TestDifference(t *testing.T) {
	legend, _, _ := NewLegend(TypeNames, ModifierNames)
	data := func(src string) []uint32 { return Encode(resolve(src), nil, &legend, text.UTF16, 0, math.MaxInt) }
	head, tail := strings.Repeat("RUN make\n", 50), strings.Repeat("RUN test\n", 50)
	start, n, insert := Difference(data("FROM a\n"+head+"RUN a\n"+tail), data("FROM a\n"+head+"RUN ab\n"+tail))
	if start != 5*(2+2*50+1) || n != 5 || !slices.Equal(insert, []uint32{0, 4, 2, 8, 0}) {
		t.Errorf("at %d, %d numbers become %v", start, n, insert)
	}
}

func BenchmarkKeystroke(b *testing.B) {
	for _, n := range []int{200, 2_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := "FROM alpine AS base\n" + strings.Repeat("RUN apk add --no-cache \"$A\" && make -j4 # x\nCOPY --from=base /a /b\n", n/2)
			legend, _, _ := NewLegend(TypeNames, ModifierNames)
			f := syntax.Parse(src)
			old := Next(nil, stages.Resolve(f, stages.Args{}, nil), nil, &legend, text.UTF16)
			for b.Loop() {
				b.StopTimer()
				at := len(f.Src)/2 + strings.Index(f.Src[len(f.Src)/2:], "make")
				f = f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
				g := stages.Resolve(f, stages.Args{}, nil)
				b.StartTimer()
				whole := Next(old, g, nil, &legend, text.UTF16)
				Difference(old.Data, whole.Data)
				old = whole
			}
		})
	}
}
