package gitignore

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"layerwise/build/files"
)

// Tracked is what git tracks of a build context. The zero value tracks nothing.
type Tracked struct {
	prefix string // of the context in the repository: empty, or with a slash at the end
	index  index
	key    indexKey // zero if there is no repository
}

type indexKey struct {
	dir      string
	modified time.Time
	size     int64
}

// TrackedIn is what git tracks of a build context now; nothing outside of a repository. The index is read once
// for a listing, and again when it has changed.
func TrackedIn(bc *files.Context) Tracked {
	if !filepath.IsAbs(bc.Root) {
		return Tracked{}
	}
	root := Root(bc.Root)
	if root == "" {
		return Tracked{}
	}
	own := gitDir(root)
	info, err := os.Stat(filepath.Join(own, "index"))
	if err != nil {
		return Tracked{}
	}
	rel, err := filepath.Rel(root, bc.Root)
	if err != nil {
		return Tracked{}
	}
	var t Tracked
	if rel != "." {
		t.prefix = filepath.ToSlash(rel) + "/"
	}
	t.key = indexKey{own, info.ModTime(), info.Size()}
	t.index = bc.Memo(t.key, func() any { return readIndex(own) }).(index)
	return t
}

// Has reports whether git tracks a path of the context: as a file, or, of a folder, because something in it is.
func (t Tracked) Has(name string, folder bool) bool { return t.index.has(t.prefix+name, folder) }

type commitKey struct{ indexKey }

// Commit is the build context as a git context has it, if its folder is in a repository: what git tracks, but for
// the repository itself. What was changed since the last commit is taken for committed. Outside of a repository it
// is all there is.
func Commit(bc *files.Context) *files.Context {
	t := TrackedIn(bc)
	return bc.Memo(commitKey{t.key}, func() any {
		return bc.Only(func(name string, folder bool) bool {
			return name != ".git" && !strings.HasPrefix(name, ".git/") && (t.key == (indexKey{}) || t.Has(name, folder))
		})
	}).(*files.Context)
}
