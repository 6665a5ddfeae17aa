package sources

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/internal/cases"
)

// TestCases reads the workspaces of testdata, one text file for each kind of source.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			cases.Run(t, file, func(t *testing.T, c cases.Case) string { return describe(t, c.Without("want")) })
		})
	}
}

// describe is what is read in a workspace, in lines.
func describe(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := NewFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return lines(Read(context.Background(), files, names))
}

// disk remembers nothing.
func disk(files *Files) ask {
	return func(_ key, file string, kind Kind, read func(*reading)) *reading {
		return readWith(files, file, kind, read)
	}
}

func lines(r *Result) string {
	var b strings.Builder
	for _, build := range r.Builds {
		fmt.Fprintln(&b, build)
	}
	for _, n := range r.Notes {
		word := "note"
		if n.Wrong {
			word = "wrong"
		}
		fmt.Fprintf(&b, "%s: %s:%d: %s\n", word, n.File, n.Line, n.Message)
	}
	return b.String()
}

// checkLaws fails if what was read of texts breaks a law that holds for all sources: it is what fuzz targets
// of readers call. It returns what was read, of each file by itself and together.
func checkLaws(t *testing.T, texts map[string]string) (all []*reading, res *Result) {
	t.Helper()
	files := &Files{overlay: texts}
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, disk(files).read(name)...)
	}
	for _, r := range all {
		if r.crashed {
			t.Fatalf("%s: the reader crashed: %v", r.file, r.notes)
		}
	}
	res = together(all)
	if again := Read(context.Background(), files, names); lines(res) != lines(again) {
		t.Fatalf("two readings differ:\n%s\n%s", lines(res), lines(again))
	}
	for _, b := range res.Builds {
		count := strings.Count(texts[b.Place.File], "\n") + 1
		switch {
		case texts[b.Place.File] == "" || b.Place.Line < 1 || b.Place.Line > count:
			t.Fatalf("the place is in no file: %v", b)
		case (b.Dockerfile == "") == (b.Inline == "") && b.Kind != Remote:
			t.Fatalf("a build has a Dockerfile or a text: %v", b)
		case !isKnown(b.Dockerfile + b.Context + b.Target + b.IgnoreFile):
			t.Fatalf("a path is not known: %v", b)
		case b.Dockerfile != "" && !inside(b.Dockerfile):
			t.Fatalf("the Dockerfile lies outside: %v", b)
		}
		for name, v := range b.Args {
			if v != nil && !isKnown(*v) {
				t.Fatalf("the argument %s has a value of which only a part is known: %v", name, b)
			}
		}
	}
	for _, n := range res.Notes {
		if n.Line < 1 || n.Message == "" || !isKnown(n.Message) || strings.Contains(n.Message, "its reader failed") {
			t.Fatalf("a note without place or text: %+v", n)
		}
	}
	return all, res
}
