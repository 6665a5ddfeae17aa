package files_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"layerwise/build/files"
)

func TestBringsBack(t *testing.T) {
	tree := map[string]string{
		".git/HEAD": "", ".git/config": "", "node_modules/react/index.js": "", "node_modules/vue/index.js": "",
		"web/node_modules/a.js": "", "main.go": "",
	}
	for _, c := range []struct {
		ignore, path string
		want         bool
	}{
		{".git\n!.git/HEAD\n", ".git", true},
		{".git\n!.git/HEAD\n", ".git/HEAD", true},
		{".git\n!.git/HEAD\n", "main.go", false},
		{"*\n!.git\n!main.go\n", ".git", true},
		{"node_modules/*\n!node_modules/react\n", "node_modules", true},
		{"!.git\n", ".git", false},                // nothing above hides it
		{"node_modules\n", "node_modules", false}, // it is hidden
		{".git\n!.git\n.git\n", ".git", false},    // the last line that matches counts
		{"*.md\n!web\n", "web/node_modules", false},
		{"web\n!web/node_modules\n", "web/node_modules", true},
	} {
		tree[".dockerignore"] = c.ignore
		if got := files.InMemory(tree).BroughtBack(c.path); got != c.want {
			t.Errorf("%q: BroughtBack(%s) = %t", c.ignore, c.path, got)
		}
	}
}

// TestForget compares with the definition: a line hides something if a path is visible before and not after,
// and loses one if a line with ! brought it back.
func TestForget(t *testing.T) {
	tree := map[string]string{
		"a": "", "dist/a": "", "dist/keep/b": "", "web/dist/a": "", "web/dist/keep/c": "", "web/src/dist": "", "docs/x/dist/y": "",
	}
	lines := []string{"dist", "**/dist", "web", "!dist/keep", "!web/dist", "!**/keep", "*", "!web/src", "/dist/", "docs/*", "a", "**/a"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var before []string
		for range random.IntN(4) {
			before = append(before, lines[random.IntN(len(lines))])
		}
		line := lines[random.IntN(len(lines))]
		if strings.HasPrefix(line, "!") {
			continue
		}
		at := random.IntN(len(before) + 1)
		after := append(append(append([]string(nil), before[:at]...), line), before[at:]...)
		tree[".dockerignore"] = strings.Join(before, "\n")
		bc := files.InMemory(tree)
		text := strings.Join(after, "\n")
		changed, err := files.ParseIgnore(text)
		if err != nil {
			t.Fatal(err)
		}
		hides, loses, empty := false, false, false
		bc.All(func(e files.Entry) bool {
			if e.Mode.IsDir() {
				empty = empty || !e.Ignored && bc.Select([]string{e.Path}, nil).Files == 0
			} else if !e.Ignored && changed.Hides(e.Path) {
				hides = true
				loses = loses || bc.Ignore.BringsBack(e.Path)
			}
			return true
		})
		got := bc.Forget(line, text)
		if empty && got.Hides != hides {
			continue // a folder without files, which has no files to tell it by
		}
		if want := fmt.Sprint(hides, loses); fmt.Sprint(got.Hides, got.Loses != "") != want {
			t.Fatalf("%q, %s added to be %q: %+v, want %s", before, line, after, got, want)
		}
	}
}
