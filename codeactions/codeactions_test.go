package codeactions_test

import (
	stdcontext "context"
	"maps"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/codeactions"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/golden"
)

var background = stdcontext.Background()

var context = map[string]string{"requirements.txt": "flask\n", "app.py": "x", "Dockerfile": ""}

func input(src string, tree map[string]string) codeactions.Input {
	f := syntax.Parse(src)
	c := files.InMemory(tree)
	g := stages.Resolve(f, stages.Args{Image: images.Base}, nil)
	found := diagnostics.Run(background, diagnostics.Input{Rules: golden.Frozen(), Graph: g, Build: diagnostics.Build{Context: c}}, nil).Diagnostics
	return codeactions.Input{Path: "/Dockerfile", File: f, Graph: g, Context: c, Diagnostics: found}
}

func titles(actions []codeactions.Action) string {
	var list []string
	for _, a := range actions {
		mark := ""
		if a.Preferred {
			mark = "* "
		}
		list = append(list, mark+a.Title)
	}
	return strings.Join(list, "\n")
}

const src = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nUSER 1\nCMD [\"python\", \"app.py\"]\n"

func TestAt(t *testing.T) {
	in := input(src, context)
	copyLine := text.Span{Start: strings.Index(src, "COPY"), End: strings.Index(src, "COPY")}
	want := "* Move `COPY requirements.txt` above `RUN pip install`" + `
Create .dockerignore that leaves out Dockerfile
Ignore copy-before-install here
Ignore copy-before-install in this file
Ignore dockerignore-missing here
Ignore dockerignore-missing in this file`
	if got := titles(codeactions.At(in, copyLine, true)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := titles(codeactions.At(in, copyLine, false)); strings.Contains(got, "Create") {
		t.Errorf("a file is created for a client that cannot:\n%s", got)
	}
	if got := codeactions.At(in, text.Span{Start: len(src), End: len(src)}, true); len(got) > 0 {
		t.Errorf("actions where nothing is wrong:\n%s", titles(got))
	}
}

// TestOrder: on top stands the fix of what costs most, not of what is found first.
func TestOrder(t *testing.T) {
	tree := map[string]string{"app.py": "x", "id_rsa": "x", "Dockerfile": "", ".dockerignore": "docs\n"}
	const src = "FROM python:3.12-slim\nCOPY . .\nUSER 1\nCMD [\"python\", \"app.py\"]\n"
	at := strings.Index(src, "COPY")
	want := `Ignore id_rsa in .dockerignore
Ignore .dockerignore and Dockerfile in .dockerignore
`
	if got := titles(codeactions.At(input(src, tree), text.Span{Start: at, End: at}, true)); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant first\n%s", got, want)
	}
}

// TestAtLine: editors that tell only where the cursor is get what is found anywhere on its line.
func TestAtLine(t *testing.T) {
	const src = "FROM debian:12\r\nUSER 1\r\nRUN apt-get update\r\nRUN apt-get install -y curl\r\n"
	in := input(src, nil)
	start := strings.Index(src, "RUN apt-get update")
	found := strings.Index(src, "apt-get update")
	for name, at := range map[string]struct {
		span text.Span
		want bool
	}{
		"on the finding":         {text.Span{Start: found, End: found}, true},
		"at the line's start":    {text.Span{Start: start, End: start}, true},
		"on the line above":      {text.Span{Start: start - 2, End: start - 2}, false},
		"on the line below":      {text.Span{Start: start + 20, End: start + 20}, false},
		"other words, selected":  {text.Span{Start: start, End: start + 2}, false},
		"other words and some":   {text.Span{Start: start, End: found}, true},
		"at the end of the text": {text.Span{Start: len(src), End: len(src)}, false},
	} {
		if got := codeactions.At(in, at.span, true); (len(got) > 0) != at.want {
			t.Errorf("%s: %q", name, titles(got))
		}
	}
}

// TestIgnoreActions applies each and checks that the finding is gone, and no other.
func TestIgnoreActions(t *testing.T) {
	for _, text := range []string{
		src,
		"# syntax=docker/dockerfile:1\n# a comment\n" + src,
		strings.Replace(src, "COPY", "# layerwise ignore=dockerignore-missing -- small\nCOPY", 1),
		strings.Replace(src, "COPY", "  COPY", 1),
		strings.ReplaceAll(src, "\n", "\r\n"),
	} {
		in := input(text, context)
		for _, a := range codeactions.At(in, span(text), true) {
			if !strings.HasPrefix(a.Title, "Ignore ") {
				continue
			}
			after := apply(text, a.Edits)
			left := input(after, context).Diagnostics
			for _, d := range left {
				if d.Rule == a.Diagnostic.Rule {
					t.Errorf("%s: it is still there in\n%s", a.Title, after)
				}
			}
			if len(left) != len(in.Diagnostics)-1 {
				t.Errorf("%s: %d findings left of %d in\n%s", a.Title, len(left), len(in.Diagnostics), after)
			}
		}
	}
}

func span(src string) text.Span { return text.Span{Start: 0, End: len(src)} }

func apply(src string, edits []diagnostics.FileEdit) string {
	for _, e := range edits {
		if e.Path == "" {
			src = text.Apply(src, e.Edits)
		}
	}
	return src
}

func TestFixAll(t *testing.T) {
	tests := map[string]struct {
		tree  map[string]string
		edits string
	}{
		"nothing else": {context, "Dockerfile"},
		"creates an ignore file": {
			map[string]string{"package.json": `{"name":"a"}`, "package-lock.json": lock, "node_modules/x": "", "requirements.txt": "", "app.py": ""},
			"Dockerfile, create /.dockerignore",
		},
		"edits an ignore file": {
			map[string]string{"package.json": `{"name":"a"}`, "package-lock.json": lock, "node_modules/x": "", "requirements.txt": "", "app.py": "", ".dockerignore": "*.log"},
			"/.dockerignore, Dockerfile",
		},
	}
	for name, tt := range tests {
		before := strings.Replace(src, "RUN", "RUN npm ci\nRUN", 1)
		if name == "nothing else" {
			before = src
		}
		in := input(before, tt.tree)
		edits := codeactions.FixAll(in, func(src string, changed map[string]string) []diagnostics.Diagnostic {
			tree := maps.Clone(tt.tree)
			for path, body := range changed {
				tree[strings.TrimPrefix(path, "/")] = body
			}
			return input(src, tree).Diagnostics
		})
		var list []string
		for _, e := range edits {
			switch {
			case e.Path == "":
				list = append(list, "Dockerfile")
			case e.Create:
				list = append(list, "create "+e.Path)
			default:
				list = append(list, e.Path)
			}
		}
		slices.Sort(list)
		if got := strings.Join(list, ", "); got != tt.edits {
			t.Errorf("%s: edits of %s, want %s", name, got, tt.edits)
		}
		after := apply(before, edits)
		for _, d := range input(after, tt.tree).Diagnostics {
			if d.Rule.Name == "copy-before-install" && name == "nothing else" {
				t.Errorf("%s: still %s in\n%s", name, d.Message, after)
			}
		}
	}
}

const lock = `{"name":"a","lockfileVersion":3,"packages":{"":{"name":"a"}}}`
