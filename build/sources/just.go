package sources

import (
	"iter"
	"path"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
)

// isJust reports whether a file is a justfile.
func isJust(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == "justfile" || base == ".justfile" || strings.HasSuffix(base, ".just")
}

// justfile is a justfile.
type justfile struct {
	r       *reading
	vars    map[string]string // expressions
	dir     string
	env     map[string]string // variables that are exported
	exports bool              // all are
}

var (
	justAssign = lazy.New(`^(export\s+)?([A-Za-z_][A-Za-z0-9_-]*)\s*:=\s*(.*)$`)
	justRecipe = lazy.New(`^@?([A-Za-z_][A-Za-z0-9_-]*)((?:\s+[^:]*)?):(?:[^=]|$)`)
	justExport = lazy.New(`^set\s+export\s*(:=\s*true\s*)?$`)
	justParam  = lazy.New(`^[$+*]*([A-Za-z_][A-Za-z0-9_-]*)(?:=(.*))?$`)
)

// readJust reads the recipes of a justfile.
func readJust(r *reading) {
	src, ok := r.source(maxScript)
	if !ok || !mayBuild(src) || !namesProgram(src) {
		return
	}
	j := &justfile{r: r, vars: map[string]string{}, dir: r.dir(), env: map[string]string{}}
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(src, "\ufeff"), "\r\n", "\n"), "\n")
	var exported []string
	for _, line := range lines {
		j.exports = j.exports || justExport.MatchString(line)
		if a := justAssign.FindStringSubmatch(line); a != nil {
			j.vars[a[2]] = a[3]
			if a[1] != "" {
				exported = append(exported, a[2])
			}
			if name, ok := strings.CutPrefix(line, "set working-directory"); ok {
				j.dir = j.folder(strings.TrimPrefix(strings.TrimSpace(name), ":="), r.dir())
			}
		} else if rest, ok := strings.CutPrefix(line, "set working-directory"); ok {
			j.dir = j.folder(strings.TrimPrefix(strings.TrimSpace(rest), ":="), r.dir())
		}
	}
	if j.exports {
		exported = sortedKeys(j.vars)
	}
	for _, name := range exported {
		j.env[name] = j.evaluate(j.vars[name], nil, 0)
	}
	first := true
	var marks []string // the attributes before a recipe
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "[") {
			marks = append(marks, line)
			continue
		}
		m := justRecipe.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") || justAssign.MatchString(line) {
			if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
				marks = nil
			}
			continue
		}
		start := i + 1
		end := start
		for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || lines[end][0] == ' ' || lines[end][0] == '\t') {
			end++
		}
		j.recipe(m[1], m[2], lines[start:end], start+1, marks, first)
		first, marks, i = false, nil, end-1
	}
}

// folder is a folder that an expression names, as seen from another.
func (j *justfile) folder(expression, from string) string {
	at, name := fromRoot(from, j.evaluate(strings.TrimSpace(expression), nil, 0))
	if !isKnown(at+name) || name == "" {
		return unknown
	}
	return joined(at, name)
}

// recipe reads a recipe, whose first line is that of the source.
func (j *justfile) recipe(name, params string, lines []string, line int, marks []string, first bool) {
	given := map[string]string{}
	env := map[string]string{}
	for k, v := range j.env {
		env[k] = v
	}
	for _, field := range justFields(params) {
		p := justParam.FindStringSubmatch(field)
		if p == nil {
			continue
		}
		given[p[1]] = unknown
		if p[2] != "" {
			given[p[1]] = j.evaluate(p[2], nil, 0)
		}
		if j.exports || strings.HasPrefix(field, "$") {
			env[p[1]] = given[p[1]]
		}
	}
	s := script{name: name, dirs: []string{j.dir}, vars: env, dev: names.ForDevelopers(name), first: first}
	for _, mark := range marks {
		if rest, ok := strings.CutPrefix(mark, "[working-directory"); ok {
			s.dirs = []string{j.folder(strings.TrimSuffix(strings.TrimLeft(rest, ":( "), "]"), j.dir)}
		}
		if strings.Contains(mark, "no-cd") {
			s.dirs = []string{unknown}
		}
	}
	var texts []string
	for _, l := range lines {
		texts = append(texts, j.interpolate(strings.TrimLeft(l, " \t"), given))
	}
	whole := len(texts) > 0 && strings.HasPrefix(texts[0], "#!")
	if whole && !hasShebang(texts[0]) {
		return
	}
	for from := 0; from < len(texts); {
		to := from + 1
		for to < len(texts) && (whole || strings.HasSuffix(texts[to-1], `\`)) {
			to++
		}
		one := s
		one.text = strings.Join(texts[from:to], "\n")
		if !whole {
			one.text = strings.TrimLeft(one.text, "@-")
		}
		at := line + from
		one.line = func(n int) int { return at + min(n-1, to-from-1) }
		j.r.script(one)
		from = to
	}
}

// justBare are the bytes of a text outside of quotes and brackets, with their offsets.
func justBare(text string) iter.Seq2[int, byte] {
	return func(yield func(int, byte) bool) {
		depth, quote := 0, byte(0)
		for i := range len(text) {
			switch c := text[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '\'' || c == '"' || c == '`':
				quote = c
			case c == '(':
				depth++
			case c == ')':
				depth--
			case depth == 0 && !yield(i, c):
				return
			}
		}
	}
}

// justFields splits the parameters of a recipe at blanks outside of quotes and brackets.
func justFields(text string) (fields []string) {
	start := 0
	add := func(end int) {
		if end > start {
			fields = append(fields, text[start:end])
		}
		start = end + 1
	}
	for i, c := range justBare(text) {
		if c == ' ' || c == '\t' {
			add(i)
		}
	}
	add(len(text))
	return fields
}

// interpolate is a line with the values of its {{…}}.
func (j *justfile) interpolate(line string, given map[string]string) string {
	var b strings.Builder
	for b.Len() < maxText {
		before, rest, ok := strings.Cut(line, "{{")
		b.WriteString(before)
		if !ok {
			break
		}
		if after, four := strings.CutPrefix(rest, "{{"); four { // {{{{ stands for {{
			b.WriteString("{{")
			line = after
			continue
		}
		inner, after, closed := strings.Cut(rest, "}}")
		if !closed {
			b.WriteString(unknown)
			break
		}
		b.WriteString(j.evaluate(inner, given, 0))
		line = after
	}
	return bounded(b.String())
}

// evaluate is the value of an expression: texts, variables, + and /, and functions that name folders.
func (j *justfile) evaluate(text string, given map[string]string, depth int) string {
	if !j.r.step() || depth > 20 {
		return unknown
	}
	text = strings.TrimSpace(text)
	if left, op, right, ok := justOperator(text); ok {
		a := j.evaluate(left, given, depth+1)
		b := j.evaluate(right, given, depth+1)
		if op == '/' {
			a += "/"
		}
		j.r.spend(len(a+b) >> 6)
		return bounded(a + b)
	}
	if name, ok := strings.CutSuffix(text, ")"); ok {
		name, args, _ := strings.Cut(name, "(")
		switch strings.TrimSpace(name) {
		case "", "quote":
			return j.evaluate(args, given, depth+1)
		case "justfile_directory", "source_directory":
			return absolute(j.r.dir())
		case "env", "env_var_or_default":
			if parts := makeArgs(args); len(parts) == 2 {
				return j.evaluate(parts[1], given, depth+1)
			}
		}
		return unknown
	}
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		body := text[1 : len(text)-1]
		if strings.HasPrefix(text, `"""`) || strings.HasPrefix(text, "'''") || text[0] == '"' && strings.Contains(body, `\`) {
			return unknown
		}
		return body
	}
	if v, ok := given[text]; ok {
		return v
	}
	if v, ok := j.vars[text]; ok {
		return j.evaluate(justComment(v), nil, depth+1)
	}
	if engine.MatchString(text) {
		return "docker"
	}
	return unknown
}

// justComment is an expression without a comment behind it.
func justComment(text string) string {
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '#':
			return text[:i]
		}
	}
	return text
}

// justOperator splits an expression at its first + or /, outside of quotes and brackets.
func justOperator(text string) (left string, op byte, right string, ok bool) {
	for i, c := range justBare(text) {
		if c == '+' || c == '/' {
			return text[:i], c, text[i+1:], i > 0
		}
	}
	return "", 0, "", false
}
