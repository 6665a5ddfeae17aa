package files

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
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
// directories that are no more included. What it does not name was as it is now, but for directories
// that hold nothing else than what was not there: git, which tells of files alone, would not have made
// them.
func Earlier(before map[string]Old) *Lister {
	e := &earlier{before, map[string][]Entry{}, map[string]bool{}}
	for abs, o := range before {
		dir := filepath.Dir(abs)
		if !o.Absent {
			e.below[dir] = append(e.below[dir], Entry{Path: filepath.Base(abs), Size: o.Size, Mode: o.Mode, Link: o.Link})
			continue
		}
		for !e.fewer[dir] {
			e.fewer[dir] = true
			dir = filepath.Dir(dir)
		}
	}
	return &Lister{before: e}
}

// earlier is what was different; nil is nothing.
type earlier struct {
	old   map[string]Old
	below map[string][]Entry // those of old that were in a directory, by their names
	fewer map[string]bool    // directories with something below that was not there
}

// text reads an ignore file.
func (e *earlier) text(abs string) (string, error) {
	if e != nil {
		if old, changed := e.old[abs]; changed {
			return old.text()
		}
	}
	return ReadRegular(filepath.Dir(abs), filepath.Base(abs), maxIgnore)
}

// change makes of a directory as it is now what it was. dir reads those below it.
func (e *earlier) change(d *directory, abs string, dir func(string) *directory) {
	if e == nil {
		return
	}
	if _, gone := e.old[abs]; gone {
		d.entries, d.changed, d.err = nil, time.Time{}, nil
	}
	now := len(d.entries)
	d.entries = slices.DeleteFunc(d.entries, func(entry Entry) bool {
		below := filepath.Join(abs, entry.Path)
		if _, changed := e.old[below]; changed || !entry.Mode.IsDir() || !e.fewer[below] {
			return changed
		}
		inside := dir(below)
		return inside.thinned && len(inside.entries) == 0
	})
	d.thinned = len(d.entries) < now
	d.entries = append(d.entries, e.below[abs]...)
	slices.SortFunc(d.entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
}
