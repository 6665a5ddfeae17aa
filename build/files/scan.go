package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/moby/patternmatcher"
	"golang.org/x/sync/errgroup"
)

// Options of Lister.List.
type Options struct {
	// Dockerfile is the absolute path of the Dockerfile: its own .dockerignore is looked for beside it.
	Dockerfile string
	// NoIgnore: whatever ignore file there is, the builder applies none.
	NoIgnore bool
	// IgnoreFile is the absolute path of the ignore file that the builder was told to use, if it was.
	IgnoreFile string
	// Overlay holds the texts of open documents by absolute path.
	Overlay map[string]string
	// Limit is the number of entries at which the listing stops; 0 means 250,000.
	Limit int
	// Progress is called now and then with the number of entries so far. May be nil.
	Progress func(entries int)
}

const (
	defaultLimit = 250_000
	maxDepth     = 500     // directories below each other
	maxRead      = 4 << 20 // bytes of one file
	maxIgnore    = 1 << 20 // bytes of an ignore file
	progressStep = 10_000  // entries between two calls of Progress
	readAhead    = 64      // directories read at once
)

// ignorePaths are the places of ignore files, the one that wins first.
func ignorePaths(root string, opts Options) (paths []string) {
	switch {
	case opts.NoIgnore:
		return nil
	case opts.IgnoreFile != "":
		return []string{opts.IgnoreFile}
	case opts.Dockerfile != "":
		paths = append(paths, opts.Dockerfile+".dockerignore")
	}
	return append(paths, filepath.Join(root, ".dockerignore"))
}

var (
	errNotRegular = errors.New("not a regular file")
	errOutside    = errors.New("it is a link to a file outside of its folder, which is not read")
)

// ReadRegular reads a regular file below dir of at most limit bytes, and never anything that a link
// leads to outside of it. Its errors do not name the file.
func ReadRegular(dir, name string, limit int64) (string, error) {
	f, err := openRegular(dir, name)
	if err != nil {
		return "", plain(err)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if int64(len(body)) > limit {
		return "", fmt.Errorf("larger than %d MiB", limit>>20)
	}
	return string(body), err
}

// plain is the reason of a file system error without the path, which is the host's.
func plain(err error) error {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err
	case at.Err.Error() == "path escapes from parent": // os keeps the value to itself
		return errOutside
	}
	return at.Err
}

// walker goes through directories level by level, so that a listing that stops knows the top of the tree.
type walker struct {
	ctx     context.Context
	lister  *Lister
	tree    *tree
	ignore  *IgnoreFile
	opts    Options
	entries []Entry
	stamps  map[string]time.Time
	stop    string
}

// place is a directory to go through.
type place struct {
	path    string
	depth   int
	ignored bool
	info    patternmatcher.MatchInfo
	entry   int // its index in entries; -1 for the root
}

func (w *walker) walk() error {
	queue := []place{{path: ".", entry: -1}}
	for len(queue) > 0 && w.stop == "" {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		n := min(len(queue), readAhead)
		w.read(queue[:n])
		var below []place
		for _, at := range queue[:n] {
			if w.stop == "" {
				below = append(below, w.list(at)...)
			}
		}
		queue = append(queue[n:], below...)
	}
	return nil
}

// read reads directories on all processors: the time goes into asking for each file's size and mode.
func (w *walker) read(places []place) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, at := range places {
		group.Go(func() error {
			w.lister.dir(w.tree.disk, w.abs(at))
			return nil // what is wrong with a directory is noted with it
		})
	}
	_ = group.Wait()
}

func (w *walker) abs(at place) string {
	return filepath.Join(w.tree.root, filepath.FromSlash(at.path))
}

// list adds the entries of one directory and returns the directories to go on with.
func (w *walker) list(at place) (below []place) {
	abs := w.abs(at)
	dir := w.lister.dir(w.tree.disk, abs)
	if at.depth <= 2 {
		w.stamps[abs] = dir.changed
	}
	if dir.err != nil && at.entry >= 0 {
		w.entries[at.entry].Unreadable = true
	}
	visited := w.lister.visited.Add(int64(len(dir.entries)))
	if visited > maxVisited {
		w.stop = fmt.Sprintf("it stops because %d entries were looked at for all build contexts together", maxVisited)
		return nil
	}
	for _, e := range dir.entries {
		if at.path != "." {
			e.Path = at.path + "/" + e.Path
		}
		ignored, info := w.ignore.match(e.Path, at.info)
		hidden := e.Mode.IsDir() && ignored && !w.ignore.mayKeep(e.Path)
		steps := w.lister.matching.Add(int64(w.ignore.steps(e.Path)))
		if w.ignore.tooMuch(e.Path) || steps > maxMatching+visited*perEntry {
			w.stop = "it stops because the patterns of " + w.ignore.Path + " take too long"
			return nil
		}
		if ignored && at.ignored && !e.Mode.IsDir() {
			continue // inside an ignored directory only what a negated pattern keeps is of interest
		}
		if len(w.entries) >= w.opts.Limit {
			w.stop = fmt.Sprintf("it stops at %d entries", w.opts.Limit)
			return nil
		}
		e.Ignored = ignored
		w.entries = append(w.entries, e)
		if w.opts.Progress != nil && len(w.entries)%progressStep == 0 {
			w.opts.Progress(len(w.entries))
		}
		if e.Mode.IsDir() && !hidden {
			if at.depth >= maxDepth {
				w.stop = fmt.Sprintf("it stops %d directories deep", maxDepth)
				continue
			}
			below = append(below, place{e.Path, at.depth + 1, ignored, info, len(w.entries) - 1})
		}
	}
	return below
}

// stampsOf is when files were changed last.
func stampsOf(paths []string) map[string]time.Time {
	stamps := map[string]time.Time{}
	for _, p := range paths {
		stamps[p] = time.Time{}
		if info, err := os.Lstat(p); err == nil {
			stamps[p] = info.ModTime()
		}
	}
	return stamps
}

// Stale reports whether the listing no longer holds, as far as time stamps tell: an ignore file or a file
// that was read has changed, or an entry was added to or removed from the root or a directory at most two levels below
// it. It is for clients that do not report changes of files, and costs one lstat for each of these.
func (c *Context) Stale() bool {
	return changed(c.stamps) || changed(c.ignoreStamps) || c.texts != nil && c.texts.stale()
}

func changed(stamps map[string]time.Time) bool {
	for p, before := range stamps {
		info, err := os.Lstat(p)
		switch {
		case err != nil && !before.IsZero():
			return true
		case err == nil && !info.ModTime().Equal(before):
			return true
		}
	}
	return false
}

// InMemory is the context of a map of texts by path. A path that ends with a slash is an empty
// directory; one whose text begins with "-> " is a symbolic link, and with "#!" an executable file. A first line
// "mode 664" says which permissions the file has, and is not part of it.
func InMemory(tree map[string]string) *Context {
	c := &Context{Root: "/", memory: true}
	c.read = func(name string) (string, error) {
		body, ok := tree[name]
		if !ok || strings.HasPrefix(body, "-> ") {
			return "", fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		_, body = modeOf(body)
		return body, nil
	}
	if body, ok := tree["Dockerfile.dockerignore"]; ok {
		c.Ignore, _ = parseIgnore("/Dockerfile.dockerignore", body)
	} else if body, ok := tree[".dockerignore"]; ok {
		c.Ignore, _ = parseIgnore("/.dockerignore", body)
	}
	seen := map[string]bool{}
	var entries []Entry
	add := func(e Entry) {
		if e.Ignored = c.Ignore.Hides(e.Path); !seen[e.Path] {
			seen[e.Path] = true
			entries = append(entries, e)
		}
	}
	for name, body := range tree {
		mode, body := modeOf(body)
		e := Entry{Path: strings.Trim(name, "/"), Size: int64(len(body)), Mode: mode}
		if to, ok := strings.CutPrefix(body, "-> "); ok {
			e.Link, e.Mode, e.Size = to, fs.ModeSymlink|0o777, int64(len(to))
		}
		if strings.HasSuffix(name, "/") {
			e.Mode = fs.ModeDir | 0o755
		}
		add(e)
		for dir := path.Dir(e.Path); dir != "."; dir = path.Dir(dir) {
			add(Entry{Path: dir, Mode: fs.ModeDir | 0o755})
		}
	}
	c.build(entries)
	return c
}

// modeOf are the permissions of a file in memory, and its text without the line that says them.
func modeOf(body string) (fs.FileMode, string) {
	if line, text, ok := strings.Cut(body, "\n"); ok && strings.HasPrefix(line, "mode ") {
		if mode, err := strconv.ParseUint(strings.TrimPrefix(line, "mode "), 8, 9); err == nil {
			return fs.FileMode(mode), text
		}
	}
	if strings.HasPrefix(body, "#!") {
		return 0o755, body
	}
	return 0o644, body
}
