package stages_test

import (
	"fmt"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestBuildLine: editors end a line at a carriage return alone, and BuildKit does not; BuildKit counts an
// instruction from the empty continuation lines before it.
func TestBuildLine(t *testing.T) {
	for src, want := range map[string]string{
		"FROM a\nRUN b\n":                           "1=1 2=2",
		"FROM a\r\nRUN b\r\n":                       "1=1 2=2",
		"FROM a\n# a stray\rreturn\nRUN b\nRUN c\n": "1=1 4=3 5=4",
		"# x\ry\nFROM a\n\n# b\n\\\nRUN b\nRUN c\n": "3=2 7=5 8=7",
	} {
		g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
		got := ""
		for i := range g.File.Instructions {
			s := g.StepAt(i)
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("%d=%d", g.Line(s), g.BuildLine(s))
			if at := g.AtBuildLine(g.BuildLine(s)); at != i {
				t.Errorf("%q: BuildKit's line %d is of instruction %d, want %d", src, g.BuildLine(s), at, i)
			}
		}
		if got != want {
			t.Errorf("%q: our lines and BuildKit's are %s, want %s", src, got, want)
		}
	}
}
