package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// isMake reports whether a file is a Makefile, or one that Makefiles include.
func isMake(name string) bool {
	base := path.Base(name)
	return isMakefile(base) || path.Ext(base) == ".mk" || strings.HasPrefix(base, "Makefile.")
}

func isMakefile(base string) bool { return slices.Contains(makefiles, base) }

// makefiles are the names that make looks for, in its order.
var makefiles = []string{"GNUmakefile", "makefile", "Makefile"}

// makefile is a Makefile with what it includes.
type makefile struct {
	r          *reading
	dir        string   // the folder that it is run in
	dirs       []string // those that it may be run in, if that is not known
	at         *makeScope
	branches   []*makeBranch // the conditionals that are open
	rules      []*makeRule
	same       map[string][]*makeRule // by their targets
	included   map[string]bool        // files that were read
	oneShell   bool
	exported   map[string]bool
	exportsAll bool
	specific   map[string]bool            // variables that some targets have
	ofPatterns []*makeRule                // variables of targets that match a pattern
	passed     map[string]map[string]bool // by target, the variables that targets which need it have of their own
	goal       string                     // the default goal
	building   []string                   // variables whose values may build something
	evals      int                        // how often $(eval …) was read
}

// makeScope is what is assigned in a branch.
type makeScope struct {
	up   *makeScope
	vars map[string]makeValue
}

type makeValue struct {
	text string
	// simple: the text is expanded already.
	simple bool
	// export: the commands of the target that has it get it.
	export bool
	// line is where the first line of the text stands, of one that define gives; it is a recipe's then.
	line int
	file string
}

// makeBranch is a conditional.
type makeBranch struct {
	done   []*makeScope // its branches that are read
	taken  int          // the branch that is known to be run
	likely int          // the one that is run if the environment sets nothing that the file does not set
	empty  string       // the variable that nothing sets, and that the first branch is for; mostly, it sets that
	last   bool         // it has an else without a condition
}

type makeRule struct {
	file    string
	targets []string
	needs   []string
	pattern string // of a static pattern rule
	vars    map[string]makeValue
	recipe  []makeLine
}

// makeLine is a logical line.
type makeLine struct {
	text string // with \ and line breaks, in a recipe
	line int
}

func newMakefile(r *reading, dir string) *makefile {
	return &makefile{r: r, dir: dir, at: &makeScope{vars: map[string]makeValue{}}, same: map[string][]*makeRule{},
		included: map[string]bool{}, exported: map[string]bool{}, specific: map[string]bool{}}
}

// maxIncluded is how many files a Makefile may include.
const maxIncluded = 100

// include reads the lines of a file.
func (m *makefile) include(file, src string) {
	if m.included[file] || len(m.included) > maxIncluded {
		return
	}
	m.included[file] = true
	src = strings.ReplaceAll(strings.TrimPrefix(src, "\ufeff"), "\r\n", "\n")
	m.read(file, src, 0)
	if len(m.included) == 1 {
		for len(m.branches) > 0 {
			m.close()
		}
	}
}

// read reads lines that stand in a file after so many others.
func (m *makefile) read(file, src string, above int) {
	lines := strings.Split(src, "\n")
	var rule *makeRule
	for i := 0; i < len(lines); i++ {
		if !m.r.step() {
			return
		}
		start := i
		text := lines[i]
		for strings.HasSuffix(text, `\`) && i+1 < len(lines) && (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1 {
			i++
			next := lines[i]
			text += "\n" + strings.TrimPrefix(next, "\t")
		}
		if strings.HasPrefix(text, "\t") && rule != nil {
			if m.skips() {
				continue
			}
			rule.recipe = append(rule.recipe, makeLine{text[1:], above + start + 1})
			continue
		}
		line := strings.TrimSpace(makeComment(strings.ReplaceAll(text, "\\\n", " ")))
		if line == "" {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case "define":
			var body []string
			from := above + i + 2
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "endef"; i++ {
				body = append(body, lines[i])
			}
			name := strings.TrimSpace(strings.TrimRight(rest, ":?+= "))
			if !m.skips() {
				m.at.vars[name] = makeValue{text: strings.Join(body, "\n"), line: from, file: file}
			}
			rule = nil
		case "ifeq", "ifneq", "ifdef", "ifndef":
			m.open(word, rest)
		case "else":
			m.otherwise(rest)
		case "endif":
			m.close()
		case "include", "-include", "sinclude":
			if !m.skips() {
				m.includes(rest)
			}
			rule = nil
		default:
			if m.skips() {
				continue
			}
			if m.assignment(line, m.at.vars) {
				if !strings.HasPrefix(text, " ") {
					rule = nil
				}
				continue
			}
			next := m.rule(file, line, above+start+1)
			switch {
			case next != nil:
				rule = next
			case strings.HasPrefix(line, "$") && strings.Contains(line, "eval"):
				m.expand(line, nil) // what $(eval …) defines
				rule = nil
			}
		}
	}
}

// makeComment is a line without its comment.
func makeComment(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] != '\\') {
			return line[:i]
		}
	}
	return line
}

// includes reads the files that are named.
func (m *makefile) includes(names string) {
	for _, name := range strings.Fields(m.expand(names, nil)) {
		at, name := fromRoot(m.dir, name)
		if !isKnown(name) {
			continue
		}
		file := joined(at, name)
		if strings.ContainsAny(file, "*?[") {
			// Folders are not listed: the file that is being read may be one of those.
			if ok, _ := path.Match(file, m.r.file); !ok {
				continue
			}
			file = m.r.file
		}
		if text, err := m.r.files.Read(file, maxScript); err == nil && inside(file) {
			m.include(file, text)
		}
	}
}

var makeAssign = lazy.New(`^((?:(?:export|override|private|unexport)\s+)*)([A-Za-z0-9_.\-/]+)\s*(=|:=|::=|:::=|\?=|\+=|!=)\s*(.*)$`)

// assignment takes in an assignment. It reports whether a line is one.
func (m *makefile) assignment(line string, vars map[string]makeValue) bool {
	if word, rest, ok := strings.Cut(line, " "); (ok && (word == "export" || word == "unexport")) && !strings.Contains(rest, "=") {
		for _, name := range strings.Fields(rest) {
			m.exported[name] = word == "export"
		}
		return true
	}
	if line == "export" || line == "unexport" {
		m.exportsAll = line == "export"
		return true
	}
	if !strings.Contains(line, "=") {
		return false
	}
	a := makeAssign.FindStringSubmatch(line)
	if a == nil {
		return false
	}
	name, text := a[2], a[4]
	if strings.Contains(a[1], "export") {
		m.exported[name] = !strings.Contains(a[1], "unexport")
	}
	old, had := m.lookup(name, nil)
	if v, ok := vars[name]; ok {
		old, had = v, true
	}
	switch a[3] {
	case "=":
		vars[name] = makeValue{text: text}
	case "?=":
		if !had {
			vars[name] = makeValue{text: text}
		}
	case "+=":
		switch {
		case !had:
			vars[name] = makeValue{text: text}
		case old.simple:
			vars[name] = makeValue{text: bounded(old.text + " " + m.expand(text, nil)), simple: true}
		default:
			vars[name] = makeValue{text: bounded(old.text + " " + text)}
		}
	case "!=":
		vars[name] = makeValue{text: unknown, simple: true}
	default:
		vars[name] = makeValue{text: m.expand(text, nil), simple: true}
	}
	if name == ".DEFAULT_GOAL" {
		m.goal = strings.TrimSpace(vars[name].text)
	}
	return true
}

// lookup is the value of a variable.
func (m *makefile) lookup(name string, e *makeCall) (makeValue, bool) {
	if e != nil && e.rule != nil {
		if v, ok := e.rule.vars[name]; ok {
			return v, true
		}
		for _, own := range m.same[e.target] {
			if v, ok := own.vars[name]; ok {
				return v, true
			}
		}
		for _, p := range slices.Backward(m.ofPatterns) { // make takes the one with the shortest stem: that is rarely another
			v, ok := p.vars[name]
			if ok && slices.ContainsFunc(p.targets, func(t string) bool { return t == "%" || makeStem(t, e.target) != "" }) {
				return v, true
			}
		}
	}
	for s := m.at; s != nil; s = s.up {
		if v, ok := s.vars[name]; ok {
			if e != nil && m.passed[e.target][name] {
				return v.assumed(), true
			}
			return v, true
		}
	}
	if e != nil && m.passed[e.target][name] {
		return makeValue{text: unknown, simple: true}, true
	}
	// What only some targets have is empty for the others.
	return makeValue{}, m.specific[name]
}

// rule takes in a rule without its recipe, or variables of a target.
func (m *makefile) rule(file, line string, at int) *makeRule {
	colon := makeColon(line)
	if colon < 0 {
		return nil
	}
	left, right := line[:colon], strings.TrimLeft(line[colon:], ":&")
	targets := strings.Fields(m.expand(strings.TrimRight(left, "&"), nil))
	right = strings.TrimSpace(right)
	key := strings.Join(targets, " ")
	inline, hasInline := "", false
	if i := strings.IndexByte(right, ';'); i >= 0 {
		right, inline, hasInline = right[:i], right[i+1:], true
	}
	if makeAssign.MatchString(right) {
		if same := m.same[key]; len(same) > 0 && !strings.Contains(left, "%") {
			m.assignTo(same[len(same)-1], right)
			return nil
		}
		rule := &makeRule{file: file, targets: targets, vars: map[string]makeValue{}}
		m.assignTo(rule, right)
		if strings.Contains(left, "%") {
			m.ofPatterns = append(m.ofPatterns, rule)
		} else {
			m.same[key] = append(m.same[key], rule)
		}
		return nil
	}
	rule := &makeRule{file: file, targets: targets, vars: map[string]makeValue{}}
	if i := makeColon(right); i >= 0 { // a static pattern rule
		rule.pattern, right = strings.TrimSpace(m.expand(right[:i], nil)), right[i+1:]
	}
	rule.needs = strings.Fields(m.expand(right, nil))
	if rule.pattern != "" {
		patterns := rule.needs
		rule.needs = nil
		for _, target := range targets {
			for _, need := range patterns {
				rule.needs = append(rule.needs, stemmed(need, makeStem(rule.pattern, target)))
			}
			if len(rule.needs) > 1000 {
				break
			}
		}
	}
	for _, other := range m.same[key] {
		for name, v := range other.vars {
			rule.vars[name] = v
		}
	}
	m.same[key] = append(m.same[key][:0], rule)
	if hasInline {
		rule.recipe = append(rule.recipe, makeLine{inline, at})
	}
	m.oneShell = m.oneShell || slices.Contains(targets, ".ONESHELL")
	m.exportsAll = m.exportsAll || slices.Contains(targets, ".EXPORT_ALL_VARIABLES")
	if m.goal == "" && len(targets) > 0 && !strings.HasPrefix(targets[0], ".") && !strings.Contains(targets[0], "%") {
		m.goal = targets[0]
	}
	m.rules = append(m.rules, rule)
	return rule
}

// assignTo takes in a variable of a rule's targets.
func (m *makefile) assignTo(rule *makeRule, line string) {
	a := makeAssign.FindStringSubmatch(line)
	name := a[2]
	m.specific[name] = true
	m.assignment(strings.TrimPrefix(line, a[1]), rule.vars)
	if v, ok := rule.vars[name]; ok && strings.Contains(a[1], "export") && !strings.Contains(a[1], "unexport") {
		v.export = true
		rule.vars[name] = v
	}
}

// makeColon is where the colon of a rule stands, outside of $(…).
func makeColon(line string) int {
	depth := 0
	for i := range len(line) {
		switch line[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ':':
			if depth <= 0 {
				return i
			}
		case '=':
			if depth <= 0 {
				return -1
			}
		}
	}
	return -1
}
