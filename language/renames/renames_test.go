package renames

import (
	"path"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
)

func resolve(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
}

func TestRenames(t *testing.T) {
	cases.Run(t, "testdata/renames.txtar", func(t *testing.T, c cases.Case) string {
		var renames []Rename
		for line := range strings.Lines(c.Files["moves"]) {
			old, by, _ := strings.Cut(strings.TrimSpace(line), " ")
			renames = append(renames, Rename{old, by})
		}
		src, ignore := c.Files["Dockerfile"], c.Files[".dockerignore"]
		if strings.HasPrefix(c.Name, "windows") {
			src = strings.ReplaceAll(src, "\n", "\r\n")
		}
		want := "nothing\n"
		if edits := InDockerfile(resolve(src), []string{"named"}, renames); len(edits) > 0 {
			want = strings.ReplaceAll(text.Apply(src, edits), "\r\n", "\n")
		}
		if ignore != "" {
			want += "and\n" + text.Apply(ignore, InIgnoreFile(ignore, renames))
		}
		return strings.ReplaceAll(want, " \n", "\n")
	})
}

// TestBackAgain is a law, on real files: what a file takes is renamed and then renamed back, which restores the text;
// and in between the steps are the same but for that name.
func TestBackAgain(t *testing.T) {
	if !corpus.Given() {
		t.Skip("no corpus")
	}
	n, changed := 0, 0
	for _, src := range corpus.Files(t) {
		if n++; n%10 != 0 && testing.Short() || n%3 != 0 {
			continue
		}
		g := resolve(src)
		for _, stage := range g.Stages {
			for _, s := range stage.Steps {
				if s.Instr.Name != "COPY" || len(s.Instr.Words) < 2 {
					continue
				}
				old := strings.Trim(strings.TrimPrefix(s.Instr.Words[0].Text, "./"), "/")
				by := path.Join("other place", "renamed")
				if InDockerfile(g, nil, []Rename{{old, by}}) != nil {
					t.Fatalf("a name with a blank was written for %q into\n%s", old, src)
				}
				by = "elsewhere/renamed-" + path.Base(old)
				edits := InDockerfile(g, nil, []Rename{{old, by}})
				if len(edits) == 0 {
					continue
				}
				changed++
				after := resolve(text.Apply(src, edits))
				if len(after.File.Instructions) != len(g.File.Instructions) || len(after.Stages) != len(g.Stages) {
					t.Fatalf("%q renamed makes other steps of\n%s", old, src)
				}
				back := InDockerfile(after, nil, []Rename{{by, old}})
				if got := text.Apply(after.File.Src, back); got != src {
					t.Fatalf("%q renamed and renamed back makes\n%s\nof\n%s", old, got, src)
				}
			}
		}
	}
	if changed == 0 {
		t.Error("nothing was renamed")
	}
}

// TestPrefixes is a law: no text, however short it is cut, is too odd.
func TestPrefixes(t *testing.T) {
	const src = "# escape=`\nFROM a AS b\r\nCOPY [\"x/y\", \"./é\"]\nRUN --mount=type=bind,src=x,from=\\\n b true <<EOF\nx\nEOF\nADD ./x/ x/* $x \"x\" /\n"
	for end := range len(src) + 1 {
		for _, edit := range InDockerfile(resolve(src[:end]), nil, []Rename{{"x", "z"}, {"é", "e"}}) {
			if edit.Span.Start < 0 || edit.Span.End > end {
				t.Fatalf("%v of %q", edit, src[:end])
			}
		}
		InIgnoreFile(src[:end], []Rename{{"x", "z"}})
	}
}
