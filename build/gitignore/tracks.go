package gitignore

import (
	"os"
	"path/filepath"
	"time"

	"layerwise/build/files"
)

type indexKey struct {
	dir      string
	modified time.Time
	size     int64
}

// Tracks reports whether git tracks a path of a build context: as a file, or, of a folder, because something
// in it is. It is false outside of a repository. The index is read once, and again when it has changed.
func Tracks(bc *files.Context, name string, folder bool) bool {
	if !filepath.IsAbs(bc.Root) {
		return false
	}
	root := Root(bc.Root)
	if root == "" {
		return false
	}
	own := gitDir(root)
	info, err := os.Stat(filepath.Join(own, "index"))
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, filepath.Join(bc.Root, filepath.FromSlash(name)))
	if err != nil {
		return false
	}
	tracked := bc.Memo(indexKey{own, info.ModTime(), info.Size()}, func() any { return readIndex(own) }).(index)
	return tracked.has(filepath.ToSlash(rel), folder)
}
