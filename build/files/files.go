// Package files is the build context as BuildKit sees it: which files there are, which of them
// .dockerignore hides, and what is in the small ones that matter.
//
// A context is listed once and never modified. Links are listed, not followed; nothing outside the
// root is read, and only regular files are opened.
package files

import (
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Context is an immutable listing of one build context.
type Context struct {
	Root   string      // absolute directory
	Ignore *IgnoreFile // the ignore file in effect; nil if there is none
	Stop   string      // why the listing is not complete ("it stops at 250,000 entries"); empty if it is
	Commit bool        // it is a commit of a repository, as git contexts are: BuildKit applies no ignore file to it

	entries  []Entry // sorted by path
	index    map[string]int
	children map[string][]int // of each directory, in the order of entries
	folders  map[string][]int // the directories with a base name, in the order of entries
	files    []int            // files[i]: the visible files among the first i entries
	bytes    []int64          // likewise, their sizes
	overlay  map[string]string
	before   map[string]Old
	memory   bool // made by InMemory
	read     func(path string) (string, error)
	from     *tree                // nil if it is in memory
	texts    *texts               // likewise
	stamps   map[string]time.Time // of directories when they were listed

	ignoreStamps map[string]time.Time // of the places of ignore files
	memo         *sync.Map            // of what is worked out from the entries
}

// Complete reports whether every file was listed.
func (c *Context) Complete() bool { return c.Stop == "" }

// Entry is one file, directory or link of the context. Ignored entries are listed too, but an
// ignored directory's contents are not.
type Entry struct {
	Path       string // slash-separated, relative to the root
	Size       int64  // in bytes
	Mode       fs.FileMode
	ModTime    time.Time
	Link       string // target, for symbolic links
	Ignored    bool
	Unreadable bool // a directory that cannot be listed
}

// build makes the indexes of a listing.
func (c *Context) build(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	c.entries = entries
	c.index = make(map[string]int, len(entries))
	c.children, c.folders = map[string][]int{}, map[string][]int{}
	c.memo = new(sync.Map)
	for i, e := range entries {
		c.index[e.Path] = i
		if e.Mode.IsDir() {
			c.folders[path.Base(e.Path)] = append(c.folders[path.Base(e.Path)], i)
		}
		c.children[path.Dir(e.Path)] = append(c.children[path.Dir(e.Path)], i)
	}
	c.reveal()
	c.files = make([]int, len(entries)+1)
	c.bytes = make([]int64, len(entries)+1)
	for i, e := range entries {
		c.files[i+1], c.bytes[i+1] = c.files[i], c.bytes[i]
		if !e.Ignored && !e.Mode.IsDir() {
			c.files[i+1]++
			c.bytes[i+1] += e.Size
		}
	}
}

// reveal brings back the ignored directories in which a negated pattern keeps something.
func (c *Context) reveal() {
	for i := range c.entries {
		if c.entries[i].Ignored {
			continue
		}
		for dir := path.Dir(c.entries[i].Path); dir != "."; dir = path.Dir(dir) {
			n, ok := c.index[dir]
			if !ok || !c.entries[n].Ignored {
				break
			}
			c.entries[n].Ignored = false
		}
	}
}

// HasModes reports whether the files have permissions: on Windows they have none, and BuildKit's client gives all of them the same.
func (c *Context) HasModes() bool { return c.memory || runtime.GOOS != "windows" }

// Len is the number of entries.
func (c *Context) Len() int { return len(c.entries) }

// Lookup finds an entry by its path. "." is the root itself.
func (c *Context) Lookup(name string) (Entry, bool) {
	if name == "." {
		return Entry{Path: ".", Mode: fs.ModeDir | 0o755}, true
	}
	i, ok := c.index[name]
	if !ok {
		return Entry{}, false
	}
	return c.entries[i], true
}

// Exists reports whether the path is in the context and not ignored.
func (c *Context) Exists(name string) bool {
	e, ok := c.Lookup(name)
	return ok && !e.Ignored
}

// Memo returns what compute gives, which it calls at most once for a key, or a few times when several
// goroutines ask at once. It must follow from the entries and the patterns of the ignore file alone: other
// contexts that have the same share it, whatever their files say.
func (c *Context) Memo(key any, compute func() any) any {
	v, ok := c.memo.Load(key)
	if !ok {
		v, _ = c.memo.LoadOrStore(key, compute())
	}
	return v
}

// MemoOf returns what compute makes of a text. It keeps one result for a key, with its text.
func (c *Context) MemoOf(key any, text string, compute func() any) any {
	type result struct {
		text  string
		value any
	}
	if v, ok := c.memo.Load(key); ok && v.(result).text == text {
		return v.(result).value
	}
	value := compute()
	c.memo.Store(key, result{text, value})
	return value
}

type listKey string

// List are the entries directly in dir ("." for the root), sorted by name, ignored ones included. They
// are not to be modified.
func (c *Context) List(dir string) []Entry {
	children := c.children[dir]
	if len(children) == 0 {
		return nil
	}
	return c.Memo(listKey(dir), func() any {
		list := make([]Entry, len(children))
		for n, i := range children {
			list[n] = c.entries[i]
		}
		return list
	}).([]Entry)
}

// All walks every entry in order of path, ignored ones included, until fn returns false.
func (c *Context) All(fn func(Entry) bool) {
	for _, e := range c.entries {
		if !fn(e) {
			return
		}
	}
}

// Folders are the directories with that base name that are not ignored, sorted by path.
func (c *Context) Folders(name string) (list []Entry) {
	for _, i := range c.folders[name] {
		if !c.entries[i].Ignored {
			list = append(list, c.entries[i])
		}
	}
	return list
}

// Shallow calls fn with the entries of the root, and with those of the folders directly below it
// that a project's own files lie in: not ignored, not hidden, not node_modules.
func (c *Context) Shallow(fn func(Entry)) {
	for _, e := range c.List(".") {
		fn(e)
		if e.Mode.IsDir() && !e.Ignored && !strings.HasPrefix(e.Path, ".") && e.Path != "node_modules" {
			for _, below := range c.List(e.Path) {
				fn(below)
			}
		}
	}
}

// Ignored reports whether the ignore file hides the path, whether it exists or not.
func (c *Context) Ignored(name string) bool {
	if i, ok := c.index[name]; ok {
		return c.entries[i].Ignored
	}
	return c.Ignore.Hides(name)
}

// Read returns the text of a regular file of the context, open documents first. Files over 4 MiB,
// and what is reached through a link out of the context, are an error. Ignored files can be read.
func (c *Context) Read(name string) (string, error) {
	if body, ok := c.overlay[c.abs(name)]; ok {
		return body, nil
	}
	if old, ok := c.before[c.abs(name)]; ok {
		return old.text()
	}
	return c.read(name)
}

func (c *Context) abs(name string) string {
	return strings.TrimSuffix(c.Root, "/") + "/" + name
}
