// Package files is the build context as BuildKit sees it: which files there are, which of them
// .dockerignore hides, and what is in the small ones that matter.
package files

import (
	"context"
	"io/fs"
	"time"
)

// Context is an immutable listing of one build context.
type Context struct {
	Root   string      // absolute directory, for messages only
	Ignore *IgnoreFile // the ignore file in effect; nil if there is none
	Stop   string      // why the listing is not complete ("stopped at 100,000 files"); empty if it is
}

// Complete reports whether every file was listed.
func (c *Context) Complete() bool { return c.Stop == "" }

// Entry is one file, directory or link of the context. Ignored entries are listed too, but an
// ignored directory's contents are not.
type Entry struct {
	Path    string // slash-separated, relative to the root
	Size    int64
	Mode    fs.FileMode
	ModTime time.Time
	Link    string // target, for symbolic links
	Ignored bool
}

// IgnoreFile is the .dockerignore (or Dockerfile.dockerignore) in effect.
type IgnoreFile struct {
	Abs      string // absolute path
	Path     string // relative to the context root, or to the Dockerfile's folder for its own one
	Source   string
	Patterns []Pattern
}

// Pattern is one line of an ignore file.
type Pattern struct {
	Line    int // from 0
	Text    string
	Negated bool
	Err     error // a pattern that BuildKit rejects
}

// Options of Scan.
type Options struct {
	// Dockerfile is the absolute path of the Dockerfile: its own .dockerignore is looked for beside it.
	Dockerfile string
	// Overlay holds the texts of open documents by absolute path.
	Overlay map[string]string
	// Limit is the number of entries at which the listing stops; 0 means 250,000.
	Limit int
	// Progress is called now and then with the number of entries so far. May be nil.
	Progress func(entries int)
}

// Scan lists the context below the directory root. It follows no link out of it, opens nothing that
// is not a regular file, and ends early when ctx does. The error is for a root that cannot be read.
func Scan(ctx context.Context, root string, opts Options) (*Context, error) { panic("files") }

// Lookup finds an entry by its path.
func (c *Context) Lookup(path string) (Entry, bool) { panic("files") }

// Exists reports whether the path is in the context and not ignored.
func (c *Context) Exists(path string) bool { panic("files") }

// List are the entries directly in dir ("." for the root), sorted by name, ignored ones included.
func (c *Context) List(dir string) []Entry { panic("files") }

// All walks every entry in order of path, ignored ones included, until fn returns false.
func (c *Context) All(fn func(Entry) bool) { panic("files") }

// Ignored reports whether the ignore file hides the path, whether it exists or not.
func (c *Context) Ignored(path string) bool { panic("files") }

// Read returns the text of a regular file of the context, open documents first. Files over 4 MiB
// and files reached through a link out of the context are an error. Ignored files can be read:
// check Exists first where that matters.
func (c *Context) Read(path string) (string, error) { panic("files") }

// Selection is what one COPY, ADD or bind mount takes in.
type Selection struct {
	Files   int // regular files and links
	Bytes   int64
	Paths   []string // the first 1,000 files, sorted
	Missing []string // sources without wildcard that match nothing
}

// Select evaluates sources as BuildKit does: rooted at the context, wildcards, directories with all
// below them, ignored entries left out. exclude holds the values of --exclude.
func (c *Context) Select(sources, exclude []string) Selection { panic("files") }

// Takes reports whether COPY of the source would take in the path (itself or a folder above it),
// ignore rules aside.
func Takes(source, path string) bool { panic("files") }
