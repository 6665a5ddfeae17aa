package sources

import (
	"slices"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
)

// build reads the recipes of the source.
func (m *makefile) build(dirs []string) {
	m.pass()
	first, mentioned := m.reached(), m.mentioned()
	m.building = m.builders()
	for _, rule := range m.rules {
		if rule.file != m.r.file || len(rule.recipe) == 0 {
			continue
		}
		calls := m.calls(rule, mentioned)
		if !slices.ContainsFunc(rule.recipe, func(l makeLine) bool { return strings.Contains(l.text, "$") }) {
			calls = calls[:min(1, len(calls))] // all are the same
		}
		for _, e := range calls {
			s := script{name: shown(e.target), dirs: dirs, vars: m.environment(e), dev: names.ForDevelopers(e.target), first: first[e.target]}
			m.recipe(rule, e, s)
		}
	}
}

// environment are the variables that a recipe's commands get.
func (m *makefile) environment(e *makeCall) map[string]string {
	env := map[string]string{}
	for name, is := range m.exported {
		if v, ok := m.lookup(name, e); is && ok && (v != makeValue{}) {
			env[name] = m.variable(name, e)
		}
	}
	for name := range m.specific {
		if v, _ := m.lookup(name, e); v.export {
			env[name] = m.variable(name, e)
		}
	}
	if !m.exportsAll {
		return env
	}
	for s := m.at; s != nil; s = s.up {
		for name := range s.vars {
			if is, told := m.exported[name]; isName(name) && (is || !told) {
				env[name] = m.variable(name, e)
			}
		}
	}
	return env
}

// calls are what a rule is run for: each of its targets, and for a pattern each name that the Makefile
// mentions and that matches.
func (m *makefile) calls(rule *makeRule, names []string) (calls []*makeCall) {
	for _, target := range rule.targets {
		before, after, pattern := strings.Cut(target, "%")
		if !pattern {
			e := &makeCall{rule: rule, target: target, stem: makeStem(rule.pattern, target)}
			calls = append(calls, e)
			continue
		}
		some := false
		for _, name := range names {
			if len(name) > len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after) && isKnown(name[len(before):len(name)-len(after)]) {
				some = true
				calls = append(calls, &makeCall{rule: rule, target: name, stem: name[len(before) : len(name)-len(after)]})
			}
		}
		if !some {
			calls = append(calls, &makeCall{rule: rule, target: strings.Replace(target, "%", unknown, 1)})
		}
	}
	if len(calls) > maxTurns {
		calls = calls[:maxTurns]
	}
	return calls
}

// makeStem is what % stands for in a pattern that a name matches; "" if it does not.
func makeStem(pattern, name string) string {
	before, after, ok := strings.Cut(pattern, "%")
	if !ok || len(name) <= len(before)+len(after) || !strings.HasPrefix(name, before) || !strings.HasSuffix(name, after) {
		return ""
	}
	return name[len(before) : len(name)-len(after)]
}

// mentioned are the targets that rules need or name, without those that have a recipe of their own.
func (m *makefile) mentioned() []string {
	own, names := map[string]bool{}, map[string]bool{}
	for _, rule := range m.rules {
		for _, target := range rule.targets {
			if len(rule.recipe) > 0 {
				own[target] = true
			} else {
				names[target] = true
			}
		}
		for _, need := range rule.needs {
			names[need] = true
		}
	}
	var list []string
	for _, name := range sortedKeys(names) {
		if !own[name] && !strings.Contains(name, "%") {
			list = append(list, name)
		}
	}
	return list
}

// needs are what each target needs by itself.
func (m *makefile) needs() map[string][]string {
	needs := map[string][]string{}
	for _, rule := range m.rules {
		for _, target := range rule.targets {
			needs[target] = append(needs[target], rule.needs...)
		}
	}
	return needs
}

// reached are the targets that make without a target makes.
func (m *makefile) reached() map[string]bool { return m.needed(m.needs(), m.goal) }

// needed are a target and those that it needs, also by others.
func (m *makefile) needed(needs map[string][]string, target string) map[string]bool {
	seen := map[string]bool{}
	next := []string{target}
	for len(next) > 0 && m.r.step() {
		name := next[len(next)-1]
		next = next[:len(next)-1]
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		next = append(next, needs[name]...)
	}
	return seen
}

// pass notes the variables that targets get from those that need them: which of these make is called for is not known.
func (m *makefile) pass() {
	m.passed = map[string]map[string]bool{}
	var needs map[string][]string
	for _, key := range sortedKeys(m.same) {
		for _, rule := range m.same[key] {
			if len(rule.vars) == 0 {
				continue
			}
			if needs == nil {
				needs = m.needs()
			}
			for _, target := range rule.targets {
				for name := range m.needed(needs, target) {
					if name == target {
						continue
					}
					if m.passed[name] == nil {
						m.passed[name] = map[string]bool{}
					}
					for v := range rule.vars {
						m.passed[name][v] = true
					}
				}
			}
		}
	}
}

// recipe reads the lines of a recipe. Each has a shell of its own.
func (m *makefile) recipe(rule *makeRule, e *makeCall, s script) {
	all := m.lines(rule.recipe, e, s)
	if m.oneShell {
		m.shell(s, all)
	}
}

var makeCanned = lazy.New(`^[ \t@+-]*\$[({](?:call\s+)?([A-Za-z0-9_.-]+)\s*(?:,(.*))?[)}]\s*$`)

// lines reads the lines of a recipe, or of a text that define gives. If they have one shell, it returns them.
func (m *makefile) lines(recipe []makeLine, e *makeCall, s script) (all []makeLine) {
	for _, l := range recipe {
		if !m.r.step() {
			return all
		}
		if !m.oneShell && !m.mayBuild(l.text) {
			continue
		}
		if c := makeCanned.FindStringSubmatch(strings.ReplaceAll(l.text, "\n", " ")); c != nil {
			if v, ok := m.lookup(c[1], e); ok && v.line > 0 && v.file == m.r.file && e.depth < 8 {
				inner := *e
				inner.depth++
				if strings.Contains(l.text, "call") {
					inner.params = []string{c[1]}
					for _, a := range makeArgs(c[2]) {
						inner.params = append(inner.params, m.expand(a, e))
					}
				}
				all = append(all, m.lines(makeBody(v), &inner, s)...)
				continue
			}
		}
		if word, _, _ := strings.Cut(strings.TrimSpace(l.text), " "); word == "ifeq" || word == "ifneq" || word == "else" || word == "endif" || word == "ifdef" || word == "ifndef" {
			continue
		}
		text := m.expand(l.text, e)
		if m.oneShell {
			all = append(all, makeLine{makePrefix(text), l.line})
			continue
		}
		// A variable with several lines is as many lines of the recipe.
		at := l.line
		for len(text) > 0 {
			one, rest := makeFirst(text)
			text = rest
			m.shell(s, []makeLine{{makePrefix(one), at}})
			at += strings.Count(one, "\\\n")
		}
	}
	return all
}

// builders are the variables whose values may build something, also by other variables.
func (m *makefile) builders() (names []string) {
	values := map[string]string{}
	for s := m.at; s != nil; s = s.up {
		for name, v := range s.vars {
			values[name] = v.text
		}
	}
	for _, rule := range m.rules {
		for name, v := range rule.vars {
			values[name] += v.text
		}
	}
	sorted := sortedKeys(values)
	for range 4 {
		before := len(names)
		m.building = names
		for _, name := range sorted {
			if !slices.Contains(names, name) && m.mayBuild(values[name]) {
				names = append(names, name)
			}
		}
		if len(names) == before || len(names) > 100 {
			break
		}
	}
	return names
}

// mayBuild reports whether a text may build something, by itself or by variables.
func (m *makefile) mayBuild(text string) bool {
	if mayBuild(text) || strings.Contains(text, "$@") || strings.Contains(text, "$*") {
		return true
	}
	if !strings.Contains(text, "$") {
		return false
	}
	return len(m.building) > 100 || slices.ContainsFunc(m.building, func(name string) bool { return strings.Contains(text, name) })
}

// makeBody are the logical lines of a text that define gives.
func makeBody(v makeValue) (body []makeLine) {
	at := v.line
	for text := v.text; text != ""; {
		one, rest := makeFirst(text)
		body = append(body, makeLine{strings.TrimPrefix(one, "\t"), at})
		at += strings.Count(one, "\n") + 1
		text = rest
	}
	return body
}

// makeFirst is the first line of a recipe's text, with those that continue it.
func makeFirst(text string) (first, rest string) {
	for i := range len(text) {
		if text[i] == '\n' && (i == 0 || text[i-1] != '\\') {
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// makePrefix is a line of a recipe without the characters that say how it is run.
func makePrefix(line string) string { return strings.TrimLeft(line, " \t@-+") }

// shell reads lines that one shell runs.
func (m *makefile) shell(s script, lines []makeLine) {
	var starts []int // of each line of the text: the line of the source
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.text)
		for i := range strings.Count(l.text, "\n") + 1 {
			starts = append(starts, l.line+i)
		}
	}
	s.text = strings.Join(texts, "\n")
	s.line = func(n int) int { return starts[min(max(n, 1), len(starts))-1] }
	m.r.script(s)
}
