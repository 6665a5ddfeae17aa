package copies

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
)

// archive matches the names of what ADD unpacks: archives of tar, compressed or not.
var archive = regexp.MustCompile(`(?i)\.(tar|tgz|tbz2?|txz|tar\.\w+)$`)

// Unpacks reports whether the copy is an ADD that unpacks the file of the context.
func (c Copy) Unpacks(source string) bool { return c.Add && archive.MatchString(source) }

// Taken are the files and directories of the context that the sources name, wildcards resolved: the
// sources themselves if the context is not known.
func (c Copy) Taken(bc *files.Context) (paths []string) {
	for _, source := range c.Sources {
		if bc == nil || !hasWildcard(source) || bc.Exists(source) {
			paths = append(paths, source)
			continue
		}
		paths = append(paths, matches(bc, source)...)
	}
	return paths
}

func hasWildcard(source string) bool { return strings.ContainsAny(source, "*?[") }

type matchesKey string

// matches are the entries that a wildcard takes in, ignored ones left out.
func matches(bc *files.Context, pattern string) []string {
	return bc.Memo(matchesKey(pattern), func() any {
		var found []string
		bc.All(func(e files.Entry) bool {
			if ok, _ := path.Match(pattern, e.Path); ok && !e.Ignored {
				found = append(found, e.Path)
			}
			return true
		})
		return found
	}).([]string)
}

// Directories are the directories of the context whose files the copy puts into the directory dir of the
// image, one for each source that is a directory. It is Delivers for all sources.
func (c Copy) Directories(bc *files.Context, dir string) (dirs []string) {
	rel, inside := below(c.Dest, dir)
	if c.Parents || !inside {
		return nil
	}
	if slices.Contains(c.Sources, "*") && rel == "." {
		return []string{"."}
	}
	for _, source := range c.Taken(bc) {
		if p := path.Join(source, rel); isDir(bc, source) && (rel == "." || isDir(bc, p)) {
			dirs = append(dirs, p)
		}
	}
	return dirs
}

func isDir(bc *files.Context, p string) bool {
	if p == "." || bc == nil {
		return p == "." || !looksLikeFile(p)
	}
	e, ok := bc.Lookup(p)
	return ok && e.Mode.IsDir()
}

// looksLikeFile reports whether a name has an extension.
func looksLikeFile(p string) bool {
	return path.Ext(p) != "" && path.Ext(p) != path.Base(p)
}

// Origin is the file of the context that the copy puts at the path of the image. ok is false if it puts
// none there, or if that is not certain.
func (c Copy) Origin(bc *files.Context, to string) (source string, ok bool) {
	if bc == nil || c.Parents || c.Excludes(to) {
		return "", false
	}
	rel, inside := below(c.Dest, to)
	taken := c.Taken(bc)
	for _, p := range slices.Backward(taken) { // what is copied later replaces
		if isDir(bc, p) {
			if from := path.Join(p, rel); inside && rel != "." && bc.Exists(from) && !isDir(bc, from) {
				return from, true
			}
			continue
		}
		if !bc.Exists(p) || c.Unpacks(p) {
			continue
		}
		landing := c.Dest
		if c.IsDir || len(c.Sources) > 1 || len(taken) > 1 {
			landing = path.Join(c.Dest, path.Base(p))
		}
		if landing == to {
			return p, true
		}
	}
	return "", false
}

// OriginOf is the file of the context that stands at the path of the image after the steps: the last
// copy that puts one there decides.
func OriginOf(bc *files.Context, steps []*stages.Step, to string) (source string, ok bool) {
	for _, s := range slices.Backward(steps) {
		if c, isCopy := Of(s); isCopy {
			if source, ok = c.Origin(bc, to); ok {
				return source, true
			}
		}
	}
	return "", false
}

// IsArchive reports whether a file of that name is one that ADD unpacks.
func IsArchive(name string) bool { return archive.MatchString(name) }
