package diagnostics

import (
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
)

// maxWork bounds what the patterns of a Dockerfile may ask of its build context, in bytes of patterns
// times entries: each is tried on every one. Real files stay far below.
const maxWork = 1_000_000_000

// maxPairs bounds the comparisons of steps with those above them, in the same stage or in those that it
// builds on. An image has at most 127 layers: real stages stay far below, and one of 10,000 steps passes.
const maxPairs = 120_000_000

// TooLong reports whether the stages have too many steps for the rules. Only the syntax is checked then.
func TooLong(g *stages.Graph) bool {
	pairs := 0
	for _, s := range g.Stages {
		steps := 0
		for _, below := range s.Chain() {
			steps += len(below.Steps)
		}
		if pairs += steps * steps; pairs > maxPairs {
			return true
		}
	}
	return false
}

// TooMuch reports whether the patterns of a Dockerfile are too many for its build context. It is
// checked without one then.
func TooMuch(g *stages.Graph, c *files.Context) bool {
	if c == nil || len(g.File.Src)*c.Len() <= maxWork {
		return false
	}
	patterns := 0
	for _, in := range g.File.Instructions {
		if in.Name != "COPY" && in.Name != "ADD" {
			continue
		}
		line := in.Text[in.Keyword.Start:in.Args.End]
		if strings.ContainsAny(line, "*?[$") || strings.Contains(line, "--exclude") {
			patterns += len(line)
		}
	}
	return patterns*c.Len() > maxWork
}
