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
	var sel Selection
	var ranges [][2]int // of entries, half open
	for _, source := range sources {
		switch source := rooted(source); {
		case c.isPattern(source):
			ranges = append(ranges, c.wildcard(source)...)
		default:
			ranges = append(ranges, c.tree(c.follow(source))...)
		}
	}
	for _, r := range merge(ranges) {
		c.count(&sel, r, exclude)
	}
	return sel
}

// Lacks reports whether a source that is no pattern matches nothing: then the build fails.
func (c *Context) Lacks(source string) bool {
	source = rooted(source)
	return !c.isPattern(source) && c.tree(c.follow(source)) == nil
}

func (c *Context) isPattern(source string) bool {
	return strings.ContainsAny(source, "*?[") && !c.Exists(source)
}

func rooted(source string) string {
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
			name = rooted(e.Link)
		} else {
			name = rooted(path.Join(path.Dir(name), e.Link))
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

// wildcard is what a pattern matches, with all below it.
func (c *Context) wildcard(pattern string) [][2]int {
	return c.match(nil, ".", strings.Split(pattern, "/"))
}

// match adds what the parts of a pattern, one for each level, match below dir.
func (c *Context) match(ranges [][2]int, dir string, parts []string) [][2]int {
	step := func(i int) {
		switch e := &c.entries[i]; {
		case e.Ignored:
		case len(parts) == 1:
			ranges = append(ranges, c.tree(e.Path)...)
		case e.Mode.IsDir():
			ranges = c.match(ranges, e.Path, parts[1:])
		}
	}
	if !strings.ContainsAny(parts[0], `*?[\`) {
		if i, ok := c.index[path.Join(dir, parts[0])]; ok {
			step(i)
		}
		return ranges
	}
	for _, i := range c.children[dir] {
		if ok, err := path.Match(parts[0], path.Base(c.entries[i].Path)); err == nil && ok {
			step(i)
		}
	}
	return ranges
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

// count adds the visible files of a range.
func (c *Context) count(sel *Selection, r [2]int, exclude []string) {
	var m *patternmatcher.PatternMatcher
	if len(exclude) > 0 {
		m, _ = patternmatcher.New(exclude)
	}
	if m == nil {
		sel.Files += c.files[r[1]] - c.files[r[0]]
		sel.Bytes += c.bytes[r[1]] - c.bytes[r[0]]
		return
	}
	for _, e := range c.entries[r[0]:r[1]] {
		if e.Ignored || e.Mode.IsDir() {
			continue
		}
		if out, err := m.MatchesOrParentMatches(e.Path); err != nil || !out {
			sel.Files++
			sel.Bytes += e.Size
		}
	}
}
