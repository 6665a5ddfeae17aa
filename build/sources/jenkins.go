package sources

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
)

// isJenkins reports whether a file is a pipeline of Jenkins.
func isJenkins(name string) bool {
	base := path.Base(name)
	return base == "Jenkinsfile" || strings.HasPrefix(base, "Jenkinsfile.") || strings.HasSuffix(base, ".jenkinsfile") || strings.HasSuffix(base, ".Jenkinsfile")
}

// groovy is a text of Groovy that is gone through for literal calls; the language itself is not read.
type groovy struct {
	r     *reading
	src   string
	line  int
	env   map[string]string
	dirs  []groovyDir // blocks that change the folder, and stages
	depth int         // of braces
}

// groovyDir is a block.
type groovyDir struct {
	depth int
	dir   string
	stage string
}

// readJenkins reads a pipeline: agents that are made of a Dockerfile, docker.build, and literal texts of sh.
func readJenkins(r *reading) {
	src, ok := r.source(maxScript)
	if !ok {
		return
	}
	g := &groovy{r: r, src: strings.ReplaceAll(strings.TrimPrefix(src, "\ufeff"), "\r\n", "\n"), line: 1, env: map[string]string{}}
	g.dirs = []groovyDir{{0, ".", path.Base(r.file)}}
	g.read()
}

// groovyWord is the name that a text begins with, with dots. It is no regexp, which would take time in the
// length of the rest.
func groovyWord(s string) string {
	i := 0
	for i < len(s) && (s[i] == '_' || s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z' || i > 0 && (s[i] == '.' || s[i] >= '0' && s[i] <= '9')) {
		i++
	}
	return s[:i]
}

// groovyAssign is the assignment sign that a text begins with, with its blanks.
func groovyAssign(s string) string {
	rest := strings.TrimLeft(s, " \t\n")
	if !strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "==") {
		return ""
	}
	rest = strings.TrimLeft(rest[1:], " \t\n")
	return s[:len(s)-len(rest)]
}

// read goes through the text, leaving out comments and strings that nothing asks for.
func (g *groovy) read() {
	i := 0
	word := "" // the last one, at the start of a call
	for i < len(g.src) && g.r.step() {
		rest := g.src[i:]
		switch c := rest[0]; {
		case c == '\n':
			g.line++
			i++
		case strings.HasPrefix(rest, "//") || c == '#' && i == 0:
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				i += n
			} else {
				i = len(g.src)
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return
			}
			g.line += strings.Count(rest[:n+4], "\n")
			i += n + 4
		case c == '\'' || c == '"':
			_, size := groovyString(rest)
			g.line += strings.Count(rest[:size], "\n")
			i += size
		case c == '{':
			g.depth++
			i++
		case c == '}':
			g.depth--
			for len(g.dirs) > 1 && g.dirs[len(g.dirs)-1].depth > g.depth {
				g.dirs = g.dirs[:len(g.dirs)-1]
			}
			i++
		default:
			if word = groovyWord(rest); word == "" {
				i++
				continue
			}
			i += g.call(word, rest, i)
		}
	}
}

// call looks at a word and what follows. It returns how much of the text is read.
func (g *groovy) call(word, rest string, at int) int {
	after := rest[len(word):]
	switch word {
	case "sh", "bat", "powershell":
		args, size := g.arguments(after)
		if word == "sh" && len(args) > 0 {
			g.sh(args[0])
		}
		g.line += strings.Count(after[:size], "\n")
		return len(word) + size
	case "docker.build":
		args, size := g.arguments(after)
		if len(args) > 0 {
			g.dockerBuild(args)
		}
		g.line += strings.Count(after[:size], "\n")
		return len(word) + size
	case "dir", "stage":
		args, size := g.arguments(after)
		tail := strings.TrimLeft(after[size:], " \t\n")
		if len(args) == 1 && strings.HasPrefix(tail, "{") {
			now := g.dirs[len(g.dirs)-1]
			now.depth = g.depth + 1
			if word == "stage" {
				now.stage = shown(args[0].text)
			} else if from, name := fromRoot(now.dir, args[0].text); isKnown(from + name) {
				now.dir = joined(from, name)
			} else {
				now.dir = unknown
			}
			g.dirs = append(g.dirs, now)
		}
		g.line += strings.Count(after[:size], "\n")
		return len(word) + size
	case "dockerfile":
		g.agent(after)
		return len(word)
	}
	// NAME = 'text', of an environment block or of a variable
	if m := groovyAssign(after); m != "" && isName(word) {
		value := after[len(m):]
		if len(value) > 0 && (value[0] == '\'' || value[0] == '"') {
			text, size := groovyString(value)
			if _, twice := g.env[word]; twice && g.env[word] != text {
				text = unknown
			}
			g.env[word] = g.fill(text)
			g.line += strings.Count(m+value[:size], "\n")
			return len(word) + len(m) + size
		}
		g.env[word] = unknown
	}
	return len(word)
}

// groovyText is a literal argument.
type groovyText struct {
	text string
	line int
}

// arguments are the literal texts that a call is given. size is how much of the text they are.
func (g *groovy) arguments(after string) (args []groovyText, size int) {
	i := 0
	line := g.line
	blank := func() {
		for i < len(after) && strings.IndexByte(" \t\n", after[i]) >= 0 {
			if after[i] == '\n' {
				line++
			}
			i++
		}
	}
	for i < len(after) && (after[i] == ' ' || after[i] == '\t') {
		i++
	}
	bracket := i < len(after) && after[i] == '('
	if bracket {
		i++
		blank()
	}
	for i < len(after) {
		if name := groovyWord(after[i:]); name != "" && strings.HasPrefix(after[i+len(name):], ":") { // script: '…'
			i += len(name) + 1
			blank()
			if name != "script" && name != "path" { // label: 'x', returnStdout: true
				if i < len(after) && (after[i] == '\'' || after[i] == '"') {
					_, n := groovyString(after[i:])
					line += strings.Count(after[i:i+n], "\n")
					i += n
				} else {
					i += len(groovyWord(after[i:]))
				}
				blank()
				if i >= len(after) || after[i] != ',' {
					break
				}
				i++
				blank()
				continue
			}
		}
		if i >= len(after) || after[i] != '\'' && after[i] != '"' {
			break
		}
		text, n := groovyString(after[i:])
		start := line
		if strings.HasPrefix(after[i:], `"""`) || strings.HasPrefix(after[i:], "'''") {
			if strings.HasPrefix(after[i+3:], "\\\n") {
				start++
				text = strings.TrimPrefix(text, "\\\n")
			}
		}
		line += strings.Count(after[i:i+n], "\n")
		i += n
		text = g.fill(text)
		at := i
		blank()
		if i < len(after) && after[i] == '+' { // only a part of the text
			text += unknown
			args = append(args, groovyText{text, start})
			break
		}
		args = append(args, groovyText{text, start})
		if i >= len(after) || after[i] != ',' {
			i = at
			break
		}
		i++
		blank()
	}
	if bracket {
		for j := i; j < len(after) && strings.IndexByte(" \t\n)", after[j]) >= 0; j++ {
			if after[j] == ')' {
				return args, j + 1
			}
		}
	}
	return args, min(i, len(after))
}

// groovyMark stands for $ until it is known whether a text is one of Groovy's.
const groovyMark = "\uE0FD"

// groovyString is a literal, and how many bytes it takes. ${…} and $NAME of one in double quotes are marked.
func groovyString(s string) (text string, size int) {
	quote := s[:1]
	if strings.HasPrefix(s, strings.Repeat(quote, 3)) {
		quote = s[:3]
	}
	var b strings.Builder
	i := len(quote)
	for i < len(s) && !strings.HasPrefix(s[i:], quote) {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case '\n':
				b.WriteString("\\\n")
			default:
				b.WriteByte(s[i])
			}
		case s[i] == '$' && quote[0] == '"':
			b.WriteString(groovyMark)
		case s[i] == '\n' && len(quote) == 1: // it does not end
			return b.String(), i
		default:
			b.WriteByte(s[i])
		}
		i++
	}
	return b.String(), min(i+len(quote), len(s))
}

var groovyRef = lazy.New(groovyMark + `(?:\{([^{}]*)\}|([A-Za-z_][A-Za-z0-9_.]*)|\{?)`)

// fill is a text with the values of its marked variables.
func (g *groovy) fill(text string) string {
	if !strings.Contains(text, groovyMark) {
		return bounded(text)
	}
	return bounded(groovyRef.ReplaceAllStringFunc(text, func(ref string) string {
		m := groovyRef.FindStringSubmatch(ref)
		name := strings.TrimPrefix(strings.TrimSpace(m[1]+m[2]), "env.")
		switch v, ok := g.env[name]; {
		case ok && !strings.Contains(v, groovyMark):
			return v
		case name == "WORKSPACE":
			return root
		}
		return unknown
	}))
}

// here is a script of the pipeline at this place.
func (g *groovy) here(text groovyText) script {
	now := g.dirs[len(g.dirs)-1]
	vars := map[string]string{"WORKSPACE": root}
	for k, v := range g.env {
		vars[k] = v
	}
	return script{
		text:     text.text,
		line:     func(n int) int { return text.line + n - 1 },
		name:     now.stage,
		dirs:     []string{now.dir},
		vars:     vars,
		released: true,
	}
}

func (g *groovy) sh(text groovyText) { g.r.script(g.here(text)) }

// dockerBuild reads docker.build(name, options).
func (g *groovy) dockerBuild(args []groovyText) {
	options := "."
	if len(args) > 1 {
		options = args[1].text
	}
	push := ""
	if strings.Contains(g.src, ".push(") {
		push = "--push "
	}
	s := g.here(groovyText{"docker build " + push + "-t '" + strings.ReplaceAll(args[0].text, "'", "") + "' " + options, g.line})
	s.line = func(int) int { return args[0].line }
	g.r.script(s)
}

// agent reads `dockerfile true`, and `dockerfile { filename … dir … additionalBuildArgs … }`.
func (g *groovy) agent(after string) {
	body := strings.TrimLeft(after, " \t")
	if strings.HasPrefix(body, "true") {
		body = "{}"
	}
	if !strings.HasPrefix(strings.TrimLeft(body, "\n \t"), "{") {
		return
	}
	body = strings.TrimLeft(body, "\n \t")
	values := map[string]string{"filename": "Dockerfile", "dir": ".", "additionalBuildArgs": ""}
	for i := 1; i < len(body) && body[i] != '}'; {
		name := groovyWord(body[i:])
		switch {
		case strings.HasPrefix(body[i:], "//"):
			if n := strings.IndexByte(body[i:], '\n'); n > 0 {
				i += n
			} else {
				i = len(body)
			}
		case name == "" && (body[i] == '\'' || body[i] == '"'):
			_, n := groovyString(body[i:])
			i += max(n, 1)
		case name == "":
			i++
		default:
			i += len(name)
			if _, ok := values[name]; ok {
				var n int
				values[name], n = g.value(body[i:])
				i += n
			}
		}
	}
	s := g.here(groovyText{"", g.line})
	s.dirs = []string{"."}
	s.text = "docker build -f '" + strings.ReplaceAll(path.Join(values["dir"], values["filename"]), "'", "") + "' " + values["additionalBuildArgs"] + " '" + strings.ReplaceAll(values["dir"], "'", "") + "'"
	s.released = false
	s.dev = true
	line := g.line
	s.line = func(int) int { return line }
	g.r.script(s)
}

// value is what an option is set to, and how many bytes that takes: a literal to which nothing is added.
func (g *groovy) value(s string) (text string, size int) {
	rest := strings.TrimLeft(s, " \t(:=")
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return unknown, 0
	}
	text, n := groovyString(rest)
	text = g.fill(text)
	size = len(s) - len(rest) + n
	if strings.HasPrefix(strings.TrimLeft(s[size:], " \t\n"), "+") {
		text = unknown
	}
	return text, size
}
