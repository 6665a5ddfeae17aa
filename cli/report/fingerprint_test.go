package report

import (
	"regexp"
	"slices"
	"testing"

	"layerwise/internal/corpus"
	"layerwise/workspace"
)

// TestFingerprints: in real files, findings have fingerprints of their own, which stay when all lines
// move.
func TestFingerprints(t *testing.T) {
	from := regexp.MustCompile(`(?mi)^[ \t]*FROM[ \t]`)
	prints := func(src string) []Fingerprint {
		s := workspace.NewFileSnapshot("", src, workspace.Config{}, nil)
		return Fingerprints(src, s.Lines(), s.Diagnostics(t.Context()))
	}
	for name, src := range corpus.Some(t, 4, corpus.Seed(t)) {
		first := from.FindStringIndex(src)
		if first == nil {
			continue
		}
		before := prints(src)
		seen := map[Fingerprint]bool{}
		for _, p := range before {
			if seen[p] {
				t.Errorf("%s: %v is there twice", name, p)
			}
			seen[p] = true
		}
		if after := prints(src[:first[0]] + "\n# A comment.\n" + src[first[0]:]); !slices.Equal(after, before) {
			t.Errorf("%s: %v became %v", name, before, after)
		}
	}
}
