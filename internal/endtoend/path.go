package endtoend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ours are the names that the program is started by.
var ours = []string{"layerwise", "docker-langserver"}

// Path is the PATH of a machine that has no Layerwise, whether this one has or not: a folder with one in
// it is replaced by one with links to all other programs of it.
func Path(t testing.TB) string {
	t.Helper()
	folders := filepath.SplitList(os.Getenv("PATH"))
	for i, folder := range folders {
		if !slices.ContainsFunc(ours, func(name string) bool { _, err := os.Lstat(filepath.Join(folder, name)); return err == nil }) {
			continue
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		folders[i] = t.TempDir()
		for _, e := range entries {
			if slices.Contains(ours, e.Name()) {
				continue
			}
			if err := os.Symlink(filepath.Join(folder, e.Name()), filepath.Join(folders[i], e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return strings.Join(folders, string(os.PathListSeparator))
}
