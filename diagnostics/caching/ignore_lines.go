package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// This file makes the lines of ignore files that fixes add.

func listPaths(entries []files.Entry) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.Path)
	}
	if len(names) > 3 {
		more := words.Count(len(names)-2, "other path")
		if len(names) >= maxThings {
			more = "at least " + more
		}
		return strings.Join(names[:2], ", ") + " and " + more
	}
	return and(names)
}

// and lists all of the names: "a", "a and b", "a, b and c".
func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return words.Alternatives(names, "and")
}

// newIgnoreFile are the lines of an ignore file for the entries, and for what the tools that the Dockerfile
// calls are going to leave in the project; it needs not be copied itself. installed are their ecosystems.
func newIgnoreFile(p *diagnostics.Pass, entries []files.Entry, installed []string) []string {
	lines, _ := ignorePatterns(p, entries)
	for _, ecosystem := range installed {
		for _, name := range manifests.Leaves(ecosystem) {
			line := "**/" + name
			known := slices.Contains(deps.names, name) || slices.Contains(outputs.names, name)
			if known && len(p.Context().Folders(name)) == 0 && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return append(p.IgnoreLines(lines), ".dockerignore")
}

// ignorePatterns are the lines that hide the entries, and those of them that they do hide. They are rooted for
// what stands at the top, and match at any depth for what recurs. A pattern that would take away what is
// wanted is left out, or names the one path.
func ignorePatterns(p *diagnostics.Pass, entries []files.Entry) (patterns []string, hidden []files.Entry) {
	allowed := map[string]bool{}
	may := func(pattern string) bool {
		if _, known := allowed[pattern]; !known {
			allowed[pattern] = len(p.IgnoreLines([]string{pattern})) > 0
		}
		return allowed[pattern]
	}
	for _, e := range entries {
		base := path.Base(e.Path)
		pattern := e.Path
		if slices.Contains(deps.names, base) || slices.Contains(outputs.names, base) || allOf(p.Context().Folders(base), entries) {
			pattern = "**/" + base
		}
		if all := diagnostics.DockerfilePattern(e.Path); all != "" && matchesOnly(p.Context(), all, entries) {
			pattern = all
		}
		if !may(pattern) {
			pattern = e.Path
		}
		if !may(pattern) {
			continue
		}
		hidden = append(hidden, e)
		if !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	return patterns, hidden
}

// matchesOnly reports whether a pattern for a folder of the context matches several of the entries, and
// nothing else.
func matchesOnly(bc *files.Context, pattern string, entries []files.Entry) bool {
	matches := func(e files.Entry) bool { ok, _ := path.Match(pattern, e.Path); return ok && !e.Ignored }
	if len(slices.DeleteFunc(slices.Clone(entries), func(e files.Entry) bool { return !matches(e) })) < 3 {
		return false // which is told without a look at the whole folder
	}
	n := 0
	for _, e := range bc.List(path.Dir(pattern)) {
		if !matches(e) {
			continue
		}
		n++
		if !slices.ContainsFunc(entries, func(f files.Entry) bool { return f.Path == e.Path }) {
			return false
		}
	}
	return n > 2
}

// allOf reports whether there are several folders, and all are among the entries.
func allOf(folders, entries []files.Entry) bool {
	return len(folders) > 1 && !slices.ContainsFunc(folders, func(f files.Entry) bool {
		return !slices.ContainsFunc(entries, func(e files.Entry) bool { return e.Path == f.Path })
	})
}
