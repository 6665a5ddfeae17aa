package occurrences_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/cases"
)

var kinds = map[occurrences.Kind]string{
	occurrences.Variable: "variable", occurrences.Local: "local", occurrences.Stage: "stage", occurrences.Image: "image",
	occurrences.Context: "context", occurrences.Heredoc: "heredoc", occurrences.User: "user", occurrences.Path: "path",
}

var expanders = map[stages.Expander]string{
	stages.Unclear: "", stages.Builder: " by the builder", stages.BuildShell: " by the build's shell", stages.ContainerShell: " by the container's shell",
}

// TestNames reads testdata/names.txtar: NAME/in is a Dockerfile, NAME/contexts are named contexts of its build, and
// NAME/want are its names, line by line, with what they mean.
func TestNames(t *testing.T) {
	cases.Run(t, "testdata/names.txtar", func(t *testing.T, c cases.Case) string {
		f := syntax.Parse(c.Files["in"])
		table := occurrences.Of(stages.Resolve(f, stages.Args{}, nil), strings.Fields(c.Files["contexts"])...)
		var b strings.Builder
		for i := range f.Instructions {
			for _, r := range table.In(i) {
				if r.Kind == occurrences.Path && c.Name != "paths" {
					continue
				}
				fmt.Fprintf(&b, "%s %s%s", at(f, table, r), kinds[table.KindOf(r)], expanders[r.By])
				if r.Defines {
					b.WriteString(", defined here")
				}
				for n, def := range table.Definitions(r) {
					if !def.Same(r) {
						fmt.Fprintf(&b, "%s %s", []string{", from", " and"}[min(n, 1)], at(f, table, def))
					}
				}
				if stage, ok := table.StageOf(r); ok && !r.Defines && len(table.Definitions(r)) == 0 {
					fmt.Fprintf(&b, ", number %d", stage)
				}
				b.WriteString("\n")
			}
		}
		return b.String()
	})
}

// at is a name with its line and column.
func at(f *syntax.File, table *occurrences.Table, r occurrences.Ref) string {
	span := table.Span(r)
	line := f.Lines().Line(span.Start)
	return fmt.Sprintf("%d:%d %s", line+1, span.Start-f.Lines().Span(line).Start+1, strings.ReplaceAll(span.Of(f.Src), "\n", "⏎"))
}
