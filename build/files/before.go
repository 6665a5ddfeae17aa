package files

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Old is one path as it was before, where that differs from what is on disk now.
type Old struct {
	Absent bool              // it was not there, nor was what is below it now
	Mode   fs.FileMode       // type and permissions
	Size   int64             // in bytes
	Link   string            // target, for symbolic links
	Sum    [sha256.Size]byte // of the bytes of a regular file
	Text   string            // the bytes, of Dockerfiles and ignore files; others are not kept
}

var errNotKept = errors.New("what was in it is not kept")

// text is what the file held.
func (o Old) text() (string, error) {
	switch {
	case o.Absent:
		return "", fs.ErrNotExist
	case !o.Mode.IsRegular():
		return "", errNotRegular
	case int64(len(o.Text)) != o.Size:
		return "", errNotKept
	}
	return o.Text, nil
}

// Earlier lists contexts as they were before: before is what was different then, by absolute path,
// directories that are no more included. What it does not name was as it is now.
func Earlier(before map[string]Old) *Lister {
	e := &earlier{before, map[string][]Entry{}}
	for abs, o := range before {
		if !o.Absent {
			e.below[filepath.Dir(abs)] = append(e.below[filepath.Dir(abs)], Entry{Path: filepath.Base(abs), Size: o.Size, Mode: o.Mode, Link: o.Link})
		}
	}
	return &Lister{before: e}
}

// earlier is what was different; nil is nothing.
type earlier struct {
	old   map[string]Old
	below map[string][]Entry // those of old that were in a directory, by their names
}

// read reads an ignore file.
func (e *earlier) read(abs string) (string, error) {
	if e != nil {
		if old, changed := e.old[abs]; changed {
			return old.text()
		}
	}
	return ReadRegular(filepath.Dir(abs), filepath.Base(abs), maxIgnore)
}

// directory is what was in a directory.
func (e *earlier) directory(root, name string) *directory {
	d := readDirectory(root, name)
	if e == nil {
		return d
	}
	abs := filepath.Join(root, filepath.FromSlash(name))
	if _, gone := e.old[abs]; gone {
		d = &directory{}
	}
	now := len(d.entries)
	d.entries = slices.DeleteFunc(d.entries, func(entry Entry) bool {
		_, changed := e.old[filepath.Join(root, filepath.FromSlash(entry.Path))]
		return changed
	})
	d.thinned = len(d.entries) < now
	for _, entry := range e.below[abs] {
		entry.Path = path.Join(name, entry.Path)
		d.entries = append(d.entries, entry)
	}
	slices.SortFunc(d.entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return d
}

// prune leaves out the directories that hold only what was not there before: git, which tells of files
// alone, would not have made them. Entries of a directory come after it.
func (t *tree) prune(entries []Entry) []Entry {
	held := map[string]int{}
	thinned := map[string]bool{}
	gone := map[string]bool{}
	for _, e := range slices.Backward(entries) {
		dir := path.Dir(e.Path)
		if read := t.dirs[e.Path]; held[e.Path] == 0 && (thinned[e.Path] || read != nil && read.thinned) {
			gone[e.Path], thinned[dir] = true, true
			continue
		}
		held[dir]++
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return gone[e.Path] })
}
