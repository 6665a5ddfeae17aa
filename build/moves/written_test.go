package moves_test

import (
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/moves"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// TestWrittenIsNotStale asks about one COPY in turn: with other contexts, with other files that are copied first, and
// after an edit that leads it elsewhere. What it writes is kept with its instruction, and each time it is the right one.
func TestWrittenIsNotStale(t *testing.T) {
	src := "FROM alpine\nENV DIR=/app\nCOPY . $DIR/\nRUN touch /app/a\nRUN cat /app/b\n"
	both := files.InMemory(map[string]string{"a": "", "b": ""})
	other := files.InMemory(map[string]string{"c": ""})
	f := syntax.Parse(src)
	g := stages.Resolve(f, stages.Args{}, nil)
	at := strings.Index(src, "/app")
	elsewhere := stages.Resolve(f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at + len("/app")}, New: "/srv"}}), stages.Args{}, g)
	asks := []struct {
		graph *stages.Graph
		bc    *files.Context
		first []string
		want  string // answers for both RUNs
	}{
		{g, both, nil, "never never"},
		{elsewhere, both, nil, "safe safe"},
		{g, both, nil, "never never"},
		{g, other, nil, "safe safe"},
		{g, both, []string{"b"}, "never safe"},
	}
	for range 2 {
		for n, ask := range asks {
			steps := ask.graph.Stages[0].Steps
			c, ok := copies.Of(steps[2])
			if !ok {
				t.Fatal("the COPY is not read")
			}
			var got []string
			for _, run := range steps[3:] {
				v := moves.Judge{Context: ask.bc}.CopyBelow(moves.Moved{Copy: c, First: ask.first}, []moves.Part{{Step: run}})
				got = append(got, []string{"safe", "doubtful", "never"}[v.Answer])
			}
			if strings.Join(got, " ") != ask.want {
				t.Errorf("question %d: %s, want %s", n, strings.Join(got, " "), ask.want)
			}
		}
	}
}
