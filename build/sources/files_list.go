package sources

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// maxEntries is how many entries of folders a pattern may look at.
const maxEntries = 5_000

// List is what is in a folder, sorted: names of files, and of folders with a slash behind.
func (f *Files) List(folder string) []string {
	names := map[string]bool{}
	prefix := folder + "/"
	if folder == "." {
		prefix = ""
	}
	for file := range f.overlay {
		if rest, ok := strings.CutPrefix(file, prefix); ok {
			if first, _, below := strings.Cut(rest, "/"); below {
				rest = first + "/"
			}
			names[rest] = true
		}
	}
	if f.root != nil && inside(folder) {
		entries, _ := fs.ReadDir(f.root.FS(), folder)
		for _, e := range entries {
			switch {
			case e.IsDir():
				names[e.Name()+"/"] = true
			case e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0:
				names[e.Name()] = true
			}
		}
	}
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// List is what is in a folder, as Files.List says.
func (w *watched) List(folder string) []string {
	if w.parent != nil {
		folder, ok := w.mounts.repository(folder)
		if !ok {
			return nil
		}
		return w.parent.List(folder)
	}
	w.note(folder+"/", 0) // with a slash, since what is in it counts
	return w.files.List(folder)
}

// matching are the files that a pattern with *, ? and ** names, sorted. A pattern without is a file's name.
func (r *reading) matching(pattern string) (files []string) {
	pattern = path.Clean(strings.TrimPrefix(pattern, "/"))
	if !inside(pattern) || !doublestar.ValidatePattern(pattern) {
		return nil
	}
	if !strings.ContainsAny(pattern, "*?[{") {
		if r.files.IsFile(pattern) {
			return []string{pattern}
		}
		return nil
	}
	base, _ := doublestar.SplitPattern(pattern)
	seen := 0
	var walk func(folder string, depth int)
	walk = func(folder string, depth int) {
		for _, name := range r.files.List(folder) {
			if seen++; seen > maxEntries || depth > 12 {
				return
			}
			full := path.Join(folder, name)
			if strings.HasSuffix(name, "/") {
				if name != ".git/" && name != "node_modules/" && (strings.Contains(pattern, "**") || depth < strings.Count(pattern, "/")) {
					walk(full, depth+1)
				}
			} else if doublestar.MatchUnvalidated(pattern, full) {
				files = append(files, full)
			}
		}
	}
	walk(base, strings.Count(base+"/", "/")-1)
	return files
}
