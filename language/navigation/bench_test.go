package navigation_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/navigation"
)

// BenchmarkAfterKeystroke asks about a variable that is used on every second line, after each keystroke: in one
// stage, in many, and in many of which each builds on the one above.
func BenchmarkAfterKeystroke(b *testing.B) {
	shapes := map[string]func(i int) string{
		"one stage": func(i int) string { return "RUN echo $NAME" + map[bool]string{true: " \\\n  && true"}[i%3 == 0] + "\n" },
		"many stages": func(i int) string {
			return fmt.Sprintf("FROM a AS s%d\nARG NAME\nRUN echo $NAME\nCOPY --from=s%d a b\n", i, max(0, i-1))
		},
		"a chain": func(i int) string { return fmt.Sprintf("FROM s%d AS s%d\nRUN echo $NAME $OTHER\n", i-1, i) },
	}
	questions := map[string]func(doc *language.Document, at int){
		"definition": func(doc *language.Document, at int) { navigation.Definition(doc, at) },
		"highlight":  func(doc *language.Document, at int) { navigation.Highlights(doc, at) },
		"uses of all stages": func(doc *language.Document, _ int) {
			for i := range doc.Graph.Stages {
				navigation.StageUses(doc, i)
			}
		},
		"rename": func(doc *language.Document, at int) { navigation.Rename(doc, at, "ANOTHER") }, //nolint:errcheck // only the time
	}
	for shape, instructions := range shapes {
		var src strings.Builder
		src.WriteString("ARG NAME=1\nFROM a AS s0\nARG NAME\n")
		for i := 1; strings.Count(src.String(), "\n") < 10_000; i++ {
			src.WriteString(instructions(i))
		}
		for question, ask := range questions {
			b.Run(shape+"/"+question, func(b *testing.B) {
				f := syntax.Parse(src.String())
				g := stages.Resolve(f, stages.Args{}, nil)
				for b.Loop() {
					at := strings.Index(f.Src[len(f.Src)/2:], "echo") + len(f.Src)/2
					f = f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
					g = stages.Resolve(f, stages.Args{}, g)
					ask(&language.Document{File: f, Graph: g}, strings.LastIndex(f.Src, "NAME"))
				}
			})
		}
	}
}
