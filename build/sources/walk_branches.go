package sources

import (
	"mvdan.cc/sh/v3/syntax"
)

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

// branch goes through what is run under a condition, and through what is run else. empty is the variable
// that has no value in the first case, "" if that is not the condition.
func (w *walk) branch(empty string, then, otherwise func()) {
	base := w.at.child()
	first := w.inside(then)
	if otherwise != nil {
		base = w.inside(otherwise)
	}
	if v, ok := w.at.lookup(empty); empty != "" && (!ok || v.open || v.text == "" && !v.array) {
		if v.optional {
			for name, x := range first.vars {
				first.vars[name] = x.assumed()
			}
		}
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

// parameterOf is the parameter that a word consists of; nil if it is more, or something else.
func parameterOf(word *syntax.Word) *syntax.ParamExp {
	parts := word.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return nil
	}
	p, _ := parts[0].(*syntax.ParamExp)
	return p
}

// variableOf is the name of the variable that a word consists of, be it with an empty default.
func variableOf(word *syntax.Word) string {
	p := parameterOf(word)
	if p == nil || p.Param == nil || p.Excl || p.Length || p.Index != nil || p.Slice != nil || p.Repl != nil || p.Names != 0 {
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
		w.loop(c.Do)
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
			w.loop(c.Do)
		} else {
			w.stmts(c.Do)
		}
	}
}

// loop goes through what is run any number of times. What it sets is only assumed to be as before, already when it
// begins again.
func (w *walk) loop(body []*syntax.Stmt) {
	base := w.at.child()
	w.join(base, w.inside(func() {
		for name := range assignedIn(body) {
			if v, ok := w.at.lookup(name); ok {
				w.at.vars[name] = v.assumed()
			}
		}
		w.stmts(body)
	}))
}

// assignedIn are the variables that statements set.
func assignedIn(list []*syntax.Stmt) map[string]bool {
	names := map[string]bool{}
	for _, st := range list {
		syntax.Walk(st, func(n syntax.Node) bool {
			switch x := n.(type) {
			case *syntax.Assign:
				if x.Name != nil && x.Value != nil {
					names[x.Name.Value] = true
				}
			case *syntax.ParamExp:
				if x.Param != nil && x.Exp != nil && (x.Exp.Op == syntax.AssignUnset || x.Exp.Op == syntax.AssignUnsetOrNull) {
					names[x.Param.Value] = true
				}
			case *syntax.WordIter:
				names[x.Name.Value] = true
			case *syntax.CallExpr:
				if len(x.Assigns) > 0 && len(x.Args) > 0 { // they are set for one command only
					return false
				}
			}
			return true
		})
	}
	return names
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
