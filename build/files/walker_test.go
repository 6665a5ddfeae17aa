package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSlowPatterns lists a context whose patterns have used up their time.
func TestSlowPatterns(t *testing.T) {
	ignore, err := parseIgnore("/x/.dockerignore", "*a*\n")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	l := new(Lister)
	l.matching.Store(int64(maxMatching + perEntry))
	w := walker{ctx: t.Context(), lister: l, tree: l.tree(root), ignore: ignore, opts: Options{Limit: 10}, stamps: map[string]time.Time{}}
	if err := w.walk(); err != nil || !strings.Contains(w.stop, "patterns of .dockerignore take too long") {
		t.Errorf("stop %q, error %v", w.stop, err)
	}
}
