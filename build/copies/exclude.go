package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
)

// This file reads --exclude. BuildKit compares its patterns with what a source holds, relative to that source; a
// file that is a source itself is never left out.

// LeavesOut reports whether --exclude surely keeps a path of the context out of what the copy takes.
func (c Copy) LeavesOut(name string) bool {
	out := false
	for _, source := range c.Sources {
		rel, inside := below(path.Clean("/"+source), "/"+name)
		switch {
		case hasWildcard(source):
			return false
		case inside && !files.Matches(c.Exclude, rel):
			return false
		}
		out = out || inside
	}
	return out
}

// Excludes reports whether --exclude may keep a path out; being sure is not needed.
func (c Copy) Excludes(name string) bool {
	if len(c.Exclude) == 0 {
		return false
	}
	for _, source := range c.Sources {
		if rel, inside := below(path.Clean("/"+source), "/"+name); inside && files.Matches(c.Exclude, rel) {
			return true
		}
	}
	return files.Matches(c.Exclude, path.Base(name)) || files.Matches(c.Exclude, name) || slices.ContainsFunc(c.Exclude, func(pattern string) bool {
		return strings.Contains(pattern, path.Base(name))
	})
}
