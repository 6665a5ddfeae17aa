package stages_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestExplodes shows what must not be given to BuildKit, which would take all memory for it.
func TestExplodes(t *testing.T) {
	lines := func(n int, line string) string { return strings.Repeat(line+"\n", n) }
	chain := func(line string) string {
		var b strings.Builder
		b.WriteString("FROM alpine AS s0\nENV A=ab\nONBUILD ENV A=$A$A\n")
		for i := range 40 {
			fmt.Fprintf(&b, "FROM s%d AS s%d\n%s\n", i, i+1, line)
		}
		return b.String()
	}
	long := strings.Repeat("x", 10_000)
	for name, c := range map[string]struct {
		src  string
		want bool
	}{
		"a usual file":                {"ARG V=3\nFROM alpine:$V\nENV PATH=/a:$PATH B=$V\nWORKDIR /a\nWORKDIR b\nRUN echo $B\n", false},
		"ENV doubles":                 {"FROM alpine\nENV A=ab\n" + lines(20, "ENV A=$A$A"), true},
		"ARG doubles":                 {"FROM alpine\nARG A=ab\n" + lines(20, "ARG A=${A}${A}"), true},
		"before the first FROM":       {"ARG A=ab\n" + lines(20, "ARG A=$A$A") + "FROM alpine\n", true},
		"a default of a variable":     {"FROM alpine\nARG A=ab\n" + lines(20, "ARG A=${A:-x}${A:+$A$A}"), true},
		"replaced in a variable":      {"FROM alpine\nARG A=aaaaaaaa\n" + lines(20, "ARG A=${A//a/aaaaaaaa}"), true},
		"from stage to stage":         {chain("ENV A=$A$A"), true},
		"by ONBUILD":                  {chain("ONBUILD ENV A=$A$A"), true},
		"the same without doubling":   {chain("ONBUILD ENV A=$A"), false},
		"long values in labels":       {"FROM alpine\nARG A=" + long + "\n" + lines(1000, "LABEL a=$A$A$A$A$A$A$A$A$A$A"), true},
		"long values for commands":    {"FROM alpine\nENV A=" + long + " B=" + long + "\n" + lines(4000, "RUN make"), true},
		"as many short commands":      {"FROM alpine\nENV A=a B=b\n" + lines(4000, "RUN make"), false},
		"directories of directories":  {"FROM alpine\nARG A=" + long + "\n" + lines(200, "WORKDIR $A"), true},
		"as many other directories":   {"FROM alpine\nARG A=" + long + "\n" + lines(200, "WORKDIR /$A"), false},
		"a long user of each command": {"FROM alpine\nUSER " + long + "\n" + lines(8000, "RUN make"), true},
	} {
		g := stages.Resolve(syntax.Parse(c.src), stages.Args{}, nil)
		if got := g.Explodes(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	g := stages.Resolve(syntax.Parse("FROM alpine\nARG A\n"+lines(1000, "LABEL a=$A$A$A$A$A$A$A$A$A$A")), stages.Args{Build: map[string]string{"A": long}}, nil)
	if !g.Explodes() {
		t.Error("a long build argument in labels: false, want true")
	}
}

// TestDepths counts, for each step, those above it.
func TestDepths(t *testing.T) {
	for src, want := range map[string]int{
		"":                        0,
		"FROM a\nRUN b\nRUN c\n":  0 + 1 + 2,
		"FROM a\nRUN b\nFROM c\n": 0 + 1 + 0,
		"FROM a AS b\nRUN b\nFROM b\nRUN c\nFROM b\n": 0 + 1 + 2 + 3 + 2,
	} {
		if got := stages.Resolve(syntax.Parse(src), stages.Args{}, nil).Depths(); got != want {
			t.Errorf("%d steps above others, want %d, in\n%s", got, want, src)
		}
	}
}
