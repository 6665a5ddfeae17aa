package scenario

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/continuity/sysx"
)

// File is a file, directory or symbolic link. Hard links are one File under two names.
type File struct {
	Mode   fs.FileMode
	Data   []byte
	Link   string // target of a symbolic link
	MTime  time.Time
	UID    int
	GID    int
	XAttrs map[string]string
}

// Files is a folder in memory, by slash-separated path. Every directory but the root is in it.
type Files map[string]*File

// Names are the paths, sorted.
func (t Files) Names() []string { return slices.Sorted(maps.Keys(t)) }

// Clone copies the folder; hard links stay such.
func (t Files) Clone() Files {
	copies := map[*File]*File{}
	clone := make(Files, len(t))
	for name, f := range t {
		if copies[f] == nil {
			c := *f
			c.XAttrs = maps.Clone(f.XAttrs)
			copies[f] = &c // Data is replaced, never written to
		}
		clone[name] = copies[f]
	}
	return clone
}

// follow resolves the symbolic links of a path: all of them, or all but the last element.
func (t Files) follow(name string, last bool) (string, error) {
	rest := strings.Split(path.Clean(name), "/")
	at := ""
	for links := 0; len(rest) > 0; {
		next := path.Join(at, rest[0])
		rest = rest[1:]
		if next == ".." || strings.HasPrefix(next, "../") {
			return "", fmt.Errorf("%s lies outside the context", name)
		}
		if f := t[next]; f != nil && f.Mode&fs.ModeSymlink != 0 && (last || len(rest) > 0) {
			if links++; links > 40 {
				return "", fmt.Errorf("%s: too many links", name)
			}
			if path.IsAbs(f.Link) {
				return "", fmt.Errorf("%s lies outside the context", name)
			}
			rest = append(strings.Split(path.Clean(f.Link), "/"), rest...)
			continue
		}
		at = next
	}
	return at, nil
}

// below are the paths inside a directory.
func (t Files) below(dir string) (names []string) {
	for name := range t {
		if strings.HasPrefix(name, dir+"/") {
			names = append(names, name)
		}
	}
	return names
}

// now is the time of a change.
func (st *State) now() time.Time {
	st.clock = st.clock.Add(time.Second)
	return st.clock
}

// mkdirAll makes the directories that lead to a file.
func (st *State) mkdirAll(dir string) error {
	if dir == "." {
		return nil
	}
	if f := st.Files[dir]; f != nil {
		if !f.Mode.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		return nil
	}
	if err := st.mkdirAll(path.Dir(dir)); err != nil {
		return err
	}
	st.Files[dir] = &File{Mode: fs.ModeDir | 0o755, MTime: st.now()}
	return nil
}

// place resolves the path of a file that is to be made, and makes the directories that lead to it.
func (st *State) place(name string, last bool) (string, error) {
	real, err := st.Files.follow(name, last)
	if err != nil {
		return "", err
	}
	return real, st.mkdirAll(path.Dir(real))
}

// write makes a file. As with a real one, a link to a file is followed, a file that is there keeps
// its other names, and the mode is that of a new file if none is told.
func (st *State) write(name string, e Entry) error {
	isLink := e.Symlink != "" || e.Hardlink != ""
	name, err := st.place(name, !isLink)
	if err != nil {
		return err
	}
	f := st.Files[name]
	if f != nil && f.Mode.IsDir() != e.Dir {
		return fmt.Errorf("file and directory cannot replace one another")
	}
	mode := fs.FileMode(0o644)
	switch {
	case e.Symlink != "":
		st.Files[name] = &File{Mode: fs.ModeSymlink | 0o777, Link: e.Symlink, MTime: st.now()}
		return nil
	case e.Hardlink != "":
		f = st.Files[path.Clean(e.Hardlink)]
		if f == nil || f.Mode.IsDir() {
			return fmt.Errorf("a hard link needs a file, which %s is not", e.Hardlink)
		}
		st.Files[name] = f
		return nil
	case e.Dir:
		mode = fs.ModeDir | 0o755
	}
	if f == nil || !e.Dir {
		if f == nil {
			f = &File{}
		}
		f.MTime = st.now()
		if f.Data, err = e.data(); err != nil {
			return err
		}
	}
	if e.Mode != "" {
		bits, err := parseMode(e.Mode)
		if err != nil {
			return err
		}
		mode = mode.Type() | bits
	}
	f.Mode = mode
	if e.MTime != nil {
		f.MTime = time.Unix(*e.MTime, 0).UTC()
	}
	if e.UID != nil {
		f.UID, f.GID = *e.UID, *e.UID
		if e.GID != nil {
			f.GID = *e.GID
		}
	}
	for key, value := range e.XAttrs {
		f.setXAttr(key, value)
	}
	st.Files[name] = f
	return nil
}

// data are the bytes of a regular file.
func (e Entry) data() ([]byte, error) {
	switch {
	case e.FileFrom != "":
		data, err := os.ReadFile(e.FileFrom)
		if os.IsNotExist(err) {
			// Whoever only predicts needs some file, not this one.
			return []byte("stands for " + e.FileFrom), nil
		}
		return data, err
	case e.Bytes != nil:
		return e.Bytes, nil
	case e.Content != nil:
		return []byte(*e.Content), nil
	}
	return nil, nil
}

// editFile makes an edit of one file of the context.
func (st *State) editFile(e Edit) error {
	switch e.Op {
	case "delete", "rename":
		return st.move(e)
	case "write":
		real, err := st.Files.follow(e.Path, true)
		if err != nil {
			return err
		}
		onlyData := e.Mode == "" && !e.Dir && e.Symlink == "" && e.Hardlink == "" && e.FileFrom == "" &&
			e.MTime == nil && e.UID == nil && e.XAttrs == nil
		if f := st.Files[real]; onlyData && f != nil && f.Mode.IsRegular() && real == path.Clean(e.Path) {
			e.Mode = formatMode(f.Mode)
		}
		return st.write(e.Path, e.Entry)
	}
	real, err := st.Files.follow(e.Path, true)
	if err != nil {
		return err
	}
	f := st.Files[real]
	switch {
	case real == ".":
		return nil // BuildKit looks at what is in the root, not at the root
	case f == nil:
		return fmt.Errorf("no such file")
	}
	switch e.Op {
	case "write_keep_mtime":
		f.Data, err = e.data()
	case "rewrite_same":
		f.MTime = st.now()
	case "touch":
		f.MTime = st.now()
		if e.MTime != nil {
			f.MTime = time.Unix(*e.MTime, 0).UTC()
		}
	case "chmod":
		var bits fs.FileMode
		if bits, err = parseMode(e.Mode); err == nil {
			f.Mode = f.Mode.Type() | bits
		}
	case "chown":
		if e.UID == nil || e.GID == nil {
			return fmt.Errorf("uid and gid are needed")
		}
		f.UID, f.GID = *e.UID, *e.GID
	case "setxattr":
		if e.Value == nil {
			return fmt.Errorf("no value")
		}
		f.setXAttr(e.Name, *e.Value)
	}
	return err
}

// move renames or deletes a file or directory.
func (st *State) move(e Edit) error {
	from := e.From
	if e.Op == "delete" {
		from = e.Path
	}
	from, err := st.Files.follow(from, false)
	if err != nil {
		return err
	}
	f := st.Files[from]
	if f == nil {
		return fmt.Errorf("no such file")
	}
	inside := st.Files.below(from)
	to := ""
	if e.Op == "rename" {
		if to, err = st.place(e.To, false); err != nil {
			return err
		}
		if to == from {
			return nil
		}
		if strings.HasPrefix(to, from+"/") {
			return fmt.Errorf("a directory cannot move into itself")
		}
		if old := st.Files[to]; old != nil && (old.Mode.IsDir() != f.Mode.IsDir() || len(st.Files.below(to)) > 0) {
			return fmt.Errorf("%s is in the way", to)
		}
	}
	for _, name := range append(inside, from) {
		if e.Op == "rename" {
			st.Files[to+strings.TrimPrefix(name, from)] = st.Files[name]
		}
		delete(st.Files, name)
	}
	return nil
}

func (f *File) setXAttr(key, value string) {
	if f.XAttrs == nil {
		f.XAttrs = map[string]string{}
	}
	f.XAttrs[key] = value
}

// special are the mode bits above the permissions, as Unix and Go have them.
var special = map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky}

func parseMode(octal string) (fs.FileMode, error) {
	bits, err := strconv.ParseUint(octal, 8, 12)
	if err != nil {
		return 0, fmt.Errorf("mode %q: %w", octal, err)
	}
	mode := fs.FileMode(bits & 0o777)
	for unix, flag := range special {
		if bits&unix != 0 {
			mode |= flag
		}
	}
	return mode, nil
}

func formatMode(mode fs.FileMode) string {
	bits := uint64(mode.Perm())
	for unix, flag := range special {
		if mode&flag != 0 {
			bits |= unix
		}
	}
	return strconv.FormatUint(bits, 8)
}

// Write replaces what is in a directory by these files. Owners are set only where the user may.
func (t Files) Write(dir string) error {
	old, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range old {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	names := t.Names()
	written := map[*File]string{}
	for _, name := range names {
		f, target := t[name], filepath.Join(dir, filepath.FromSlash(name))
		switch first := written[f]; {
		case first != "":
			err = os.Link(first, target)
		case f.Mode.IsDir():
			err = os.Mkdir(target, 0o755)
		case f.Mode&fs.ModeSymlink != 0:
			err = os.Symlink(f.Link, target)
		default:
			err = os.WriteFile(target, f.Data, 0o600)
		}
		if err != nil {
			return err
		}
		written[f] = target
	}
	// Directories get mode and time after what is in them.
	for _, name := range slices.Backward(names) {
		if err := t[name].dress(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// dress gives the file on disk all but its bytes. Those of a link are of no concern to BuildKit.
func (f *File) dress(target string) error {
	if f.Mode&fs.ModeSymlink != 0 {
		return nil
	}
	if f.UID != 0 || f.GID != 0 {
		if err := os.Chown(target, f.UID, f.GID); err != nil && os.Geteuid() == 0 {
			return err
		}
	}
	for key, value := range f.XAttrs {
		if err := sysx.LSetxattr(target, key, []byte(value), 0); err != nil {
			return &fs.PathError{Op: "setxattr", Path: target, Err: err}
		}
	}
	if err := os.Chmod(target, f.Mode); err != nil { // after chown, which clears setuid
		return err
	}
	return os.Chtimes(target, f.MTime, f.MTime)
}
