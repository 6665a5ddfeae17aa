package completion_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// TestOddTexts: the laws hold in texts that are made up. Quotes and here-documents are left out: where one ends, other instructions
// begin than before.
func TestOddTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(corpus.Seed(t), 6))
	for range 1000 {
		src := dockergen.Odd(random)
		if strings.Contains(src, "<<") || strings.ContainsAny(src, "\"'\r") {
			continue
		}
		at := random.IntN(len(src) + 1)
		for at < len(src) && !utf8.RuneStart(src[at]) {
			at++
		}
		laws(t, src, src, at, false)
	}
}
