package sources

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
)

// TestPatternsTakeAllSources: an editor that watches the patterns hears of each source but for scripts without an
// extension, which only their folder tells from other files.
func TestPatternsTakeAllSources(t *testing.T) {
	seen := 0
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, header := strings.CutPrefix(strings.TrimSpace(line), "-- ")
			_, name, _ = strings.Cut(strings.TrimSuffix(name, " --"), "/") // without the name of the case
			if !header || !IsSource(name) || isShell(name) && filepath.Ext(name) == "" {
				continue
			}
			seen++
			if !taken(t, "some/folder/"+name) && !taken(t, name) {
				t.Errorf("no pattern takes %s", name)
			}
		}
	}
	if seen < 50 {
		t.Errorf("the cases have %d sources only", seen)
	}
}

func taken(t *testing.T, name string) bool {
	for _, pattern := range Patterns {
		ok, err := doublestar.Match(pattern, name)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		if ok {
			return true
		}
	}
	return false
}
