package navigation_test

import (
	"math/rand/v2"
	"testing"

	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// TestOddTexts: the laws hold in texts that are made up.
func TestOddTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(corpus.Seed(t), 6))
	for range 1000 {
		doc := document(dockergen.Odd(random))
		for range 4 {
			at := random.IntN(len(doc.File.Src) + 1)
			if err := asks(doc, at); err != nil {
				t.Errorf("%q at %d: %v", doc.File.Src, at, err)
			}
			if _, err := renames(doc, at); err != nil {
				t.Errorf("%q at %d: %v", doc.File.Src, at, err)
			}
		}
	}
}
