package outline

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/dockergen"
)

// BenchmarkSymbols asks for the symbols after each key, in a file of one stage or few, and in one of 5,000 that build on each
// other.
func BenchmarkSymbols(b *testing.B) {
	var chain strings.Builder
	chain.WriteString("FROM alpine AS s0\n")
	for i := 1; i < 5000; i++ {
		fmt.Fprintf(&chain, "FROM s%d AS s%d\nRUN echo %d\n", i-1, i, i)
	}
	for name, src := range map[string]string{"10000": dockergen.File(10_000), "5000 stages": chain.String()} {
		b.Run(name, func(b *testing.B) {
			g := resolve(src)
			Symbols(g)
			for b.Loop() {
				at := len(g.File.Src) / 2
				g = stages.Resolve(g.File.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}}), stages.Args{}, g)
				Symbols(g)
			}
		})
	}
}
