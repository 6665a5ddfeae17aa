// Package history is the state of a build context at a revision of git.
//
// It is the only package that runs a program, and git the only program that it runs: to compare and to
// read what the repository holds. Nothing that a repository names in its configuration is run, be it
// hook, filter, diff program or file system monitor, and nothing is fetched or written.
package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
)

// State is how a build context and its Dockerfile differed at a revision from what is on disk now. What
// git ignores, and an empty directory, is taken to have been as it is.
type State struct {
	Commit     string // the object's full name
	Dockerfile string // its text then
	Before     map[string]files.Old
	// Unsure are files, relative to the repository, that a filter of git writes and whose time stamp
	// is newer than git knows. They are taken to have been as they are: the filter is not run.
	Unsure []string
}

// ErrNoDockerfile says that the revision has no such Dockerfile.
var ErrNoDockerfile = errors.New("the Dockerfile is new")

const maxText = 16 << 20 // bytes of a Dockerfile or an ignore file

// At is the state at a revision. root is the context's directory, as files.Lister takes it, and
// dockerfile the Dockerfile's path. The error is for people.
func At(ctx context.Context, revision, root, dockerfile string) (*State, error) {
	c := &collector{state: &State{Before: map[string]files.Old{}}, all: map[string]files.Old{}, root: root, dockerfile: dockerfile}
	if err := c.resolve(); err != nil {
		return nil, err
	}
	r, err := open(ctx, c.realRoot)
	if err != nil {
		return nil, err
	}
	if _, ok := below(r.top, c.realFile); !ok {
		return nil, fmt.Errorf("the Dockerfile is outside of the git repository %s that the build context is in", r.top)
	}
	if c.state.Commit, err = r.commit(revision); err != nil {
		return nil, err
	}
	if err := c.collect(r, c.state.Commit, c.paths(r.top)); err != nil {
		return nil, err
	}
	if err := c.links(); err != nil {
		return nil, err
	}
	c.directories()
	slices.Sort(c.state.Unsure)
	return c.state, c.readDockerfile()
}

// collector gathers what was different.
type collector struct {
	state            *State
	root, dockerfile string // as given, which is how State names files

	// Without links, which is how git names them: the context, the Dockerfile, the same if it is a link
	// itself, and its own ignore file.
	realRoot, realFile, realLink, realIgnore string

	all  map[string]files.Old // what was different, by such paths
	mode fs.FileMode          // of the Dockerfile, from which the modes of what is gone are guessed
}

func (c *collector) resolve() (err error) {
	if c.realRoot, err = filepath.EvalSymlinks(c.root); err != nil {
		return err
	}
	if c.realFile, err = filepath.EvalSymlinks(c.dockerfile); err != nil {
		return err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(c.dockerfile))
	if err != nil {
		return err
	}
	c.realLink = filepath.Join(dir, filepath.Base(c.dockerfile))
	c.realIgnore = filepath.Join(dir, filepath.Base(c.ignore()))
	info, err := os.Stat(c.realFile)
	if err == nil {
		c.mode = info.Mode().Perm() &^ 0o111
	}
	return err
}

func (c *collector) ignore() string { return c.dockerfile + ".dockerignore" }

// paths are what of a repository is of interest, relative to it.
func (c *collector) paths(top string) (paths []string) {
	for _, at := range []string{c.realRoot, c.realFile, c.realLink, c.realIgnore} {
		if rel, ok := below(top, at); ok {
			paths = append(paths, filepath.ToSlash(rel))
		}
	}
	return paths
}

// below is a path relative to a directory; not ok if it is not below it.
func below(dir, at string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, at)
	return rel, err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// put notes what a path was, and take that it was as it is.
func (c *collector) put(at string, old files.Old) {
	c.all[at] = old
	for _, key := range c.keys(at) {
		c.state.Before[key] = old
	}
}

func (c *collector) take(at string) {
	delete(c.all, at)
	for _, key := range c.keys(at) {
		delete(c.state.Before, key)
	}
}

// keys are the names of a path in State.
func (c *collector) keys(at string) (keys []string) {
	if rel, ok := below(c.realRoot, at); ok {
		keys = append(keys, filepath.Join(c.root, rel))
	}
	if at == c.realIgnore {
		keys = append(keys, c.ignore())
	}
	return keys
}

// links refuses what would need the texts of other files then: a Dockerfile or an ignore file that is or
// was a link, if that or what it leads to has changed.
func (c *collector) links() error {
	for _, at := range []string{c.realLink, c.realIgnore, filepath.Join(c.realRoot, ".dockerignore")} {
		old, changed := c.all[at]
		target, err := filepath.EvalSymlinks(at)
		isLink, wasLink := err == nil && target != at, old.Mode&fs.ModeSymlink != 0
		_, elsewhere := c.all[target]
		if at == c.realLink {
			wasLink = wasLink || isLink && changed && !old.Absent
			elsewhere = false // the text of the target is known
		}
		if wasLink || isLink && !changed && elsewhere {
			return fmt.Errorf("%s is or was a link, and has changed: what it held is not known", filepath.Base(at))
		}
	}
	return nil
}

// wanted reports whether the text of a file is needed.
func (c *collector) wanted(at string) bool {
	return at == c.realFile || at == c.realIgnore || at == filepath.Join(c.realRoot, ".dockerignore")
}

// collect compares a commit of a repository with what is on disk.
func (c *collector) collect(r *repository, commit string, paths []string) error {
	untracked, err := r.untracked(paths)
	if err != nil {
		return err
	}
	for _, p := range untracked {
		c.put(r.abs(p), files.Old{Absent: true})
	}
	changes, err := r.changes(commit, paths)
	if err != nil {
		return err
	}
	if changes, err = c.unchanged(r, changes); err != nil {
		return err
	}
	var blobs []string
	var read []change
	for _, ch := range changes {
		at := r.abs(ch.path)
		switch {
		case ch.oldMode == absent:
			c.put(at, files.Old{Absent: true})
		case ch.oldMode == submodule:
			if err := c.submodule(r, ch); err != nil {
				return err
			}
		default:
			blobs, read = append(blobs, ch.old), append(read, ch)
		}
	}
	return r.contents(blobs, func(i int, b *blob) error {
		old, err := c.old(r, read[i], b)
		c.put(r.abs(read[i].path), old)
		return err
	})
}

// unchanged leaves out the changes that are none: files whose time stamps are newer than git knows, but
// whose bytes, as git would store them, are the old ones.
func (c *collector) unchanged(r *repository, changes []change) (real []change, err error) {
	var doubtful []string
	for _, ch := range changes {
		if ch.doubtful() {
			doubtful = append(doubtful, ch.path)
		}
	}
	if len(doubtful) == 0 {
		return changes, nil
	}
	ids, err := r.hash(doubtful)
	if err != nil {
		return nil, err
	}
	filtered, err := r.filtered(doubtful)
	if err != nil {
		return nil, err
	}
	for _, ch := range changes {
		id, ok := ids[ch.path]
		same := ok && id == ch.old
		if ok && !same && filtered[ch.path] {
			c.state.Unsure = append(c.state.Unsure, ch.path)
			same = true
		}
		if same && ch.oldMode == ch.newMode {
			c.take(r.abs(ch.path))
			continue
		}
		real = append(real, ch)
	}
	return real, nil
}

// old is what a changed file was.
func (c *collector) old(r *repository, ch change, b *blob) (old files.Old, err error) {
	at := r.abs(ch.path)
	if ch.oldMode == symlink {
		target, err := b.text(maxText)
		return files.Old{Mode: fs.ModeSymlink | 0o777, Size: b.size, Link: target}, err
	}
	old.Mode = c.permissions(ch)
	switch {
	case c.wanted(at):
		if old.Text, err = b.text(maxText); err != nil {
			return old, fmt.Errorf("%s: %w", ch.path, err)
		}
		old.Size, old.Sum = int64(len(old.Text)), sum(old.Text)
	case b.size <= maxPointer:
		body, err := b.text(maxPointer)
		if err != nil {
			return old, err
		}
		old.Size, old.Sum = b.size, sum(body)
		if size, stored, ok := pointer(body); ok && r.lfs && !isPointer(at) {
			old.Size, old.Sum = size, stored
		}
	default:
		old.Size = b.size
		old.Sum, err = b.sum()
	}
	return old, err
}

// permissions are those of a file before. git knows only whether it was executable.
func (c *collector) permissions(ch change) fs.FileMode {
	perm := c.mode
	if ch.now != nil && ch.now.Mode().IsRegular() {
		if perm = ch.now.Mode(); ch.newMode == ch.oldMode {
			return perm
		}
		perm &^= 0o111
	}
	if ch.oldMode == executable {
		perm = searchable(perm)
	}
	return perm
}

// searchable lets those execute who may read.
func searchable(perm fs.FileMode) fs.FileMode { return perm | perm&0o444>>2 }

// submodule notes what was in a submodule whose commit is another one now.
func (c *collector) submodule(r *repository, ch change) error {
	at := r.abs(ch.path)
	if ch.newMode != submodule {
		c.put(at, files.Old{Mode: fs.ModeDir | searchable(c.mode)}) // what was in it is not known any more
		return nil
	}
	sub, err := open(r.ctx, at)
	if err == nil && sub.top != at {
		return nil // it is not checked out, so nothing of it is in the context
	}
	if err == nil {
		if _, err = sub.commit(ch.old); err == nil {
			err = c.collect(sub, ch.old, []string{"."})
		}
	}
	if err != nil {
		return fmt.Errorf("the submodule %s: %w", ch.path, err)
	}
	return nil
}

// directories notes those that were there for the sake of what was in them.
func (c *collector) directories() {
	for at, old := range c.state.Before {
		for dir := filepath.Dir(at); !old.Absent; dir = filepath.Dir(dir) {
			if rel, ok := below(c.root, dir); !ok || rel == "." {
				break
			}
			if info, err := os.Lstat(dir); err == nil && info.IsDir() {
				break
			}
			c.state.Before[dir] = files.Old{Mode: fs.ModeDir | searchable(c.mode)}
		}
	}
}

// readDockerfile notes the Dockerfile's text.
func (c *collector) readDockerfile() (err error) {
	switch old, changed := c.all[c.realFile]; {
	case c.all[c.realLink].Absent:
		return ErrNoDockerfile
	case !changed:
		c.state.Dockerfile, err = files.ReadRegular(filepath.Dir(c.realFile), filepath.Base(c.realFile), maxText)
	case old.Absent:
		return ErrNoDockerfile
	case !old.Mode.IsRegular():
		return errors.New("the Dockerfile was not a file then")
	default:
		c.state.Dockerfile = old.Text
	}
	return err
}
