package sources

import (
	"slices"
	"strings"
)

// scope is what is known at a place: variables and the folder. What a branch changes is a scope above that
// of its surroundings.
type scope struct {
	up       *scope
	vars     map[string]value
	dir, old string // the folder, and the one before; may be unknown
	stack    []string
	params   []word // of the function
	given    bool   // params are known
	all      bool   // what is assigned is exported: set -a
	over     bool   // it has ended by exit or return …
	gone     bool   // … by exit
}

// value is what a variable holds.
type value struct {
	text     string
	list     []word // of an array
	array    bool
	exported bool
	// open: its text is that of a variable that nothing sets, for which a default may be used.
	open bool
	// optional: an option of the script may have set it. A default for it is only assumed, too.
	optional bool
}

// isText reports whether something is known of a variable's text.
func isText(v value) bool { return !v.array && v.text != unknown }

// assumed is a value that something else may have replaced.
func (v value) assumed() value {
	switch {
	case v.array, v.text == unknown, strings.HasPrefix(v.text, assumed):
	case v.text == "":
		v.text, v.open, v.optional = unknown, true, true
	default:
		v.text = assumed + v.text
	}
	return v
}

func (s *scope) child() *scope {
	c := *s
	c.up, c.vars, c.over, c.gone = s, map[string]value{}, false, false
	c.stack = c.stack[:len(c.stack):len(c.stack)]
	return &c
}

// apart makes it the scope of a process of its own, which has only what is exported.
func (s *scope) apart() {
	vars := map[string]value{}
	for name, text := range s.exported() {
		vars[name] = value{text: text, exported: true}
	}
	s.up, s.vars, s.params, s.given, s.all = nil, vars, nil, false, false
}

func (s *scope) lookup(name string) (value, bool) {
	for ; s != nil; s = s.up {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return value{}, false
}

// exported are the variables that a command gets.
func (s *scope) exported() map[string]string {
	env := map[string]string{}
	seen := map[string]bool{}
	for ; s != nil; s = s.up {
		for name, v := range s.vars {
			if !seen[name] && v.exported && !v.array {
				if env[name] = v.text; strings.Contains(v.text, assumed) {
					env[name] = unknown
				}
			}
			seen[name] = true
		}
	}
	return env
}

// adopt takes over what a scope above has changed.
func (s *scope) adopt(c *scope) {
	for name, v := range c.vars {
		s.vars[name] = v
	}
	s.dir, s.old, s.stack, s.params, s.given, s.all = c.dir, c.old, c.stack, c.params, c.given, c.all
	s.over, s.gone = s.over || c.over, s.gone || c.gone
}

// inside runs a part in a scope of its own, which it returns.
func (w *walk) inside(part func()) *scope {
	before := w.at
	w.at = before.child()
	part()
	c := w.at
	w.at = before
	return c
}

// join goes on after branches, of which one is run.
func (w *walk) join(branches ...*scope) {
	live := branches[:0:0]
	gone := true
	for _, b := range branches {
		gone = gone && b.gone
		if !b.over {
			live = append(live, b)
		}
	}
	if len(live) == 0 {
		w.at.over, w.at.gone = true, w.at.gone || gone
		return
	}
	names := map[string]bool{}
	for _, b := range live {
		for name := range b.vars {
			names[name] = true
		}
	}
	joinedVars := map[string]value{}
	for name := range names {
		var v value
		for i, b := range live {
			x, ok := b.lookup(name)
			if !ok {
				x = unset
			}
			switch {
			case i == 0:
				v = x
			case same(v, x):
				v = eitherWay(v, x)
			case x.open && isText(v):
				v = v.assumed()
			case v.open && isText(x):
				v = x.assumed()
			case v.text == x.assumed().text && !v.array:
			case x.text == v.assumed().text && !x.array:
				v = x
			default:
				v = oneOfTwo(v, x)
			}
		}
		joinedVars[name] = v
	}
	for name, v := range joinedVars {
		w.at.vars[name] = v
	}
	first := live[0]
	w.at.dir, w.at.old, w.at.stack, w.at.params, w.at.given = first.dir, first.old, first.stack, first.params, first.given
	for _, b := range live[1:] {
		if b.dir != first.dir {
			w.at.dir = unknown
		}
		if b.old != first.old {
			w.at.old = unknown
		}
		if len(b.stack) != len(first.stack) {
			w.at.stack = nil
		}
		if len(b.params) != len(first.params) {
			w.at.params, w.at.given = nil, false
		}
	}
}

// unset is a variable that a branch does not set.
var unset = value{text: unknown, optional: true}

// eitherWay is one of two values with the same text.
func eitherWay(a, b value) value {
	isUnset := func(v value) bool { return v.optional && !v.open }
	v := a
	v.exported = a.exported || b.exported
	v.open = a.open && b.open || a.open && isUnset(b) || isUnset(a) && b.open
	v.optional = v.open && (a.optional || b.optional)
	return v
}

func same(a, b value) bool {
	if a.text != b.text || a.array != b.array || len(a.list) != len(b.list) {
		return false
	}
	for i := range a.list {
		if a.list[i] != b.list[i] {
			return false
		}
	}
	return true
}

// oneOfTwo is a value that is one of two. What both begin with is kept, and more may follow: scripts add
// options to a variable under conditions.
func oneOfTwo(a, b value) value {
	exported := a.exported || b.exported
	if a.array && b.array {
		if len(a.list) > len(b.list) {
			a, b = b, a
		}
		if slices.Equal(a.list, b.list[:len(a.list)]) {
			more := word{text: unknown, many: true}
			if n := len(a.list); n > 0 && a.list[n-1] == more {
				return a
			}
			return value{array: true, list: append(slices.Clip(a.list), more)}
		}
	}
	if !a.array && !b.array {
		a.text, _ = believed(a.text)
		b.text, _ = believed(b.text)
		if len(a.text) > len(b.text) {
			a, b = b, a
		}
		if rest, ok := strings.CutPrefix(b.text, a.text); ok && a.text != "" && strings.HasPrefix(rest, " ") {
			if strings.HasSuffix(a.text, " "+unknown) {
				return value{text: a.text, exported: exported}
			}
			return value{text: a.text + " " + unknown, exported: exported}
		}
	}
	return value{text: unknown, exported: exported}
}
