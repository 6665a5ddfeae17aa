package formatting

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// TestOddTexts: the laws hold for texts that are made up.
func TestOddTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(corpus.Seed(t), 6))
	for range 150 {
		src := dockergen.Odd(rng)
		if law := broken(src, byDefault); law != "" {
			t.Errorf("%s\n%q\n%q", law, src, Apply(syntax.Parse(src), Options{}))
		}
		f := syntax.Parse(src)
		inRanges(t, strconv.Quote(src), f, Document(f, Options{}))
		// So do those for a part of the file, and for a line that is begun.
		same := func(what, src string, edits []text.Edit) {
			if got := text.Apply(src, edits); steps(got) != steps(src) {
				t.Errorf("%s makes another build\n%q\n%q", what, src, got)
			}
		}
		start := rng.IntN(len(src) + 1)
		same("a range", src, Range(f, Options{}, text.Span{Start: start, End: min(len(src), start+rng.IntN(30))}))
		if n := len(f.Instructions); n > 0 {
			same("an instruction", src, Instruction(f, Options{}, rng.IntN(n)))
		}
		if at := strings.Index(src[start:], "\\\n"); at >= 0 {
			at += start + len("\\\n")
			typed := src[:at] + "\n" + src[at:]
			same("a new line", typed, OnNewline(syntax.Parse(typed), Options{}, at))
		}
	}
}
