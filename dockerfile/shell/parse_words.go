package shell

import (
	"strings"

	sh "mvdan.cc/sh/v3/syntax"
)

// word reads the command and process substitutions inside a word.
func (r *reader) word(w *sh.Word, p place) {
	if w != nil {
		r.nested(w, p)
	}
}

// nested does the same for whatever holds words: an assignment, a condition, a loop.
func (r *reader) nested(n sh.Node, p place) {
	sh.Walk(n, func(n sh.Node) bool {
		var stmts []*sh.Stmt
		back := p.back
		switch n := n.(type) {
		case *sh.CmdSubst:
			stmts = n.Stmts
		case *sh.ProcSubst:
			stmts, back = n.Stmts, back || n.Op == sh.CmdOut
		default:
			return true
		}
		dir := r.dir
		r.stmts(stmts, place{depth: p.depth + 1, subst: true, back: back})
		r.dir = dir
		return false
	})
}

func (r *reader) wordOf(w *sh.Word) Word {
	return Word{Span: r.span(w), Text: r.text(w.Parts), Literal: literal(w)}
}

// text removes quotes and escapes; expansions stay as they are written.
func (r *reader) text(parts []sh.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *sh.Lit:
			b.WriteString(unescape(p.Value))
		case *sh.SglQuoted:
			b.WriteString(p.Value)
		case *sh.DblQuoted:
			b.WriteString(r.text(p.Parts))
		default:
			from, to := int(p.Pos().Offset()), int(p.End().Offset())
			if from <= to && to <= len(r.src) {
				b.WriteString(r.src[from:to])
			}
		}
	}
	return b.String()
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// literal reports whether the shell takes the word as it is written, quotes aside.
func literal(w *sh.Word) bool {
	ok := true
	sh.Walk(w, func(n sh.Node) bool {
		switch n := n.(type) {
		case *sh.ParamExp, *sh.CmdSubst, *sh.ArithmExp, *sh.ProcSubst, *sh.ExtGlob, *sh.BraceExp:
			ok = false
		case *sh.DblQuoted, *sh.SglQuoted:
			return !isSingle(n)
		case *sh.Lit:
			if n.Value != "[" && strings.ContainsAny(n.Value, "*?[") || strings.HasPrefix(n.Value, "~") {
				ok = ok && quotedOnly(w, n)
			}
		}
		return ok
	})
	return ok
}

func isSingle(n sh.Node) bool { _, ok := n.(*sh.SglQuoted); return ok }

// quotedOnly reports whether the literal stands inside double quotes of the word, where no glob is.
func quotedOnly(w *sh.Word, lit *sh.Lit) bool {
	for _, p := range w.Parts {
		if p == sh.WordPart(lit) {
			return false
		}
	}
	return true
}

// redirected reads the substitutions in the redirections of a statement, and in its here-documents unless a shell
// executes them: then they are scripts.
func (r *reader) redirected(s *sh.Stmt, p place, executed bool) {
	for _, rd := range s.Redirs {
		r.word(rd.Word, p)
		if !executed {
			r.word(rd.Hdoc, p)
		}
	}
}

// condition reads [[ ]] as a command, whose words are what stands between the brackets. Nothing in it is split, or
// looked for as a file name.
func (r *reader) condition(s *sh.Stmt, clause *sh.TestClause, p place) {
	c := r.command(s, p)
	at := func(pos sh.Pos, text string) {
		from := int(pos.Offset())
		span := r.bytes(from, from+len(text))
		c.Words = append(c.Words, Word{Span: span, Text: text, Literal: true})
	}
	at(clause.Left, "[[")
	var read func(sh.TestExpr)
	read = func(x sh.TestExpr) {
		switch x := x.(type) {
		case *sh.Word:
			w := r.wordOf(x)
			w.Literal = w.Literal || !strings.ContainsAny(w.Text, "$`<>(")
			c.Words = append(c.Words, w)
		case *sh.ParenTest:
			read(x.X)
		case *sh.UnaryTest:
			at(x.OpPos, x.Op.String())
			read(x.X)
		case *sh.BinaryTest:
			read(x.X)
			at(x.OpPos, x.Op.String())
			read(x.Y)
		}
	}
	read(clause.X)
	r.add(c)
	r.nested(clause, p)
}

// arithmetic reads (( )) and let as a command with the expression as its word.
func (r *reader) arithmetic(s *sh.Stmt, program string, x sh.Node, p place) {
	c := r.command(s, p)
	from, to := int(x.Pos().Offset()), int(x.End().Offset())
	from, to = min(from, len(r.src)), min(max(from, to), len(r.src))
	expression := strings.TrimSpace(strings.TrimPrefix(r.src[from:to], "let"))
	c.Words = []Word{
		{Span: r.bytes(from, from), Text: program, Literal: true},
		{Span: r.bytes(from, to), Text: expression, Literal: !strings.ContainsAny(expression, "$`")},
	}
	r.add(c)
	r.nested(x, p)
}

// executes reports whether the command executes what stands in a here-document: a shell without a script of
// its own.
func (c *Command) executes() bool {
	return c.is(shellKind) && len(c.Operands()) == 0 && !c.hasListed(c.row().script)
}

// input reads the here-document that a shell executes.
func (r *reader) input(s *sh.Stmt, c *Command) {
	if !c.executes() {
		return
	}
	for _, rd := range s.Redirs {
		if rd.Hdoc == nil || len(rd.Hdoc.Parts) == 0 {
			continue
		}
		from := int(rd.Hdoc.Pos().Offset())
		if from > len(r.src) {
			return
		}
		// The parser takes the closing delimiter for a part of the body.
		body := strings.TrimRight(r.src[from:min(int(rd.Hdoc.End().Offset()), len(r.src))], "\n")
		body = body[:max(0, strings.LastIndexByte(body, '\n'))]
		sub := parse(body, func(i int) int { return r.at(from + i) }, r.end)
		r.script.Partial = r.script.Partial || sub.Partial
		r.script.inside = append(r.script.inside, sub)
		for _, inner := range sub.Commands {
			inner.Wrappers = append([]string{c.Program}, inner.Wrappers...)
			inner.Top, inner.Negated, inner.Background = c.Top, inner.Negated != c.Negated, inner.Background || c.Background
			inner.Asked = inner.Asked || c.Asked
			inner.Depth += c.Depth + 1
			inner.InSubst = inner.InSubst || c.InSubst
			r.script.Commands = append(r.script.Commands, inner)
		}
	}
}
