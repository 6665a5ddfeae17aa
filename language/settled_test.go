package language_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/language"
)

// TestSettled: what a here-document swallows for the time that it is typed is there; where it ends, or is the end of the file,
// it stays as it is.
func TestSettled(t *testing.T) {
	for src, want := range map[string]string{
		"FROM a\nRUN <<E\nCOPY a b\nFROM b\nRUN x\n":                   "FROM a|RUN|COPY a b|FROM b|RUN x",
		"FROM a\nRUN <<EOF cat\nset -e\n\nCOPY a b\r\nCMD x\n":         "FROM a|RUN cat|COPY a b|CMD x",
		"FROM a\nRUN a <<A <<B\nx\nA\ny\nCMD x\n":                      "FROM a|RUN a <<A x A|CMD x",
		"FROM a\nRUN <<EOF\nCOPY a b\nEOF\nCMD x\n":                    "FROM a|RUN <<EOF COPY a b EOF|CMD x",
		"FROM a\nRUN <<EOF\nset -e\ncopy a b\n  COPY a b\nRUN\nRUNX a": "FROM a|RUN <<EOF set -e copy a b COPY a b RUN RUNX a",
	} {
		f := syntax.Parse(src)
		g := language.Settled(stages.Resolve(f, stages.Args{}, nil))
		var got []string
		for _, in := range g.File.Instructions {
			got = append(got, strings.Join(strings.Fields(in.Body.Of(in.Text)), " "))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is %q, want %q", src, strings.Join(got, "|"), want)
		}
	}
}

// TestSettledWhileTyping: wherever a here-document is begun in a real file, the instructions below stay at their places.
func TestSettledWhileTyping(t *testing.T) {
	tried := 0
	for name, src := range corpus.Some(t, 5, corpus.Seed(t)) {
		f := syntax.Parse(src)
		for i, in := range f.Instructions {
			if in.Name != "RUN" || in.JSON || len(in.Heredocs) > 0 || strings.Contains(in.Text, "\\\n") || i+1 == len(f.Instructions) {
				continue
			}
			at := f.Start(i) + in.Body.End
			typed := syntax.Parse(src[:at] + " <<EOF" + src[at:])
			settled := language.Settled(stages.Resolve(typed, stages.Args{}, nil)).File
			if len(settled.Src) != len(typed.Src) {
				t.Fatalf("%s: %d bytes, want %d", name, len(settled.Src), len(typed.Src))
			}
			last, below := settled.Instructions[len(settled.Instructions)-1], f.Instructions[len(f.Instructions)-1]
			if last.Body.Of(last.Text) != below.Body.Of(below.Text) && below.Keyword.Of(below.Text) == below.Name {
				t.Errorf("%s: behind instruction %d %q is lost", name, i, below.Text)
			}
			tried++
		}
	}
	if tried < 10 {
		t.Errorf("only %d were tried", tried)
	}
}
