package sources

import (
	"strings"
)

// What is known of the branch of a conditional that is run, in place of its number.
const (
	undecided = -1
	noneSoFar = -2
	notRun    = -3 // the conditional stands in a branch that is not run
)

// open begins a conditional. If what it compares is known, only the branch is read that is run. Else all are: any of
// their rules may be what is run, and a variable that they do not agree on is only assumed to be as it is if the
// environment sets nothing.
func (m *makefile) open(word, rest string) {
	b := &makeBranch{taken: noneSoFar, likely: noneSoFar}
	if m.skips() {
		b.taken = notRun
	}
	m.branches = append(m.branches, b)
	m.decide(b, word, rest)
	m.at = &makeScope{up: m.at, vars: map[string]makeValue{}}
}

// skips reports whether what stands here is not run: it is in a branch that is known not to be taken.
func (m *makefile) skips() bool {
	if len(m.branches) == 0 {
		return false
	}
	b := m.branches[len(m.branches)-1]
	return b.taken != undecided && b.taken != len(b.done)
}

// decide notes whether the next branch is the one that is run.
func (m *makefile) decide(b *makeBranch, word, rest string) {
	if b.taken == notRun {
		return
	}
	is, known, assumed := m.condition(word, rest)
	next := func(decided int, known bool) int {
		switch {
		case decided != noneSoFar:
			return decided
		case !known:
			return undecided
		case is:
			return len(b.done)
		}
		return noneSoFar
	}
	if len(b.done) == 0 && assumed && is {
		b.empty = emptiness(word, rest)
	}
	b.taken, b.likely = next(b.taken, known && !assumed), next(b.likely, known)
}

func (m *makefile) otherwise(rest string) {
	if len(m.branches) == 0 {
		return
	}
	b := m.branches[len(m.branches)-1]
	m.endBranch(b)
	word, rest, _ := strings.Cut(rest, " ")
	switch word {
	case "ifeq", "ifneq", "ifdef", "ifndef":
		m.decide(b, word, strings.TrimSpace(rest))
	default:
		b.last = true
		if b.taken == noneSoFar {
			b.taken = len(b.done)
		}
		if b.likely == noneSoFar {
			b.likely = len(b.done)
		}
	}
	m.at = &makeScope{up: m.at, vars: map[string]makeValue{}}
}

func (m *makefile) endBranch(b *makeBranch) {
	b.done = append(b.done, m.at)
	m.at = m.at.up
}

func (m *makefile) close() {
	if len(m.branches) == 0 {
		return
	}
	b := m.branches[len(m.branches)-1]
	m.branches = m.branches[:len(m.branches)-1]
	m.endBranch(b)
	if _, sets := b.done[0].vars[b.empty]; sets {
		b.taken = 0 // as ?= does it
	}
	if b.taken >= 0 {
		for name, v := range b.done[b.taken].vars {
			m.at.vars[name] = v
		}
		return
	}
	if b.taken != undecided {
		return // none of them
	}
	all := b.done
	if !b.last {
		all = append(all, m.at)
	}
	names := map[string]bool{}
	for _, s := range all[:len(b.done)] {
		for name := range s.vars {
			names[name] = true
		}
	}
	values := map[string]makeValue{}
	for name := range names {
		values[name] = m.oneOf(name, all, b.likely)
	}
	for name, v := range values {
		m.at.vars[name] = v
	}
}

// oneOf is a variable after branches of which one is run. likely is the one that is if the environment sets nothing.
func (m *makefile) oneOf(name string, branches []*makeScope, likely int) makeValue {
	var first makeValue
	same := true
	for i, s := range branches {
		v, ok := s.vars[name]
		if !ok {
			v, ok = m.lookup(name, nil)
		}
		if i == 0 {
			first = v
		}
		same = same && ok && v == first
	}
	switch {
	case same:
		return first
	case likely == noneSoFar:
		likely = len(branches) - 1
	}
	if likely >= 0 && likely < len(branches) {
		v, ok := branches[likely].vars[name]
		if !ok {
			v, ok = m.lookup(name, nil)
		}
		if ok {
			return v.assumed()
		}
	}
	return makeValue{text: unknown, simple: true}
}

// assumed is a value that another may stand for when make runs.
func (v makeValue) assumed() makeValue {
	if v.text == "" || v.text == unknown || v.line > 0 {
		return makeValue{text: unknown, simple: true}
	}
	v.text = assumed + v.text
	return v
}

// condition is whether a condition holds, as far as that is known. assumed: it holds, or does not, if the environment
// does not set a variable that the file does not.
func (m *makefile) condition(word, rest string) (is, known, assumed bool) {
	switch word {
	case "ifdef", "ifndef":
		name := strings.TrimSpace(rest)
		v, _ := m.lookup(name, nil)
		return (v.text != "") == (word == "ifdef"), v.text != unknown && isName(name), !m.has(name)
	}
	a, b, ok := makeSides(rest)
	if !ok {
		return false, false, false
	}
	left, unsetLeft := m.orEmpty(a)
	right, unsetRight := m.orEmpty(b)
	if !isKnown(left) || !isKnown(right) {
		return false, false, false
	}
	return (left == right) == (word == "ifeq"), true, unsetLeft || unsetRight
}

// orEmpty is a side of a comparison, empty if it is a variable that nothing sets.
func (m *makefile) orEmpty(side string) (text string, unset bool) {
	if name := makeVariable(side); name != "" && !m.has(name) {
		return "", true
	}
	return m.expand(side, nil), false
}

// has reports whether something in the file, or make itself, sets a variable.
func (m *makefile) has(name string) bool {
	_, ok := m.lookup(name, nil)
	return ok || m.special(name)
}

// emptiness is the variable that a condition asks to be empty.
func emptiness(word, rest string) (name string) {
	switch word {
	case "ifndef":
		return strings.TrimSpace(rest)
	case "ifeq":
		if a, b, ok := makeSides(rest); ok && b == "" {
			return makeVariable(a)
		} else if ok && a == "" {
			return makeVariable(b)
		}
	}
	return ""
}

// makeVariable is the name of the variable that a text consists of.
func makeVariable(text string) string {
	name, ok := strings.CutPrefix(text, "$")
	if !ok || len(name) < 3 {
		return ""
	}
	if name = name[1 : len(name)-1]; strings.ContainsAny(name, " $(){},:") {
		return ""
	}
	return name
}

// makeSides are the two sides of a comparison: (a,b), "a" "b".
func makeSides(rest string) (a, b string, ok bool) {
	if strings.HasPrefix(rest, "(") && strings.HasSuffix(rest, ")") {
		args := makeArgs(rest[1 : len(rest)-1])
		if len(args) < 2 {
			return "", "", false
		}
		return unquoted(args[0]), unquoted(strings.Join(args[1:], ",")), true
	}
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return "", "", false
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return "", "", false
	}
	return rest[1 : end+1], unquoted(rest[end+2:]), true
}

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }
