// Package gitignore says what git ignores, as git does, without running it: .gitignore files, the
// repository's own exclude file, and the index, because what is tracked is never ignored. The exclude file
// of the user counts for nothing here: what is found does not depend on who looks.
package gitignore

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
)

// maxFile bounds the bytes of an ignore file.
const maxFile = 1 << 20

// Rules are what holds for the files in one folder.
type Rules struct {
	repo    *repository // nil outside of one
	list    List
	ignored bool // the folder is, but for what is tracked in it
	took    *int // bytes that regular expressions looked at so far; shared by all that come from one For
}

// maxTook is a few seconds. A source tree takes a thousandth of it.
const maxTook = 400_000_000

// TooMuch reports whether the patterns of these rules, and of all others that come from the same For, take too long. It
// does not depend on how fast the machine is.
func (r Rules) TooMuch() bool { return *r.took > maxTook }

// repository is what is known of one.
type repository struct {
	root    string // absolute, without links as far as the caller's path is
	tracked index
}

// For are the rules that a folder has from its repository and the folders above it. A folder that is
// itself ignored was asked for, and is not. The path is absolute.
func For(folder string) Rules {
	root := Root(folder)
	if root == "" {
		return Rules{took: new(int)}
	}
	var above []string
	for dir := folder; dir != root; {
		dir = filepath.Dir(dir)
		above = append(above, dir)
	}
	r := enter(root, new(int))
	for _, dir := range slices.Backward(above) {
		r = r.withFile(dir)
	}
	return r
}

// Root is the top folder of the repository that a folder is in; empty if it is in none.
func Root(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// enter begins a repository.
func enter(root string, took *int) Rules {
	own := gitDir(root)
	r := Rules{repo: &repository{root: root, tracked: readIndex(own)}, took: took}
	if src, err := files.ReadRegular(commonDir(own), "info/exclude", maxFile); err == nil {
		r.list = r.list.With(filepath.ToSlash(root), src)
	}
	return r
}

// gitDir is where the repository of a working tree is: its .git, or, of a submodule or another worktree,
// the folder that the file .git names.
func gitDir(root string) string {
	const most = 4 << 10
	own := filepath.Join(root, ".git")
	src, err := files.ReadRegular(root, ".git", most)
	if err != nil {
		return own
	}
	if dir, ok := strings.CutPrefix(strings.TrimSpace(src), "gitdir: "); ok {
		own = filepath.FromSlash(dir)
		if !filepath.IsAbs(own) {
			own = filepath.Join(root, own)
		}
	}
	return own
}

// commonDir is what all worktrees of a repository have in common.
func commonDir(own string) string {
	const most = 4 << 10
	src, err := files.ReadRegular(own, "commondir", most)
	if err != nil {
		return own
	}
	dir := filepath.FromSlash(strings.TrimSpace(src))
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(own, dir)
	}
	return dir
}

// In are the rules inside the folder that they were made for, or that Below chose, with its entries: its
// own .gitignore counts, and a repository in a repository has rules of its own.
func (r Rules) In(dir string, entries []fs.DirEntry) Rules {
	if r.repo == nil || r.repo.root != dir {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" }) {
			r = enter(dir, r.took)
		}
	}
	// Like git, do not follow a link there.
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" && e.Type().IsRegular() }) {
		r = r.withFile(dir)
	}
	return r
}

// withFile adds the .gitignore of a folder. Outside of a repository there is no git to ignore anything,
// but what the file says is meant all the same.
func (r Rules) withFile(dir string) Rules {
	if info, err := os.Lstat(filepath.Join(dir, ".gitignore")); err != nil || !info.Mode().IsRegular() {
		return r
	}
	if src, err := files.ReadRegular(dir, ".gitignore", maxFile); err == nil {
		r.list = r.list.With(filepath.ToSlash(dir), src)
	}
	return r
}

// Ignores reports whether git ignores a file of the folder, or all that is in a folder of it. The path is
// absolute.
func (r Rules) Ignores(path string, folder bool) bool {
	if !r.ignored && !r.hides(path, folder) {
		return false
	}
	return !r.tracks(path, folder)
}

func (r Rules) hides(path string, folder bool) bool {
	ignored, took := r.list.ignores(filepath.ToSlash(path), folder)
	*r.took += took
	return ignored
}

func (r Rules) tracks(path string, folder bool) bool {
	if r.repo == nil {
		return false
	}
	rel, err := filepath.Rel(r.repo.root, path)
	if err != nil {
		return false
	}
	return r.repo.tracked.has(filepath.ToSlash(rel), folder)
}

// Below are the rules for a folder of the folder: where the patterns hide it, only what is tracked is to
// be seen.
func (r Rules) Below(path string) Rules {
	r.ignored = r.ignored || r.hides(path, true)
	return r
}
