package sources

import (
	"strings"

	"layerwise/internal/lazy"

	"mvdan.cc/sh/v3/syntax"
)

// script reads a text of a shell: what it builds, and what it calls. It goes through the text as a shell
// would, from top to bottom and through both sides of a branch, but runs nothing.
func (r *reading) script(s script) {
	if !mayBuild(s.text) && !(strings.Contains(s.text, "build") && takesIn.MatchString(s.text)) {
		return
	}
	if s.line == nil {
		s.line = func(n int) int { return n }
	}
	if tooDeep(s.text) {
		r.note(s.line(1), "this script was not read: it is nested too deeply")
		return
	}
	file, err := parsedShell(s.text)
	if err != nil {
		if at, ok := err.(syntax.ParseError); ok && mayBuild(after(s.text, int(at.Pos.Line()))) && namesProgram(s.text) {
			r.note(s.line(max(1, int(at.Pos.Line()))), "this script was not read any further: its shell is not understood from here on")
		}
	}
	if len(s.dirs) == 0 { // nobody knows: what names no folder by itself is a note
		s.dirs = []string{unknown}
	}
	var all [][]finding
	t := &traces{}
	sourced := map[string]*syntax.File{}
	for _, dir := range s.dirs {
		w := &walk{r: r, s: &s, main: &s, traces: t, functions: map[string]*function{}, sourced: sourced, active: map[string]bool{s.file: true}}
		w.at = &scope{dir: dir, vars: map[string]value{}}
		for name, text := range s.vars {
			w.at.vars[name] = value{text: text, exported: true}
		}
		w.file(file)
		all = append(all, w.found)
	}
	r.conclude(&s, all, t)
}

// parsedShell is a text of a shell, as far as it is understood.
func parsedShell(text string) (*syntax.File, error) {
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.RecoverErrors(10))
	file, err := parser.Parse(strings.NewReader(text), "")
	if file == nil {
		file = &syntax.File{}
	}
	return file, err
}

// mayBuild reports whether a text has a word that stands in every command that builds.
func mayBuild(text string) bool {
	for _, part := range []string{"buildx", "compose", "kaniko", "executor", "build-using-dockerfile"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return hasWord(text, "build") || hasWord(text, "bake") || hasWord(text, "bud")
}

// takesIn is a command that goes through another script, whose functions may build.
var takesIn = lazy.New(`(?m)^\s*(?:\.|source)\s`)

// hasWord reports whether a text has a word that is no part of a longer one.
func hasWord(text, word string) bool {
	for {
		before, after, ok := strings.Cut(text, word)
		if !ok {
			return false
		}
		if (before == "" || !inWord(before[len(before)-1])) && (after == "" || !inWord(after[0])) {
			return true
		}
		text = after
	}
}

func inWord(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c == '/' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// after is a text from a line on.
func after(text string, line int) string {
	for ; line > 1; line-- {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return ""
		}
		text = rest
	}
	return text
}

// tooDeep reports whether the parser would need too much of the stack.
func tooDeep(text string) bool {
	const most = 5000 // opening brackets without a closing one
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(', '{', '[', '`':
			depth++
		case ')', '}', ']':
			depth = max(0, depth-1)
		}
		if depth > most {
			return true
		}
	}
	return false
}

// walk goes through a script, as it is run in one folder.
type walk struct {
	r         *reading
	s         *script // what is gone through: the script itself, or a part of another text
	main      *script
	at        *scope
	functions map[string]*function
	frame     *frame // of the function that is being called
	found     []finding
	traces    *traces
	traps     []trap                  // what is run at the end
	depth     int                     // of functions, and of scripts in arguments
	quiet     bool                    // only values are asked for, not builds
	sourced   map[string]*syntax.File // files that scripts take in
	active    map[string]bool         // those that are gone through at the moment
}

// trap is a text that is run at the end, and where it stands.
type trap struct {
	text string
	s    *script
}

// file goes through a script, and then through its functions that nothing has called.
func (w *walk) file(f *syntax.File) {
	w.stmts(f.Stmts)
	w.atEnd()
	var left []*function
	for _, name := range sortedKeys(w.functions) {
		if fn := w.functions[name]; !fn.called && fn.file == w.main.file {
			left = append(left, fn)
		}
	}
	for _, fn := range left {
		if !fn.called {
			w.call(fn, nil, false, nil, 1)
		}
	}
}

func (w *walk) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		w.stmt(st, stdin{opaque: true})
	}
}

// stmt goes through a statement, which reads in.
func (w *walk) stmt(st *syntax.Stmt, in stdin) {
	if st == nil || st.Cmd == nil || !w.r.step() {
		return
	}
	in = w.redirected(st, in)
	if st.Background {
		w.inside(func() { w.cmd(st.Cmd, in) })
		return
	}
	w.cmd(st.Cmd, in)
}

func (w *walk) cmd(cmd syntax.Command, in stdin) {
	switch c := cmd.(type) {
	case *syntax.CallExpr:
		w.simple(c, in)
	case *syntax.BinaryCmd:
		w.binary(c, in)
	case *syntax.Block:
		w.stmts(c.Stmts)
	case *syntax.Subshell:
		w.inside(func() { w.stmts(c.Stmts) })
	case *syntax.IfClause:
		w.ifClause(c)
	case *syntax.WhileClause:
		w.stmts(c.Cond)
		w.loop(c.Do)
	case *syntax.ForClause:
		w.forClause(c)
	case *syntax.CaseClause:
		w.text(c.Word)
		branches := []*scope{w.at.child()}
		for _, item := range c.Items {
			if len(item.Patterns) == 1 && item.Patterns[0].Lit() == "*" {
				branches[0].over = true // there is no case in which none is run
			}
			branches = append(branches, w.inside(func() { w.stmts(item.Stmts) }))
		}
		w.join(branches...)
	case *syntax.FuncDecl:
		if c.Name != nil {
			w.functions[c.Name.Value] = &function{body: c.Body, file: w.s.file}
		}
	case *syntax.DeclClause:
		w.declare(c)
	case *syntax.TimeClause:
		w.stmt(c.Stmt, in)
	case *syntax.CoprocClause:
		w.inside(func() { w.stmt(c.Stmt, in) })
	case *syntax.ArithmCmd, *syntax.LetClause:
		w.computed(c)
	}
}

// line is the line of the source at a place of the script.
func (w *walk) line(pos syntax.Pos) int {
	if w.s.line == nil { // only what it prints is asked for
		return 0
	}
	return w.s.line(max(1, int(pos.Line())))
}

// printedBy is what a text of a shell prints, unknown for all but what asks for folders.
func (r *reading) printedBy(s *script) string {
	if len(s.text) > 1000 || tooDeep(s.text) {
		return unknown
	}
	file, err := parsedShell(s.text)
	if err != nil || len(file.Stmts) != 1 {
		return unknown
	}
	w := &walk{r: r, s: s, main: s, quiet: true, traces: &traces{}, functions: map[string]*function{}, sourced: map[string]*syntax.File{}, active: map[string]bool{}}
	w.at = &scope{dir: s.dirs[0], vars: map[string]value{}}
	return bounded(strings.TrimRight(w.printed(file.Stmts[0]), "\n"))
}
