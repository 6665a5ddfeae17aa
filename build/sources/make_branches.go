package sources

import (
	"strings"
)

// open begins a conditional. Rules are read in all of its branches; of variables it decides, if what it
// compares is known.
func (m *makefile) open(word, rest string) {
	b := &makeBranch{taken: -2}
	m.branches = append(m.branches, b)
	m.decide(b, word, rest)
	m.at = &makeScope{up: m.at, vars: map[string]makeValue{}}
}

// decide notes whether the next branch is the one that is run.
func (m *makefile) decide(b *makeBranch, word, rest string) {
	if b.taken != -2 {
		return
	}
	switch is, known := m.condition(word, rest); {
	case !known:
		b.taken = -1
	case is:
		b.taken = len(b.done)
	}
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
		if b.taken == -2 {
			b.taken = len(b.done)
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
	if b.taken >= 0 {
		for name, v := range b.done[b.taken].vars {
			m.at.vars[name] = v
		}
		return
	}
	if b.taken == -2 {
		return // none of them
	}
	names := map[string]bool{}
	for _, s := range b.done {
		for name := range s.vars {
			names[name] = true
		}
	}
	all := b.done
	if !b.last {
		all = append(all, m.at)
	}
	for name := range names {
		var v makeValue
		for i, s := range all {
			x, ok := s.vars[name]
			if !ok {
				x, ok = m.lookup(name, nil)
			}
			switch {
			case i == 0 && ok:
				v = x
			case !ok || x != v:
				v = makeValue{text: unknown, simple: true}
			}
		}
		m.at.vars[name] = v
	}
}

// condition is whether a condition holds, as far as that is known. A variable that nothing sets counts as
// empty where the condition only asks for that.
func (m *makefile) condition(word, rest string) (is, known bool) {
	switch word {
	case "ifdef", "ifndef":
		v, _ := m.lookup(strings.TrimSpace(rest), nil)
		return (v.text != "") == (word == "ifdef"), true
	}
	a, b, ok := makeSides(rest)
	if !ok {
		return false, false
	}
	left, right := m.orEmpty(a), m.orEmpty(b)
	if left == unknown && a != "" && b == "" || right == unknown && a == "" && b != "" {
		return false, false
	}
	if !isKnown(left) || !isKnown(right) {
		return false, false
	}
	return (left == right) == (word == "ifeq"), true
}

// orEmpty is a side of a comparison, empty if it is a variable that nothing sets.
func (m *makefile) orEmpty(side string) string {
	if name := makeVariable(side); name != "" {
		if _, ok := m.lookup(name, nil); !ok && !m.special(name) {
			return ""
		}
	}
	return m.expand(side, nil)
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
		inner := rest[1 : len(rest)-1]
		depth := 0
		for i := range len(inner) {
			switch inner[i] {
			case '(', '{':
				depth++
			case ')', '}':
				depth--
			case ',':
				if depth == 0 {
					return unquoted(inner[:i]), unquoted(inner[i+1:]), true
				}
			}
		}
		return "", "", false
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
