package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Lister lists build contexts. What they have in common is done once: directories are read once for
// all that have the same root, and one listing serves all whose ignore files say the same, too. It sees
// the disk as it was at the first look, so it lives as long as a run of the checker, or as a state of
// the disk in an editor. It may be used by several goroutines.
type Lister struct {
	overlay map[string]string // texts in place of those on disk, by absolute path
	texts   texts
	before  *earlier // nil for the state of now

	mu    sync.Mutex       // guards what follows
	trees map[string]*tree // by root
	disk  *disk            // nil before the first tree

	kept     atomic.Int64 // entries in memory, of directories and listings
	visited  atomic.Int64 // entries looked at
	matching atomic.Int64 // steps spent on patterns
}

// Bounds of one Lister. A listing that meets one of the first two stops and says so; at the third, all
// that is kept is forgotten.
const (
	maxVisited  = 2_000_000     // entries, once for each listing that they are in
	maxMatching = 1_000_000_000 // steps of matching the patterns of ignore files,
	perEntry    = 2000          // with this for each entry
	maxKept     = 600_000       // entries
)

// disk is the directories that listings have looked at. Roots below each other share them.
type disk struct {
	mu   sync.Mutex
	dirs map[string]*directory // by absolute path; guarded by mu
}

// directory is what was read of a directory.
type directory struct {
	read    sync.Once // fills in the rest
	entries []Entry   // by name, which is all that their paths have
	changed time.Time // zero if it is not there
	err     error
	thinned bool // it holds things now that it did not hold before
}

// tree is a root and its listings.
type tree struct {
	root string
	disk *disk

	mu       sync.Mutex  // guards the rest, and is held while a listing is made
	ignore   *ignoreText // of the root; nil if it was not looked for yet
	listings map[ignoreText]listing
}

// ignoreText is what an ignore file says, if there is one.
type ignoreText struct {
	exists bool
	text   string
}

// listing is what is known of a root with one ignore file, wherever that lies.
type listing struct {
	context *Context
	err     error
}

// List lists the context below the directory root. It follows no link, opens nothing that is not a
// regular file, and ends early when ctx does. The error is for a root or an ignore file that cannot be
// read: without the patterns, what the build takes in is not known.
func (l *Lister) List(ctx context.Context, root string, opts Options) (*Context, error) {
	t := l.tree(filepath.Clean(root))
	t.mu.Lock()
	defer t.mu.Unlock()
	opts.Overlay = over(l.overlay, opts.Overlay)
	if err := l.dir(t.disk, t.root).err; err != nil {
		return nil, plain(err)
	}
	stamps := stampsOf(ignorePaths(t.root, opts))
	abs, ignore, err := l.findIgnore(t, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(abs), err)
	}
	known, ok := t.listings[ignore]
	if !ok {
		known.context, known.err = l.list(ctx, t, abs, ignore, opts)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.listings[ignore] = known
	}
	if known.err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(abs), known.err)
	}
	c := *known.context
	c.Ignore, c.overlay, c.ignoreStamps = c.Ignore.at(abs), opts.Overlay, stamps
	return &c, nil
}

func newTree(root string, d *disk) *tree {
	return &tree{root: root, disk: d, listings: map[ignoreText]listing{}}
}

// over are the texts of both, those of above first.
func over(below, above map[string]string) map[string]string {
	if len(below) == 0 {
		return above
	}
	all := maps.Clone(below)
	maps.Copy(all, above)
	return all
}

// Lister lists contexts of the same root without another look at what was seen for this one. It has
// its texts of open documents. It is for a short time, in which other ignore files are tried.
func (c *Context) Lister() *Lister {
	l := &Lister{}
	if c == nil || c.from == nil {
		return l
	}
	l.overlay = c.overlay
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	l.disk = c.from.disk
	t := newTree(c.Root, l.disk)
	t.ignore = c.from.ignore
	l.trees = map[string]*tree{c.Root: t}
	return l
}

// tree finds or makes the tree of a root.
func (l *Lister) tree(root string) *tree {
	l.mu.Lock()
	defer l.mu.Unlock()
	on := l.directories()
	t := l.trees[root]
	if t == nil {
		t = newTree(root, on)
		l.trees[root] = t
	}
	return t
}

// directories are those that are kept, which are none if there were too many. The caller holds mu.
func (l *Lister) directories() *disk {
	if l.kept.Load() > maxKept {
		l.trees, l.disk = nil, nil
		l.kept.Store(0)
	}
	if l.disk == nil {
		l.trees, l.disk = map[string]*tree{}, &disk{dirs: map[string]*directory{}}
	}
	return l.disk
}

// list makes a listing. The caller holds t.mu.
func (l *Lister) list(ctx context.Context, t *tree, abs string, ignore ignoreText, opts Options) (*Context, error) {
	c := &Context{Root: t.root, from: t, texts: &l.texts, stamps: map[string]time.Time{}}
	c.read = func(name string) (string, error) { return l.texts.read(t.root, name) }
	if ignore.exists {
		var err error
		if c.Ignore, err = parseIgnore(abs, ignore.text); err != nil {
			return nil, err
		}
	}
	w := walker{ctx: ctx, lister: l, tree: t, ignore: c.Ignore, opts: opts, stamps: c.stamps}
	if w.opts.Limit == 0 {
		w.opts.Limit = defaultLimit
	}
	if err := w.walk(); err != nil {
		return nil, err
	}
	if l.before != nil {
		c.before = l.before.old
	}
	c.Stop = w.stop
	c.build(w.entries)
	l.kept.Add(int64(len(w.entries)))
	return c, nil
}

// findIgnore reads the ignore file in effect. The caller holds t.mu.
func (l *Lister) findIgnore(t *tree, opts Options) (abs string, ignore ignoreText, err error) {
	for _, abs := range ignorePaths(t.root, opts) {
		if body, open := opts.Overlay[abs]; open {
			return abs, ignoreText{true, body}, nil
		}
		own := abs == filepath.Join(t.root, ".dockerignore")
		if own && t.ignore != nil {
			return abs, *t.ignore, nil
		}
		if own && l.before == nil {
			if d := l.dir(t.disk, t.root); d.err == nil && !d.has(".dockerignore") {
				t.ignore = new(ignoreText)
				continue
			}
		}
		body, err := l.before.text(abs)
		missing := errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return abs, ignoreText{}, err
		}
		ignore := ignoreText{!missing, body}
		if own {
			t.ignore = &ignore
		}
		if !missing {
			return abs, ignore, nil
		}
	}
	return "", ignoreText{}, nil
}

// Entries are those of one directory, by name; none if it cannot be read. The caller does not change them.
func (l *Lister) Entries(dir string) []Entry {
	l.mu.Lock()
	on := l.directories()
	l.mu.Unlock()
	return l.dir(on, dir).entries
}

// dir reads a directory, if that was not done.
func (l *Lister) dir(on *disk, abs string) *directory {
	on.mu.Lock()
	d := on.dirs[abs]
	if d == nil {
		d = &directory{}
		on.dirs[abs] = d
	}
	on.mu.Unlock()
	d.read.Do(func() {
		d.readNow(abs)
		l.before.change(d, abs, func(below string) *directory { return l.dir(on, below) })
		l.kept.Add(int64(len(d.entries)))
	})
	return d
}

// has reports whether something of the name is in the directory.
func (d *directory) has(name string) bool {
	_, ok := slices.BinarySearchFunc(d.entries, name, func(e Entry, name string) int { return strings.Compare(e.Path, name) })
	return ok
}

func (d *directory) readNow(abs string) {
	if info, err := os.Lstat(abs); err == nil {
		d.changed = info.ModTime()
	}
	var list []os.DirEntry
	list, d.err = os.ReadDir(abs)
	d.entries = make([]Entry, 0, len(list))
	for _, f := range list {
		e := Entry{Path: f.Name(), Mode: f.Type()}
		if info, err := f.Info(); err == nil {
			e.Size, e.Mode, e.ModTime = info.Size(), info.Mode(), info.ModTime()
		}
		if e.Mode&fs.ModeSymlink != 0 {
			e.Link, _ = os.Readlink(filepath.Join(abs, f.Name()))
		}
		d.entries = append(d.entries, e)
	}
}
