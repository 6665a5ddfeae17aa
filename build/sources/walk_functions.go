package sources

import (
	"mvdan.cc/sh/v3/syntax"
)

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

// call goes through the body of a function, with variables that are set for this call. What it builds stands there, but if that is another file, at the
// line of the call.
func (w *walk) call(fn *function, params []word, given bool, env map[string]string, line int) {
	if fn.active || w.depth > 8 || fn.called && w.idle(fn) {
		return
	}
	from := w.s
	if fn.file != w.s.file {
		w.s = w.main
	}
	if fn.file != w.main.file {
		w.s = w.elsewhere(fn.file, func(int) int { return line })
	}
	defer func() { w.s = from }()
	fn.called, fn.active = true, true
	before := w.frame
	w.frame = &frame{map[string]bool{}}
	w.depth++
	c := w.inside(func() {
		w.at.params, w.at.given = params, given
		w.export(env)
		w.stmt(fn.body, stdin{opaque: true})
	})
	w.depth--
	for name := range w.frame.locals {
		delete(c.vars, name)
	}
	for name := range env {
		delete(c.vars, name)
	}
	c.params, c.given, c.over = w.at.params, w.at.given, c.gone
	w.frame = before
	fn.active = false
	w.at.adopt(c)
}

// elsewhere is a script whose text stands in another file, in an argument or in a here-document. line is the line of the
// source for each of its own.
func (w *walk) elsewhere(file string, line func(int) int) *script {
	s := *w.main
	s.file, s.line = file, line
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
	w.s = w.elsewhere(file, func(int) int { return line })
	w.active[file] = true
	quiet := w.quiet
	w.quiet = true // what it builds by itself is found with that file
	w.stmts(parsed.Stmts)
	w.quiet = quiet
	delete(w.active, file)
	w.s = from
}
