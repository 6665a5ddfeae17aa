package files

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/moby/patternmatcher"
)

// Only is the context with nothing but the paths that are kept, as a commit of its repository has them. A folder
// of which nothing is kept is none of them.
func (c *Context) Only(keep func(path string, folder bool) bool) *Context {
	var entries []Entry
	for _, e := range c.entries {
		if keep(e.Path, e.Mode.IsDir()) {
			entries = append(entries, e)
		}
	}
	kept := *c
	kept.Commit = true
	kept.build(entries)
	return &kept
}

// Selection is what one COPY, ADD or bind mount takes in.
type Selection struct {
	Files int // regular files and links
	Bytes int64
}

// Select evaluates sources as BuildKit does: rooted at the context, wildcards, directories with all
// below them, ignored entries left out. exclude holds the values of --exclude. It remembers what it found.
func (c *Context) Select(sources, exclude []string) Selection {
	key := selectKey{strings.Join(sources, "\x00"), strings.Join(exclude, "\x00")}
	if len(key.sources)+len(key.exclude) > maxSelectKey {
		return c.selects(sources, exclude)
	}
	return c.Memo(key, func() any { return c.selects(sources, exclude) }).(Selection)
}

type selectKey struct{ sources, exclude string }

const maxSelectKey = 1 << 10 // bytes

func (c *Context) selects(sources, exclude []string) Selection {
	var taken []string // each source, wildcards and links resolved
	for _, source := range sources {
		switch source := Rooted(source); {
		case c.isPattern(source):
			taken = c.match(taken, ".", strings.Split(source, "/"))
		default:
			taken = append(taken, c.follow(source))
		}
	}
	if len(exclude) > 0 {
		return c.countLeft(taken, exclude)
	}
	var sel Selection
	var ranges [][2]int // of entries, half open
	for _, name := range taken {
		ranges = append(ranges, c.tree(name)...)
	}
	for _, r := range merge(ranges) {
		sel.Files += c.files[r[1]] - c.files[r[0]]
		sel.Bytes += c.bytes[r[1]] - c.bytes[r[0]]
	}
	return sel
}

// Lacks reports whether a source that is no pattern matches nothing: then the build fails.
func (c *Context) Lacks(source string) bool {
	source = Rooted(source)
	return !c.isPattern(source) && c.tree(c.follow(source)) == nil
}

func (c *Context) isPattern(source string) bool {
	return strings.ContainsAny(source, "*?[") && !c.Exists(source)
}

// Rooted cleans a source as BuildKit does: it is rooted at the context, and cannot leave it.
func Rooted(source string) string {
	p := strings.TrimPrefix(path.Clean("/"+source), "/")
	if p == "" {
		return "."
	}
	return p
}

// follow resolves links of the selected path itself, inside the context.
func (c *Context) follow(name string) string {
	for range 10 {
		e, ok := c.Lookup(name)
		if !ok || e.Link == "" {
			return name
		}
		if path.IsAbs(e.Link) {
			name = Rooted(e.Link)
		} else {
			name = Rooted(path.Join(path.Dir(name), e.Link))
		}
	}
	return name
}

// tree is the entry with all below it: its own index, and the range of those that begin with its
// path and a slash. nil if it is not there or ignored.
func (c *Context) tree(name string) [][2]int {
	if name == "." {
		return [][2]int{{0, len(c.entries)}}
	}
	i, ok := c.index[name]
	if !ok || c.entries[i].Ignored {
		return nil
	}
	ranges := [][2]int{{i, i + 1}}
	if c.entries[i].Mode.IsDir() {
		start := sort.Search(len(c.entries), func(n int) bool { return c.entries[n].Path >= name+"/" })
		end := sort.Search(len(c.entries), func(n int) bool { return c.entries[n].Path >= name+"0" }) // '0' follows '/'
		ranges = append(ranges, [2]int{start, end})
	}
	return ranges
}

// match adds the names of what the parts of a pattern, one for each level, match below dir.
func (c *Context) match(names []string, dir string, parts []string) []string {
	step := func(i int) {
		switch e := &c.entries[i]; {
		case e.Ignored:
		case len(parts) == 1:
			names = append(names, e.Path)
		case e.Mode.IsDir():
			names = c.match(names, e.Path, parts[1:])
		}
	}
	if !strings.ContainsAny(parts[0], `*?[\`) {
		if i, ok := c.index[path.Join(dir, parts[0])]; ok {
			step(i)
		}
		return names
	}
	for _, i := range c.children[dir] {
		if ok, err := path.Match(parts[0], path.Base(c.entries[i].Path)); err == nil && ok {
			step(i)
		}
	}
	return names
}

// merge sorts ranges and joins those that overlap.
func merge(ranges [][2]int) (merged [][2]int) {
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	for _, r := range ranges {
		if n := len(merged); n > 0 && r[0] <= merged[n-1][1] {
			merged[n-1][1] = max(merged[n-1][1], r[1])
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// countLeft counts the visible files that patterns do not leave out. The patterns are relative to the source that
// holds the file, and do not concern a source itself.
func (c *Context) countLeft(sources, exclude []string) (sel Selection) {
	m, err := patternmatcher.New(exclude)
	counted := map[int]bool{}
	for _, source := range sources {
		for _, r := range c.tree(source) {
			for i := r[0]; i < r[1]; i++ {
				e := c.entries[i]
				if e.Ignored || e.Mode.IsDir() || counted[i] {
					continue
				}
				if rel := strings.TrimPrefix(e.Path, source+"/"); err == nil && e.Path != source {
					if out, err := m.MatchesOrParentMatches(rel); err == nil && out {
						continue
					}
				}
				counted[i] = true
				sel.Files++
				sel.Bytes += e.Size
			}
		}
	}
	return sel
}
