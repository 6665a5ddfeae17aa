package syntax

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/text"
	"layerwise/internal/dockergen"
)

func benchSizes(b *testing.B, run func(b *testing.B, src string)) {
	for _, n := range []int{20, 200, 2000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := dockergen.File(n)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, src)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	benchSizes(b, func(b *testing.B, src string) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			Parse(src)
		}
	})
}

func BenchmarkParseAndType(b *testing.B) {
	benchSizes(b, func(b *testing.B, src string) {
		for b.Loop() {
			for _, in := range Parse(src).Instructions {
				in.Cmd()
			}
		}
	})
}

// BenchmarkEdit types one character in the middle of the file, with all that a keystroke needs.
func BenchmarkEdit(b *testing.B) {
	benchSizes(b, func(b *testing.B, src string) {
		f := Parse(src)
		at := len(src)/2 + strings.Index(src[len(src)/2:], "npm run build")
		if at < len(src)/2 {
			at = strings.Index(src, "npm run build")
		}
		n := 0
		for b.Loop() {
			e := text.Edit{Span: text.Span{Start: at, End: at}, New: "x"}
			if n%2 == 1 {
				e = text.Edit{Span: text.Span{Start: at, End: at + 1}}
			}
			n++
			f = f.Edit([]text.Edit{e})
			f.Instructions[f.Index(at)].Errors()
		}
	})
}
