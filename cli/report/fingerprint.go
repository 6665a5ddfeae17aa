package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// Fingerprint tells a finding from all others of its file, in this run and in the next ones: by its
// rule and the line that it is in, wherever the line has moved to. Spaces in the line do not count.
type Fingerprint struct {
	of  string // hash of rule and line
	nth int    // of the findings of the file that have the same hash, from 1
}

// Fingerprints are those of the findings of a text, in their order.
func Fingerprints(src string, lines *text.Lines, found []diagnostics.Diagnostic) []Fingerprint {
	prints := make([]Fingerprint, len(found))
	seen := map[string]int{}
	for i, d := range found {
		line := lines.Span(lines.Line(d.Span.Start)).Of(src)
		of := hash(d.ID(), strings.Join(strings.Fields(line), " "))
		seen[of]++
		prints[i] = Fingerprint{of, seen[of]}
	}
	return prints
}

// within makes a fingerprint one of all findings of a run.
func (p Fingerprint) within(path string) string { return hash(path, p.of, fmt.Sprint(p.nth)) }

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}
