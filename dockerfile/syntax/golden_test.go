package syntax

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
)

var update = cases.Update

// TestTrees shows the trees of small files. An archive has a Dockerfile, or "quoted": its lines as
// Go strings with their line ends; and the tree.
func TestTrees(t *testing.T) {
	paths, err := filepath.Glob("testdata/trees/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no trees", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			src, want := "", ""
			for _, file := range archive.Files {
				switch file.Name {
				case "Dockerfile":
					src = string(file.Data)
				case "quoted":
					for line := range strings.Lines(string(file.Data)) {
						part, err := strconv.Unquote(strings.TrimSpace(line))
						if err != nil {
							t.Fatalf("%s: %v", line, err)
						}
						src += part
					}
				case "tree":
					want = string(file.Data)
				}
			}
			got := dump(Parse(src))
			if got == want {
				return
			}
			if !*update {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			files := archive.Files[:1]
			archive.Files = append(files, txtar.File{Name: "tree", Data: []byte(got)})
			if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// dump is the tree for people: line:column, what it is, and its text.
func dump(f *File) string {
	var b strings.Builder
	say := func(indent string, what string, span text.Span, more ...string) {
		line, column := f.Lines().Position(span.Start, text.UTF8)
		fmt.Fprintf(&b, "%s%d:%d %s %s", indent, line+1, column+1, what, quoted(span.Of(f.Src)))
		for _, m := range more {
			b.WriteString(" " + m)
		}
		b.WriteString("\n")
	}
	if f.CustomFrontend() {
		b.WriteString("custom frontend\n")
	}
	for _, d := range f.Directives {
		say("", "directive", d.Span, d.Name, quoted(d.Value))
	}
	for _, e := range f.Errors {
		say("", e.Rule, e.Span, ": "+e.Message)
	}
	for i, in := range f.Instructions {
		start := f.Start(i)
		say("", "instruction", in.Keyword.Shift(start), in.Name)
		child := func(what string, span text.Span, more ...string) { say("  ", what, span.Shift(start), more...) }
		for _, c := range in.Comments {
			child("comment", c)
		}
		for _, f := range in.Flags {
			child("flag", f.Name, quoted(f.Value.Of(in.Text)))
		}
		if in.JSON {
			b.WriteString("  in JSON form\n")
		}
		for _, w := range in.Words {
			if w.Text == w.Span.Of(in.Text) {
				child("word", w.Span)
				continue
			}
			child("word", w.Span, "read as", quoted(w.Text))
		}
		for _, c := range in.Inner {
			child("inner comment", c)
		}
		for _, h := range in.Heredocs {
			how := fmt.Sprintf("expand=%v chomp=%v", h.Expand, h.Chomp)
			child("heredoc", h.Op, quoted(h.Name), how)
			child("  content", h.Content)
			child("  end", h.End)
		}
		for _, e := range in.Errors() {
			more := []string{": " + e.Message}
			if e.Suggest != "" {
				more = append(more, "→ "+e.Suggest)
			}
			child(e.Rule, e.Span, more...)
		}
	}
	if f.Trailer != "" {
		fmt.Fprintf(&b, "trailer %s\n", quoted(f.Trailer))
	}
	return b.String()
}

// quoted quotes what could not be read otherwise.
func quoted(s string) string {
	if s != "" && strconv.Quote(s) == `"`+s+`"` {
		return "[" + s + "]"
	}
	return strconv.Quote(s)
}
