package sources

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"layerwise/build/gitignore"
	"layerwise/dockerfile/names"
)

// Limits of the search of a workspace.
const (
	maxSearch      = 50_000 // entries of folders
	maxSearchDepth = 12
)

// skipped are folders that hold what was installed, built or downloaded, but nothing that says how to build.
var skipped = map[string]bool{
	".git": true, ".hg": true, ".jj": true, ".svn": true, "node_modules": true, "vendor": true, "bower_components": true,
	".venv": true, "venv": true, "__pycache__": true, ".tox": true, ".gradle": true, ".terraform": true, "target": true, "dist": true,
}

// found is what a search has seen. Paths are relative to the root, with slashes.
type found struct {
	sources     []string // sorted
	dockerfiles []string // sorted; those with a doubtful name are among them
	folders     map[string]time.Time
	unread      []string // folders that cannot be read
	stop        string   // why it is not complete; "" if it is
}

// search looks through a workspace for sources and Dockerfiles. It follows no links to folders, and leaves out what
// version control ignores.
func search(ctx context.Context, root string) *found {
	f := &found{folders: map[string]time.Time{}}
	type folder struct {
		rel   string
		depth int
		rules gitignore.Rules
	}
	stack := []folder{{".", 0, gitignore.For(root)}}
	entries := 0
	for len(stack) > 0 && ctx.Err() == nil {
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		abs := filepath.Join(root, filepath.FromSlash(dir.rel))
		f.folders[dir.rel] = modTime(abs)
		list, err := os.ReadDir(abs)
		if err != nil {
			f.unread = append(f.unread, dir.rel)
			continue
		}
		if entries += len(list); entries > maxSearch {
			f.stop = "not the whole workspace was searched for what builds its Dockerfiles: it has too many files"
			break
		}
		rules := dir.rules.In(abs, list)
		if rules.TooMuch() {
			f.stop = "not the whole workspace was searched for what builds its Dockerfiles: the patterns of .gitignore take too long"
			break
		}
		for _, e := range list {
			rel := path.Join(dir.rel, e.Name())
			below := filepath.Join(abs, e.Name())
			switch {
			case e.IsDir():
				if !skipped[e.Name()] && dir.depth < maxSearchDepth && !rules.Ignores(below, true) {
					stack = append(stack, folder{rel, dir.depth + 1, rules.Below(below)})
				}
			case e.Type()&^fs.ModeSymlink != 0: // a pipe, a device
			case names.IsDockerfile(rel):
				if !rules.Ignores(below, false) {
					f.dockerfiles = append(f.dockerfiles, rel)
				}
			case IsSource(rel) && !rules.Ignores(below, false):
				f.sources = append(f.sources, rel)
			}
		}
	}
	slices.Sort(f.sources)
	slices.Sort(f.dockerfiles)
	return f
}

func modTime(abs string) time.Time {
	info, err := os.Stat(abs)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// lists reports whether files are there now as they were when the search saw them: a source that is new, or gone,
// takes another search. names may be nil for all, of which nothing is known.
func (f *found) lists(files *Files, names map[string]bool) bool {
	for name := range names {
		_, listed := slices.BinarySearch(f.sources, name)
		if !listed {
			_, listed = slices.BinarySearch(f.dockerfiles, name)
		}
		_, open := files.overlay[name]
		if listed != files.IsFile(name) && !open {
			return false
		}
	}
	return names != nil
}

// holds reports whether no folder has changed since.
func (f *found) holds(root string) bool {
	for rel, then := range f.folders {
		if !modTime(filepath.Join(root, filepath.FromSlash(rel))).Equal(then) {
			return false
		}
	}
	return true
}
