package sources

import (
	"path"
	"slices"
	"strings"
)

// makeCall is what a text is expanded for: a rule with a target, a call of a function.
type makeCall struct {
	rule   *makeRule
	target string
	stem   string
	params []string
	depth  int
}

// expand is a text with the values of its variables.
func (m *makefile) expand(text string, e *makeCall) string {
	if e == nil {
		e = &makeCall{}
	}
	if !strings.Contains(text, "$") {
		return bounded(text)
	}
	if !m.r.step() || e.depth > 20 {
		return unknown
	}
	var b strings.Builder
	for i := 0; i < len(text) && b.Len() <= maxText; i++ {
		if text[i] != '$' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case '$':
			b.WriteByte('$')
		case '(', '{':
			end := makeEnd(text, i)
			if end < 0 {
				return unknown
			}
			b.WriteString(m.reference(text[i+1:end], e))
			i = end
		default:
			b.WriteString(m.variable(string(c), e))
		}
	}
	m.r.spend(b.Len() >> 6)
	return bounded(b.String())
}

// makeEnd is where a bracket closes.
func makeEnd(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// special reports whether a variable has a value of make's own.
func (m *makefile) special(name string) bool {
	return slices.Contains([]string{"CURDIR", "PWD", "MAKE", "MAKEFILE_LIST", "SHELL", "MAKECMDGOALS"}, name)
}

// variable is the value of a variable.
func (m *makefile) variable(name string, e *makeCall) string {
	if len(name) == 1 && name[0] >= '0' && name[0] <= '9' {
		if i := int(name[0] - '0'); e.params != nil {
			if i < len(e.params) {
				return e.params[i]
			}
			return ""
		}
		return unknown
	}
	switch name {
	case "@":
		return known(e.target)
	case "@D":
		return known(path.Dir(known(e.target)))
	case "@F":
		return known(path.Base(known(e.target)))
	case "*":
		return known(e.stem)
	case "<":
		if e.rule != nil && len(e.rule.needs) > 0 {
			return stemmed(e.rule.needs[0], e.stem)
		}
		return unknown
	case "^", "+":
		if e.rule == nil {
			return unknown
		}
		var all []string
		for _, need := range e.rule.needs {
			if need != "|" {
				all = append(all, stemmed(need, e.stem))
			}
		}
		return strings.Join(all, " ")
	case "<D", "<F", "*D", "*F", "^D", "^F", "?", "%":
		return unknown
	}
	if v, ok := m.lookup(name, e); ok {
		if v.simple {
			return v.text
		}
		inner := *e
		inner.depth++
		return m.expand(v.flat(), &inner)
	}
	switch {
	case name == "CURDIR" || name == "PWD":
		if len(m.dirs) > 1 {
			return unknown
		}
		return absolute(m.dir)
	case name == "MAKE":
		return "make"
	case engine.MatchString(name):
		return "docker"
	}
	return unknown
}

// flat is the text without the line breaks that a backslash takes away.
func (v makeValue) flat() string { return strings.ReplaceAll(v.text, "\\\n", " ") }

// known is a text, unknown if it is empty.
func known(s string) string {
	if s == "" || strings.Contains(s, unknown) {
		return unknown
	}
	return s
}

// stemmed is a name with what % stands for.
func stemmed(name, stem string) string {
	if strings.Contains(name, "%") {
		return strings.Replace(name, "%", known(stem), 1)
	}
	return name
}

// reference is what $(…) stands for: a variable, or a function.
func (m *makefile) reference(text string, e *makeCall) string {
	inner := *e
	inner.depth++
	e = &inner
	name, rest, call := strings.Cut(text, " ")
	if !call {
		if name, pair, ok := strings.Cut(text, ":"); ok { // $(X:.c=.o)
			from, to, _ := strings.Cut(m.expand(pair, e), "=")
			if !strings.Contains(from, "%") {
				from, to = "%"+from, "%"+to
			}
			return m.patterns(from, to, m.variable(m.expand(name, e), e))
		}
		name = m.expand(text, e)
		if !isKnown(name) {
			return unknown
		}
		return m.variable(name, e)
	}
	args := makeArgs(rest)
	first := func() string { return m.expand(strings.TrimSpace(args[0]), e) }
	switch name {
	case "call":
		fn, ok := m.lookup(strings.TrimSpace(args[0]), e)
		if !ok || fn.simple {
			return unknown
		}
		params := []string{strings.TrimSpace(args[0])}
		for _, a := range args[1:] {
			params = append(params, m.expand(a, e))
		}
		e.params = params
		return m.expand(fn.flat(), e)
	case "eval":
		m.eval(rest, e)
		return ""
	case "shell":
		return m.r.printedBy(&script{text: m.expand(rest, e), dirs: []string{m.dir}})
	case "or":
		for _, a := range args {
			a = strings.TrimSpace(a)
			if name := makeVariable(a); name != "" {
				if _, ok := m.lookup(name, e); !ok && !m.special(name) {
					continue // a variable that nothing sets
				}
			}
			if v := m.expand(a, e); v != "" {
				return v
			}
		}
		return ""
	case "if":
		cond := first()
		switch {
		case !isKnown(cond):
			return unknown
		case cond != "" && len(args) > 1:
			return m.expand(args[1], e)
		case cond == "" && len(args) > 2:
			return m.expand(args[2], e)
		}
		return ""
	case "strip":
		return strings.Join(strings.Fields(m.expand(rest, e)), " ")
	case "abspath", "realpath":
		return m.each(first(), func(s string) string {
			at, s := fromRoot(m.dir, s)
			return absolute(joined(at, s))
		})
	case "dir":
		return m.each(first(), func(s string) string {
			if i := strings.LastIndexByte(s, '/'); i >= 0 {
				return s[:i+1]
			}
			if s == root {
				return unknown
			}
			return "./"
		})
	case "notdir":
		return m.each(first(), func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] })
	case "basename":
		return m.each(first(), func(s string) string { return strings.TrimSuffix(s, path.Ext(s)) })
	case "firstword", "lastword":
		if strings.TrimSpace(args[0]) == "$(MAKEFILE_LIST)" {
			return known(m.r.file)
		}
		words := strings.Fields(first())
		switch {
		case len(words) == 0:
			return ""
		case name == "firstword":
			return words[0]
		}
		return words[len(words)-1]
	case "subst", "patsubst":
		if len(args) != 3 {
			return unknown
		}
		from, to, in := m.expand(args[0], e), m.expand(args[1], e), m.expand(args[2], e)
		if name == "patsubst" {
			return m.patterns(strings.TrimSpace(from), strings.TrimSpace(to), in)
		}
		if from == "" || !isKnown(from) || !isKnown(in) {
			return unknown
		}
		return bounded(strings.ReplaceAll(in, from, to))
	case "addprefix", "addsuffix":
		if len(args) != 2 {
			return unknown
		}
		add := m.expand(args[0], e)
		return m.each(m.expand(args[1], e), func(s string) string {
			if name == "addprefix" {
				return add + s
			}
			return s + add
		})
	case "foreach":
		return m.foreach(args, e)
	}
	return unknown
}

// eval reads the lines that a text becomes, mostly $(call NAME,…) of one that define gives.
func (m *makefile) eval(text string, e *makeCall) {
	if m.evals++; m.evals > 1000 || e.depth > 8 {
		return
	}
	if c := makeCanned.FindStringSubmatch(text); c != nil {
		if v, ok := m.lookup(c[1], e); ok && v.line > 0 {
			inner := *e
			inner.depth++
			inner.params = []string{c[1]}
			for _, a := range makeArgs(c[2]) {
				inner.params = append(inner.params, m.expand(a, e))
			}
			m.read(v.file, m.expand(v.text, &inner), v.line-1)
			return
		}
	}
	if assignment := strings.TrimSpace(m.expand(text, e)); !strings.Contains(assignment, "\n") {
		m.assignment(assignment, m.at.vars)
	}
}

// foreach unrolls $(foreach x,list,text).
func (m *makefile) foreach(args []string, e *makeCall) string {
	if len(args) < 3 {
		return unknown
	}
	name, list := strings.TrimSpace(args[0]), strings.Fields(m.expand(args[1], e))
	if len(list) > maxTurns {
		return unknown
	}
	before := m.at
	defer func() { m.at = before }()
	var out []string
	size := 0
	for _, item := range list {
		m.at = &makeScope{up: before, vars: map[string]makeValue{name: {text: item, simple: true}}}
		out = append(out, m.expand(strings.Join(args[2:], ","), e))
		if size += len(out[len(out)-1]); size > maxText {
			return unknown
		}
	}
	return strings.Join(out, " ")
}

// each changes each word of a text. A word of which a part is not known, but for a leading root, is not known.
func (m *makefile) each(text string, change func(string) string) string {
	var out []string
	for _, s := range strings.Fields(text) {
		if !isKnown(strings.TrimPrefix(s, root)) {
			out = append(out, unknown)
		} else {
			out = append(out, change(s))
		}
	}
	return bounded(strings.Join(out, " "))
}

// patterns is patsubst.
func (m *makefile) patterns(from, to, text string) string {
	if !isKnown(from) || !isKnown(to) {
		return unknown
	}
	before, after, ok := strings.Cut(from, "%")
	return m.each(text, func(s string) string {
		switch {
		case !ok && s == from:
			return to
		case ok && len(s) >= len(before)+len(after) && strings.HasPrefix(s, before) && strings.HasSuffix(s, after):
			return strings.Replace(to, "%", s[len(before):len(s)-len(after)], 1)
		}
		return s
	})
}

// makeArgs are the arguments of a function.
func makeArgs(text string) (args []string) {
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				args, from = append(args, text[from:i]), i+1
			}
		}
	}
	return append(args, text[from:])
}
