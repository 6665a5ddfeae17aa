package sources

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
)

// Files are the files of a workspace, as they are on disk, but for those that an editor holds unsaved.
// Paths are relative to the root of the workspace, with slashes. Links are followed as long as they stay
// below the root. It may be used by several goroutines.
type Files struct {
	root    *os.Root          // nil if there is nothing but the overlay
	overlay map[string]string // texts in place of those on disk
}

// NewFiles are the files below a folder, with texts in place of some, which may be nil. The caller closes it.
func NewFiles(folder string, overlay map[string]string) (*Files, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &Files{root, overlay}, nil
}

// InMemory are files that lie nowhere else, by their paths.
func InMemory(texts map[string]string) *Files { return &Files{overlay: texts} }

// Close ends the use of the folder.
func (f *Files) Close() error {
	if f.root == nil {
		return nil
	}
	return f.root.Close()
}

var (
	errOutside    = errors.New("it lies outside of the workspace")
	errNotRegular = errors.New("it is no regular file")
	errUTF16      = errors.New("its text is UTF-16, not UTF-8")
)

// Read is the text of a file of at most so many bytes. An error tells of one that is larger, of none, and
// of what is no regular file.
func (f *Files) Read(name string, size int) (string, error) {
	if !inside(name) {
		return "", errOutside
	}
	if text, ok := f.overlay[name]; ok {
		if len(text) > size {
			return "", tooLarge(size)
		}
		return text, nil
	}
	if f.root == nil {
		return "", fs.ErrNotExist
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|nonblocking, 0)
	if err != nil {
		return "", plain(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", plain(err)
	}
	if !info.Mode().IsRegular() {
		return "", errNotRegular
	}
	if info.Size() > int64(size) {
		return "", tooLarge(size)
	}
	text, err := io.ReadAll(io.LimitReader(file, int64(size)+1))
	switch {
	case err != nil:
	case len(text) > size:
		err = tooLarge(size)
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		err = errUTF16
	}
	return string(text), plain(err)
}

func tooLarge(size int) error { return fmt.Errorf("it is larger than %d KiB", size>>10) }

// plain is an error without the path, which the note has.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		if at.Err.Error() == "path escapes from parent" { // of os.Root, which has no value for it
			return errOutside
		}
		return at.Err
	}
	return err
}

// IsFile and IsFolder report whether there is a regular file, or a folder, of this name.
func (f *Files) IsFile(name string) bool {
	if _, ok := f.overlay[name]; ok {
		return true
	}
	info := f.stat(name)
	return info != nil && info.Mode().IsRegular()
}

// IsFolder reports whether there is a folder of this name.
func (f *Files) IsFolder(name string) bool {
	if info := f.stat(name); info != nil {
		return info.IsDir()
	}
	for file := range f.overlay {
		if name == "." || strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

func (f *Files) stat(name string) fs.FileInfo {
	if !inside(name) || f.root == nil {
		return nil
	}
	info, err := f.root.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

// inside reports whether a cleaned path stays in the workspace.
func inside(name string) bool {
	return name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name) && isKnown(name)
}

// look is what a reader has asked about a file, on which its answer rests.
type look struct {
	name string
	size int // that Read was given; 0 for IsFile and IsFolder
}

// watched notes what is asked of files.
type watched struct {
	parent *watched // if it is a view of another one …
	mounts *mounts  // … in which files have other names

	files *Files
	mu    sync.Mutex
	looks map[look]bool
}

func (w *watched) note(name string, size int) {
	w.mu.Lock()
	w.looks[look{name, size}] = true
	w.mu.Unlock()
}

func (w *watched) Read(name string, size int) (string, error) {
	if w.parent != nil {
		name, ok := w.mounts.repository(name)
		if !ok {
			return "", fs.ErrNotExist
		}
		return w.parent.Read(name, size)
	}
	w.note(name, size)
	return w.files.Read(name, size)
}

func (w *watched) IsFile(name string) bool {
	if w.parent != nil {
		name, ok := w.mounts.repository(name)
		return ok && w.parent.IsFile(name)
	}
	w.note(name, 0)
	return w.files.IsFile(name)
}

func (w *watched) IsFolder(name string) bool {
	if w.parent != nil {
		ours, ok := w.mounts.repository(name)
		return name == "." || ok && w.parent.IsFolder(ours)
	}
	w.note(name, 0)
	return w.files.IsFolder(name)
}

// names are the files that were asked about, sorted.
func (w *watched) names() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for l := range w.looks {
		names = append(names, l.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
