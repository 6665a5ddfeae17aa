package sources

import (
	"regexp"
	"strings"

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
		if at, ok := err.(syntax.ParseError); ok && mayBuild(after(s.text, int(at.Pos.Line()))) {
			r.note(s.line(max(1, int(at.Pos.Line()))), "this script was not read any further: its shell is not understood from here on")
		}
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
var takesIn = regexp.MustCompile(`(?m)^\s*(?:\.|source)\s`)

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
	depth     int                     // of functions, and of scripts in arguments
	quiet     bool                    // only values are asked for, not builds
	sourced   map[string]*syntax.File // files that scripts take in
	active    map[string]bool         // those that are gone through at the moment
}

// function is a function of the script.
type function struct {
	body   *syntax.Stmt
	file   string // that it stands in
	called bool
	active bool
	idle   idleness
}

// idleness is whether a function leaves everything as it is: it only prints, say.
type idleness uint8

const (
	notAsked idleness = iota
	asking
	isIdle
	notIdle
)

// idle reports whether a function neither builds nor changes what a script knows.
func (w *walk) idle(fn *function) bool {
	switch fn.idle {
	case notAsked:
	case asking:
		return true // in a circle, the rest decides
	default:
		return fn.idle == isIdle
	}
	fn.idle = asking
	idle := true
	syntax.Walk(fn.body, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.DeclClause:
			idle = idle && x.Variant.Value == "local"
			return false
		case *syntax.Assign, *syntax.ForClause, *syntax.FuncDecl, *syntax.ArithmCmd, *syntax.LetClause, *syntax.Redirect:
			if rd, ok := x.(*syntax.Redirect); !ok || rd.Hdoc != nil {
				idle = false
			}
		case *syntax.ParamExp:
			if x.Exp != nil && (x.Exp.Op == syntax.AssignUnset || x.Exp.Op == syntax.AssignUnsetOrNull) {
				idle = false
			}
		case *syntax.CallExpr:
			if len(x.Args) > 0 {
				name := x.Args[0].Lit()
				_, known := plainCommands[name]
				if called, ok := w.functions[name]; ok {
					known = w.idle(called)
				}
				idle = idle && known
			}
		}
		return idle
	})
	fn.idle = notIdle
	if idle {
		fn.idle = isIdle
	}
	return idle
}

// plainCommands are frequent commands that change nothing that a script knows, and build nothing.
var plainCommands = set(`echo printf cat tput sleep date grep sed awk tr cut head tail wc sort uniq tee [ test true false : mkdir rm cp mv touch
	chmod chown curl wget ls find basename dirname logger clear return kubectl jq kill ps git which type hash id uname hostname`)

// frame is a call of a function.
type frame struct{ locals map[string]bool }

// scope is what is known at a place: variables and the folder. What a branch changes is a scope above that
// of its surroundings.
type scope struct {
	up       *scope
	vars     map[string]value
	dir, old string // the folder, and the one before; may be unknown
	stack    []string
	params   []word // of the function
	given    bool   // params are known
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
}

func (s *scope) child() *scope {
	c := *s
	c.up, c.vars, c.over, c.gone = s, map[string]value{}, false, false
	c.stack = c.stack[:len(c.stack):len(c.stack)]
	return &c
}

func (s *scope) lookup(name string) (value, bool) {
	for ; s != nil; s = s.up {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return value{}, false
}

// adopt takes over what a scope above has changed.
func (s *scope) adopt(c *scope) {
	for name, v := range c.vars {
		s.vars[name] = v
	}
	s.dir, s.old, s.stack, s.params, s.given = c.dir, c.old, c.stack, c.params, c.given
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
				x = value{text: unknown}
			}
			switch {
			case i == 0 || v.open && v.exported == x.exported:
				v = x
			case x.open, same(v, x):
			default:
				v = value{text: unknown, exported: v.exported || x.exported}
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

// file goes through a script, and then through its functions that nothing has called.
func (w *walk) file(f *syntax.File) {
	w.stmts(f.Stmts)
	var left []*function
	for _, name := range sortedKeys(w.functions) {
		if fn := w.functions[name]; !fn.called && fn.file == w.main.file {
			left = append(left, fn)
		}
	}
	for _, fn := range left {
		if !fn.called {
			w.call(fn, nil, false, 1)
		}
	}
}

// call goes through the body of a function. What it builds stands there, but if that is another file, at the
// line of the call.
func (w *walk) call(fn *function, params []word, given bool, line int) {
	if fn.active || w.depth > 8 || fn.called && w.idle(fn) {
		return
	}
	from := w.s
	if fn.file != w.s.file {
		w.s = w.main
	}
	if fn.file != w.main.file {
		w.s = w.elsewhere(fn.file, line)
	}
	defer func() { w.s = from }()
	fn.called, fn.active = true, true
	before := w.frame
	w.frame = &frame{map[string]bool{}}
	w.depth++
	c := w.inside(func() {
		w.at.params, w.at.given = params, given
		w.stmt(fn.body, stdin{opaque: true})
	})
	w.depth--
	for name := range w.frame.locals {
		delete(c.vars, name)
	}
	c.params, c.given, c.over = w.at.params, w.at.given, c.gone
	w.frame = before
	fn.active = false
	w.at.adopt(c)
}

func (w *walk) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		w.stmt(st, stdin{opaque: true})
	}
}

// elsewhere is a script whose text stands in another file, or in an argument, and that counts as the line of
// the source that calls it.
func (w *walk) elsewhere(file string, line int) *script {
	s := *w.main
	s.file, s.line = file, func(int) int { return line }
	return &s
}

// source goes through another script, as `.` does.
func (w *walk) source(name string, line int) {
	at, name := fromRoot(w.at.dir, name)
	if !isKnown(at + name) {
		return
	}
	file := joined(at, name)
	if w.active[file] || len(w.active) > 8 || !inside(file) {
		return
	}
	parsed, ok := w.sourced[file]
	if !ok && len(w.sourced) < 50 {
		if text, err := w.r.files.Read(file, maxScript); err == nil && !tooDeep(text) {
			parsed, _ = parsedShell(text)
		}
		w.sourced[file] = parsed
	}
	if parsed == nil {
		return
	}
	from := w.s
	w.s = w.elsewhere(file, line)
	w.active[file] = true
	quiet := w.quiet
	w.quiet = true // what it builds by itself is found with that file
	w.stmts(parsed.Stmts)
	w.quiet = quiet
	delete(w.active, file)
	w.s = from
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

// redirected is what a statement reads on standard input.
func (w *walk) redirected(st *syntax.Stmt, in stdin) stdin {
	for _, rd := range st.Redirs {
		if rd.N != nil && rd.N.Value != "0" {
			continue
		}
		switch rd.Op {
		case syntax.RdrIn:
			in = stdin{opaque: true}
			if at, name := fromRoot(w.at.dir, w.text(rd.Word)); isKnown(at + name) {
				in = stdin{file: joined(at, name)}
			}
		case syntax.Hdoc, syntax.DashHdoc:
			in = heredoc(rd)
		case syntax.WordHdoc:
			in = stdin{opaque: true}
		}
	}
	return in
}

// heredoc is a here-document, if all of it stands in the source.
func heredoc(rd *syntax.Redirect) stdin {
	if rd.Hdoc == nil {
		return stdin{opaque: true}
	}
	quoted := rd.Word != nil && (len(rd.Word.Parts) != 1 || !isPlain(rd.Word.Parts[0]))
	var b strings.Builder
	for _, part := range rd.Hdoc.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			return stdin{opaque: true}
		}
		text := lit.Value
		if !quoted {
			text = hereEscapes.Replace(text)
		}
		b.WriteString(text)
	}
	text := b.String()
	if rd.Op == syntax.DashHdoc {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = strings.TrimLeft(lines[i], "\t")
		}
		text = strings.Join(lines, "\n")
	}
	if !isKnown(text) || strings.TrimSpace(text) == "" {
		return stdin{opaque: true}
	}
	return stdin{text: text}
}

var hereEscapes = strings.NewReplacer("\\\\", "\\", "\\$", "$", "\\`", "`", "\\\n", "")

func isPlain(part syntax.WordPart) bool {
	lit, ok := part.(*syntax.Lit)
	return ok && !strings.Contains(lit.Value, `\`)
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
		base := w.at.child()
		w.join(base, w.inside(func() { w.stmts(c.Do) }))
	case *syntax.ForClause:
		w.forClause(c)
	case *syntax.CaseClause:
		w.text(c.Word)
		branches := []*scope{w.at.child()}
		for _, item := range c.Items {
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

// binary goes through two commands with an operator between them.
func (w *walk) binary(c *syntax.BinaryCmd, in stdin) {
	switch c.Op {
	case syntax.AndStmt:
		w.stmt(c.X, in)
		if name, test := condition(c.X); test {
			w.branch(name, func() { w.stmt(c.Y, in) }, nil)
			return
		}
		w.stmt(c.Y, in)
	case syntax.OrStmt:
		w.stmt(c.X, in)
		w.branch("", func() { w.stmt(c.Y, in) }, nil)
	default: // a pipe: each side is a shell of its own
		w.inside(func() { w.stmt(c.X, in) })
		next := w.output(c.X)
		w.inside(func() { w.stmt(c.Y, next) })
	}
}

// output is what a statement writes for the next one of a pipe.
func (w *walk) output(st *syntax.Stmt) stdin {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 || len(c.Args) > 2 || c.Args[0].Lit() != "cat" {
		return stdin{opaque: true}
	}
	if len(c.Args) == 1 || c.Args[1].Lit() == "-" {
		return w.redirected(st, stdin{opaque: true})
	}
	if at, name := fromRoot(w.at.dir, w.text(c.Args[1])); isKnown(at + name) {
		return stdin{file: joined(at, name)}
	}
	return stdin{opaque: true}
}

// branch goes through what is run under a condition, and through what is run else. empty is the variable
// that has no value in the first case, "" if that is not the condition.
func (w *walk) branch(empty string, then, otherwise func()) {
	base := w.at.child()
	first := w.inside(then)
	if otherwise != nil {
		base = w.inside(otherwise)
	}
	if v, ok := w.at.lookup(empty); empty != "" && (!ok || v.open || v.text == "" && !v.array) {
		w.at.adopt(first) // the default of a variable that nothing sets
		return
	}
	w.join(base, first)
}

func (w *walk) ifClause(c *syntax.IfClause) {
	w.stmts(c.Cond)
	empty := ""
	if len(c.Cond) == 1 {
		empty, _ = condition(c.Cond[0])
	}
	var otherwise func()
	switch next := c.Else; {
	case next != nil && len(next.Cond) > 0:
		otherwise = func() { w.ifClause(next) }
	case next != nil:
		otherwise = func() { w.stmts(next.Then) }
	}
	w.branch(empty, func() { w.stmts(c.Then) }, otherwise)
}

// condition reports whether a statement is only a condition, and which variable it asks to be empty.
func condition(st *syntax.Stmt) (empty string, is bool) {
	switch c := st.Cmd.(type) {
	case *syntax.TestClause:
		if u, ok := c.X.(*syntax.UnaryTest); ok && u.Op == syntax.TsEmpStr && !st.Negated {
			if word, ok := u.X.(*syntax.Word); ok {
				empty = variableOf(word)
			}
		}
		return empty, true
	case *syntax.ArithmCmd:
		return "", true
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return "", false
		}
		switch c.Args[0].Lit() {
		case "[", "test":
			if len(c.Args) > 2 && c.Args[1].Lit() == "-z" && !st.Negated {
				empty = variableOf(c.Args[2])
			}
			return empty, true
		case "command", "which", "type", "hash", "grep", "false":
			return "", true
		}
	}
	return "", false
}

// variableOf is the name of the variable that a word consists of.
func variableOf(word *syntax.Word) string {
	parts := word.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return ""
	}
	p, ok := parts[0].(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Excl || p.Length || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
		return ""
	}
	if p.Exp != nil {
		if word := p.Exp.Word; p.Exp.Op != syntax.DefaultUnset && p.Exp.Op != syntax.DefaultUnsetOrNull || word != nil && len(word.Parts) > 0 {
			return ""
		}
	}
	return p.Param.Value
}

// maxTurns is how many words of a loop are gone through.
const maxTurns = 64

func (w *walk) forClause(c *syntax.ForClause) {
	loop, ok := c.Loop.(*syntax.WordIter)
	if !ok || c.Select {
		base := w.at.child()
		w.join(base, w.inside(func() { w.stmts(c.Do) }))
		return
	}
	var items []word
	if loop.InPos.IsValid() {
		items = w.words(loop.Items)
	} else if items = []word{{text: unknown, many: true}}; w.at.given {
		items = w.at.params
	}
	if len(items) > maxTurns {
		w.r.note(w.line(c.Pos()), "not all turns of this loop were read: there are more than %d", maxTurns)
		items = items[:maxTurns]
	}
	for _, item := range items {
		w.set(loop.Name.Value, value{text: item.text})
		if item.many {
			base := w.at.child()
			w.join(base, w.inside(func() { w.stmts(c.Do) }))
		} else {
			w.stmts(c.Do)
		}
	}
}

// line is the line of the source at a place of the script.
func (w *walk) line(pos syntax.Pos) int {
	return w.s.line(max(1, int(pos.Line())))
}

// computed forgets the variables that an arithmetic command sets.
func (w *walk) computed(node syntax.Node) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.BinaryArithm:
			w.forget(x.X)
		case *syntax.UnaryArithm:
			w.forget(x.X)
		}
		return true
	})
}

func (w *walk) forget(x syntax.ArithmExpr) {
	if word, ok := x.(*syntax.Word); ok && isName(word.Lit()) {
		w.set(word.Lit(), value{text: unknown})
	}
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
