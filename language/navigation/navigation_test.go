package navigation_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/language"
	"layerwise/language/navigation"
)

// marker names a place of a Dockerfile: «a» stands before the character that the cursor stands before.
var marker = regexp.MustCompile(`«(\w+)»`)

// TestNavigation reads testdata/navigation.txtar: NAME/in is a Dockerfile with named places, «a», and NAME/ask what
// is asked there, line by line: definition, declaration, highlight, references, linked, or rename with a new name.
// NAME/contexts are named contexts of the build; NAME/builds are the builds of the workspace, as JSON. All other files
// of a case are its build context.
func TestNavigation(t *testing.T) {
	cases.Run(t, "testdata/navigation.txtar", func(t *testing.T, c cases.Case) string {
		places := map[string]int{}
		src := c.Files["in"]
		for m := marker.FindStringSubmatchIndex(src); m != nil; m = marker.FindStringSubmatchIndex(src) {
			places[src[m[2]:m[3]]] = m[0]
			src = src[:m[0]] + src[m[1]:]
		}
		doc := document(src, strings.Fields(c.Files["contexts"])...)
		bc := files.InMemory(c.Without("in", "ask", "want", "contexts", "builds"))
		doc.Listed = func() *files.Context { return bc }
		doc.Read = func(path string) (string, bool) { src, ok := c.Files[strings.TrimPrefix(path, "/")]; return src, ok }
		if said := c.Files["builds"]; said != "" {
			var builds []language.Build
			if err := json.Unmarshal([]byte(said), &builds); err != nil {
				t.Fatal(err)
			}
			doc.BuiltBy = func() []language.Build { return builds }
		}
		var b strings.Builder
		for line := range strings.Lines(c.Files["ask"]) {
			words := strings.Fields(line)
			at, ok := places[words[1]]
			if !ok {
				t.Fatalf("there is no place %s", words[1])
			}
			fmt.Fprintf(&b, "%s:%s\n", strings.TrimSpace(line), answer(doc, words[0], at, words[2:]))
		}
		return b.String()
	})
}

func document(src string, contexts ...string) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{Path: "/Dockerfile", File: f, Graph: stages.Resolve(f, stages.Args{}, nil), Contexts: contexts}
}

func answer(doc *language.Document, question string, at int, words []string) string {
	src := doc.File.Src
	var list []string
	switch question {
	case "definition", "declaration":
		ask := navigation.Definition
		if question == "declaration" {
			ask = navigation.Declaration
		}
		_, targets := ask(doc, at)
		for _, target := range targets {
			if src, ok := doc.Text(target.Path); target.Line > 0 && ok && target.Span.Len() > 0 {
				line := text.NewLines(src).Span(target.Line - 1)
				list = append(list, fmt.Sprintf("%s:%d:%d %s", target.Path, target.Line, target.Span.Start-line.Start+1, target.Span.Of(src)))
				continue
			}
			if target.Line > 0 {
				list = append(list, fmt.Sprintf("%s:%d", target.Path, target.Line))
				continue
			}
			if target.Path != "" {
				list = append(list, "the file "+filepath.ToSlash(target.Path))
				continue
			}
			list = append(list, shown(doc, target.Span))
		}
	case "highlight":
		for _, h := range navigation.Highlights(doc, at) {
			list = append(list, shown(doc, h.Span)+map[bool]string{true: " (write)"}[h.Write])
		}
	case "references":
		for _, span := range navigation.References(doc, at, false) {
			list = append(list, shown(doc, span))
		}
	case "linked":
		spans, _ := navigation.Linked(doc, at)
		for _, span := range spans {
			list = append(list, shown(doc, span))
		}
	case "rename":
		change, err := navigation.Rename(doc, at, words[0])
		if err != nil {
			return " refused: " + err.Error()
		}
		out := ""
		before, after := strings.Split(src, "\n"), strings.Split(text.Apply(src, change.Edits), "\n")
		for i := range min(len(before), len(after)) {
			if before[i] != after[i] {
				out += fmt.Sprintf("\n  %d: %s", i+1, after[i])
			}
		}
		for _, other := range change.Elsewhere {
			src, _ := doc.Text(other.Path)
			before, after := strings.Split(src, "\n"), strings.Split(text.Apply(src, other.Edits), "\n")
			for i := range after {
				if before[i] != after[i] {
					out += fmt.Sprintf("\n  %s:%d: %s", other.Path, i+1, after[i])
				}
			}
		}
		if change.Note != "" {
			out += "\n  note: " + change.Note
		}
		return out
	}
	if len(list) == 0 {
		return " nothing"
	}
	return " " + strings.Join(list, ", ")
}

func shown(doc *language.Document, span text.Span) string {
	line := doc.File.Lines().Line(span.Start)
	return fmt.Sprintf("%d:%d %s", line+1, span.Start-doc.File.Lines().Span(line).Start+1, strings.ReplaceAll(span.Of(doc.File.Src), "\n", "⏎"))
}
