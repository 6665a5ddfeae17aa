package refactorings_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/language"
	"layerwise/language/formatting"
	"layerwise/language/refactorings"
)

// TestCases reads testdata: NAME/in is a Dockerfile in which « is the cursor, or «» hold what is selected, and
// NAME/want what is offered there: each title, and the lines that change.
func TestCases(t *testing.T) {
	for _, file := range []string{"args", "stages", "pairs", "forms"} {
		cases.Run(t, "testdata/"+file+".txtar", func(t *testing.T, c cases.Case) string {
			before, rest, _ := strings.Cut(c.Files["in"], "«")
			span := text.Span{Start: len(before), End: len(before)}
			if selected, behind, ok := strings.Cut(rest, "»"); ok {
				span.End += len(selected)
				rest = selected + behind
			}
			doc := document(before + rest)
			for line := range strings.Lines(c.Files["builds"]) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				doc.BuiltBy = func() []language.Build { return []language.Build{{Args: map[string]string{name: value}}} }
			}
			doc.Contexts = strings.Fields(c.Files["contexts"])
			var b strings.Builder
			for _, r := range refactorings.At(doc, span, byDefault) {
				fmt.Fprintf(&b, "%s: %s\n", r.Kind, r.Title)
				after := text.Apply(doc.File.Src, r.Edits)
				changed(&b, doc.File.Src, after)
				for _, in := range syntax.Parse(after).Instructions {
					if in.Cmd() == nil {
						t.Errorf("%s: BuildKit does not take %q", r.Title, in.Text)
					}
				}
			}
			return b.String()
		})
	}
}

func byDefault() formatting.Options { return formatting.Options{} }

func document(src string) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{Path: "/Dockerfile", File: f, Graph: stages.Resolve(f, stages.Args{}, nil)}
}

// changed writes the lines that differ, with those between them.
func changed(b *strings.Builder, before, after string) {
	old, new := strings.Split(strings.TrimSuffix(before, "\n"), "\n"), strings.Split(strings.TrimSuffix(after, "\n"), "\n")
	for len(old) > 0 && len(new) > 0 && old[0] == new[0] {
		old, new = old[1:], new[1:]
	}
	for len(old) > 0 && len(new) > 0 && old[len(old)-1] == new[len(new)-1] {
		old, new = old[:len(old)-1], new[:len(new)-1]
	}
	for _, line := range old {
		fmt.Fprintf(b, "  - %s\n", line)
	}
	for _, line := range new {
		fmt.Fprintf(b, "  + %s\n", line)
	}
}
