package files

import (
	"strings"

	"github.com/moby/patternmatcher"
)

// This file says what lines would do that are added to an ignore file.

// maxBelow bounds how many files of a folder are looked at before it counts as hidden.
const maxBelow = 10_000

// BroughtBack reports whether the build context has the path only because lines of the ignore file that begin
// with ! keep it, or what is in it: they are wanted.
func (c *Context) BroughtBack(name string) bool {
	if c.Ignore == nil || c.Ignore.without == nil {
		return false
	}
	all := true
	c.below(name, func(e Entry) bool {
		all = c.Ignore.BringsBack(e.Path)
		return all
	})
	return all
}

// below calls fn with the files at and below a path that the context has, until it returns false; with
// the path alone if it is a folder without any.
func (c *Context) below(name string, fn func(Entry) bool) {
	n := 0
	for _, r := range c.tree(name) {
		for _, e := range c.entries[r[0]:r[1]] {
			if e.Ignored || e.Mode.IsDir() {
				continue
			}
			if n++; n > maxBelow || !fn(e) {
				return
			}
		}
	}
	if e, ok := c.Lookup(name); ok && n == 0 {
		fn(e)
	}
}

// Forgetting is what a line does that is added to the ignore file.
type Forgetting struct {
	Hides bool        // it hides something that the context has
	Loses string      // a path that it takes away though a line with ! brings it back; empty if there is none
	After *IgnoreFile // the ignore file with the line; nil if it cannot be used
}

// Forget says what the line does in the ignore file with the text after, which has it among its lines. It
// goes through the context once, and remembers what it found.
func (c *Context) Forget(line, after string) Forgetting {
	if len(line)+len(after) > maxForgetKey {
		return c.forget(line, after)
	}
	return c.Memo(forgetKey{line, after}, func() any { return c.forget(line, after) }).(Forgetting)
}

type forgetKey struct{ line, after string }

const maxForgetKey = 4 << 10 // bytes

func (c *Context) forget(line, text string) (f Forgetting) {
	after, err := ParseIgnore(text)
	if err != nil {
		return f
	}
	f.After = after
	own, err := ParseIgnore(line)
	if err != nil || own.matcher == nil {
		return f
	}
	inside := ""                       // the last folder that the line names
	named := map[string]bool{}         // folders that it names, or one above them
	var other patternmatcher.MatchInfo // of a path that it does not name: with it, the folders above are not matched again
	for _, e := range c.entries {
		if inside != "" && strings.HasPrefix(e.Path, inside) {
			continue
		}
		direct := named[e.Path[:max(0, strings.LastIndexByte(e.Path, '/'))]]
		if !direct {
			var info patternmatcher.MatchInfo
			if direct, info = own.matcher.match(e.Path, other); !direct {
				other = info
			}
		}
		if direct && e.Mode.IsDir() {
			named[e.Path] = true
		}
		if e.Ignored || !direct {
			continue
		}
		if e.Mode.IsDir() {
			inside = e.Path + "/"
		}
		c.below(e.Path, func(file Entry) bool {
			if !after.Hides(file.Path) {
				return true
			}
			f.Hides = true
			if c.Ignore.BringsBack(file.Path) {
				f.Loses = file.Path
			}
			return f.Loses == "" && c.Ignore != nil && c.Ignore.without != nil
		})
		if f.Loses != "" {
			break
		}
	}
	return f
}
