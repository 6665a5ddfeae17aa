package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

var (
	errChanged     = errors.New("something else has changed it meanwhile: run the command again")
	errReadOnly    = errors.New("it is read-only")
	errExists      = errors.New("it exists already")
	errLinkOutside = errors.New("it is a link to a file outside the folder")
)

// temp is a file that is written beside another one, and has yet to take its place.
type temp struct {
	*os.File
	target string      // the place
	old    fs.FileInfo // what is there; nil if nothing is
}

// newTemp begins a file that is to stand at the target, which no link leads away from.
func newTemp(target string, create bool) (*temp, error) {
	t := &temp{target: target}
	var err error
	if !create {
		if t.old, err = os.Lstat(target); err != nil {
			return nil, err
		}
		if err := writable(target, t.old); err != nil {
			return nil, err
		}
	}
	if t.File, err = createTemp(filepath.Dir(target)); err != nil {
		return nil, err
	}
	return t, nil
}

// seal ends the writing. The file has the mode and the owner of the one in its place then.
func (t *temp) seal() error {
	var err error
	if t.old != nil {
		keepOwner(t.File, t.old)
		err = t.Chmod(t.old.Mode().Perm())
	}
	if err == nil {
		err = t.Sync()
	}
	return errors.Join(err, t.Close())
}

// discard removes the file, unless it has taken its place.
func (t *temp) discard() {
	t.Close()
	os.Remove(t.Name())
}

// staged is a change that is written and has yet to take its place.
type staged struct {
	change
	*temp
}

// write makes all changes, or none if something stands against one of them. Each file is replaced at
// once: whoever reads it meanwhile sees the old text or the new one.
func write(changes []change) (err error) {
	var all []*staged
	defer func() {
		for _, s := range all {
			s.discard()
		}
	}()
	for _, c := range changes {
		s, err := stage(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, plain(err))
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.unchanged(); err != nil {
			return fmt.Errorf("%s: %w", s.name, plain(err))
		}
	}
	for i, s := range all {
		if err := s.commit(); err != nil {
			err = fmt.Errorf("%s: %w", s.name, plain(err))
			for _, done := range all[:i] {
				err = fmt.Errorf("%w (%s is written already)", err, done.name)
			}
			return err
		}
	}
	return nil
}

// stage writes the new text to a file in the same folder, with the mode and owner of the old one.
func stage(c change) (*staged, error) {
	target := c.path
	if isLink(c.path) {
		real, err := filepath.EvalSymlinks(c.path)
		if err != nil {
			return nil, err
		}
		if !inside(c.root, real) {
			return nil, errLinkOutside
		}
		target = real
	}
	t, err := newTemp(target, c.create)
	if err != nil {
		return nil, err
	}
	_, err = t.WriteString(c.after)
	if err = errors.Join(err, t.seal()); err != nil {
		t.discard()
		return nil, err
	}
	return &staged{c, t}, nil
}

// writable reports why a file may not be written. Replacing it would succeed all the same.
func writable(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errNotRegular
	}
	if info.Mode().Perm()&0o222 == 0 {
		return errReadOnly
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// createTemp creates a file with the mode of new files, which os.CreateTemp does not.
func createTemp(dir string) (*os.File, error) {
	for {
		name := filepath.Join(dir, fmt.Sprintf(".layerwise-%08x.tmp", rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// unchanged reports whether the file still is as it was when it was checked.
func (s *staged) unchanged() error {
	if s.create {
		if _, err := os.Lstat(s.target); err == nil {
			return errExists
		}
		return nil
	}
	now, err := readRegular(s.target)
	if err != nil {
		return err
	}
	if now != s.before {
		return errChanged
	}
	return nil
}

// commit puts the new text in its place. What was created by someone else meanwhile is not replaced.
func (s *staged) commit() error {
	if !s.create {
		return os.Rename(s.temp.Name(), s.target)
	}
	err := os.Link(s.temp.Name(), s.target)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return errExists
	}
	// The file system has no hard links.
	f, err := os.OpenFile(s.target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(s.after)
	return errors.Join(err, f.Close())
}
