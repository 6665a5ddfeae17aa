package shell

import (
	"path"
	"slices"
	"strings"
	"sync"

	"layerwise/dockerfile/text"

	sh "mvdan.cc/sh/v3/syntax"
)

const (
	maxScript  = 256 << 10 // bytes; a longer script is not read
	maxNesting = 200       // brackets and quotes inside each other; mvdan/sh parses by recursion
)

// parsers are those that have read a script: each has buffers of two kilobytes, and most scripts are a line.
var parsers = sync.Pool{New: func() any { return sh.NewParser(sh.Variant(sh.LangBash)) }}

// parse reads a script. at maps an offset of src to one of the instruction's text; end bounds it.
func parse(src string, at func(int) int, end int) *Script {
	s := &Script{src: src, at: at}
	if len(src) > maxScript || nesting(src) > maxNesting {
		s.Partial = true
		return s
	}
	r := &reader{script: s, src: src, at: at, end: end}
	comments := sh.KeepComments(strings.Contains(src, "#"))
	p := parsers.Get().(*sh.Parser)
	comments(p)
	file, err := p.Parse(strings.NewReader(src), "")
	parsers.Put(p)
	if err != nil {
		// What there is of a half-typed script is still worth reading, with care.
		s.Partial, s.Malformed, s.HalfTyped = true, true, sh.IsIncomplete(err)
		file, err = sh.NewParser(sh.Variant(sh.LangBash), comments, sh.RecoverErrors(20)).Parse(strings.NewReader(src), "")
	}
	if err != nil {
		return s
	}
	r.comments(file)
	r.list(file.Stmts)
	if !s.Malformed && mayHaveBashisms(src) {
		s.bashisms = r.bashisms(file)
	}
	return s
}

// nesting bounds how deep the parser could recurse on src.
func nesting(src string) int {
	n := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '(', '{', '`':
			n++
		}
	}
	n += strings.Count(src, "if ") + strings.Count(src, "case ") + strings.Count(src, "while ") + strings.Count(src, "for ") + strings.Count(src, "!")
	if n <= maxNesting {
		return n
	}
	depth, deepest := 0, 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '(', '{', '`', '!':
			depth++
		case ')', '}', '\n', ';':
			depth = max(0, depth-1)
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

// reader collects commands from a syntax tree.
type reader struct {
	script *Script
	src    string
	at     func(int) int      // from an offset of src to one of the instruction's text
	end    int                // of what belongs to the script, in the instruction's text
	dir    string             // where the last cd leads
	pipes  int                // pipelines so far
	top    *Statement         // what is being read
	onLine map[uint]text.Span // the comments, by their lines
}

// place is where a statement stands.
type place struct {
	op    string
	pipe  int
	depth int
	subst bool
	not   bool // negated
	back  bool // in the background
	asked bool // in a condition
}

func (r *reader) span(n sh.Node) text.Span {
	return r.bytes(int(n.Pos().Offset()), int(n.End().Offset()))
}

// bytes is where the bytes of src from one offset to another stand.
func (r *reader) bytes(from, to int) text.Span {
	from, to = min(from, len(r.src)), min(max(to, from), len(r.src))
	start := min(r.at(from), r.end)
	end := start
	if to > from {
		end = min(r.at(to-1)+1, r.end)
	}
	return text.Span{Start: start, End: max(start, end)}
}

func (r *reader) stmts(list []*sh.Stmt, p place) {
	for i, s := range list {
		if i > 0 {
			p.op = ";"
			if list[i-1].Background {
				p.op = "&"
			}
		}
		r.stmt(s, p)
	}
}

func (r *reader) stmt(s *sh.Stmt, p place) {
	if s == nil {
		return
	}
	p.not = p.not != s.Negated
	p.back = p.back || s.Background || s.Coprocess
	if s.Cmd == nil {
		if len(s.Redirs) > 0 {
			r.add(r.command(s, p)) // > FILE
			r.redirected(s, p, false)
		}
		return
	}
	from := len(r.script.Commands)
	inner := place{op: "", pipe: p.pipe, depth: p.depth + 1, subst: p.subst, not: p.not, back: p.back, asked: p.asked}
	first := inner
	first.op = p.op
	condition := first
	condition.asked = true
	switch c := s.Cmd.(type) {
	case *sh.CallExpr:
		r.call(s, c, p)
	case *sh.DeclClause:
		r.decl(s, c, p)
	case *sh.BinaryCmd:
		r.binary(c, p)
	case *sh.Subshell:
		dir := r.dir
		r.stmts(c.Stmts, first)
		r.dir = dir
	case *sh.Block:
		r.stmts(c.Stmts, first)
	case *sh.IfClause:
		for c := c; c != nil; c = c.Else {
			r.stmts(c.Cond, condition)
			r.stmts(c.Then, inner)
		}
	case *sh.WhileClause:
		r.stmts(c.Cond, condition)
		r.stmts(c.Do, inner)
	case *sh.ForClause:
		items := r.items(c.Loop, p)
		body := len(r.script.Commands)
		r.stmts(c.Do, first)
		for _, c := range r.script.Commands[body:] {
			c.items = slices.Concat(c.items, items)
		}
	case *sh.CaseClause:
		r.word(c.Word, p)
		for _, item := range c.Items {
			for _, w := range item.Patterns {
				r.word(w, p)
			}
			r.stmts(item.Stmts, inner)
		}
	case *sh.TestClause:
		r.condition(s, c, p)
	case *sh.ArithmCmd:
		r.arithmetic(s, "((", c.X, p)
	case *sh.LetClause:
		r.arithmetic(s, "let", c, p)
	case *sh.FuncDecl:
		r.script.Functions = true
		r.stmt(c.Body, first)
	case *sh.TimeClause:
		r.stmt(c.Stmt, p)
	case *sh.CoprocClause:
		first.back = true
		r.stmt(c.Stmt, first)
	}
	switch s.Cmd.(type) {
	case *sh.CallExpr:
	case *sh.DeclClause, *sh.TestClause, *sh.ArithmCmd, *sh.LetClause:
		r.redirected(s, p, false)
	default:
		r.outer(r.script.Commands[from:], r.redirects(s))
		r.redirected(s, p, false)
	}
}

// items are the words that a loop goes through; the commands inside are read first, as they run first.
func (r *reader) items(loop sh.Loop, p place) (items []Word) {
	r.nested(loop, p)
	if loop, ok := loop.(*sh.WordIter); ok {
		for _, w := range loop.Items {
			items = append(items, r.wordOf(w))
		}
	}
	return items
}

// outer notes the redirections of a group, a loop or a shell with the commands inside.
func (r *reader) outer(commands []*Command, redirects []Redirect) {
	if len(redirects) == 0 {
		return
	}
	for _, c := range commands {
		c.outer = slices.Concat(c.outer, redirects)
	}
}

// redirects reads the redirections of a statement.
func (r *reader) redirects(s *sh.Stmt) (list []Redirect) {
	for _, rd := range s.Redirs {
		redirect := Redirect{Op: rd.Op.String(), Span: r.span(rd)}
		if rd.Word != nil {
			redirect.Target = r.wordOf(rd.Word)
		}
		list = append(list, redirect)
	}
	return list
}

func (r *reader) binary(c *sh.BinaryCmd, p place) {
	left, right := p, p
	right.op = c.Op.String()
	if c.Op == sh.Pipe || c.Op == sh.PipeAll {
		if p.pipe == 0 {
			r.pipes++
			left.pipe, right.pipe = r.pipes, r.pipes
		}
		right.op = "|"
	}
	r.stmt(c.X, left)
	r.stmt(c.Y, right)
}

// decl reads export, local, declare and the like as commands.
func (r *reader) decl(s *sh.Stmt, d *sh.DeclClause, p place) {
	c := r.command(s, p)
	name := r.span(d.Variant)
	c.Words = []Word{{Span: name, Text: d.Variant.Value, Literal: true}}
	for _, a := range d.Args {
		span := r.span(a)
		from, to := int(a.Pos().Offset()), int(a.End().Offset())
		c.Words = append(c.Words, Word{Span: span, Text: unquote(r.src[min(from, len(r.src)):min(max(from, to), len(r.src))]), Literal: a.Value == nil || literal(a.Value)})
		r.nested(a, p)
	}
	r.add(c)
}

func unquote(s string) string { return strings.NewReplacer(`"`, "", `'`, "").Replace(s) }

func (r *reader) command(s *sh.Stmt, p place) *Command {
	c := &Command{Op: p.op, Pipe: p.pipe, Depth: p.depth, InSubst: p.subst, Dir: r.dir, Negated: p.not, Background: p.back, Asked: p.asked, Top: r.top, Redirects: r.redirects(s)}
	if s.Cmd == nil {
		c.Span = r.stmtSpan(s)
		return c
	}
	c.Span = r.span(s.Cmd)
	for _, rd := range s.Redirs {
		if span := r.span(rd); rd.Hdoc == nil && span.End > c.Span.End {
			c.Span.End = span.End
		}
	}
	return c
}

func (r *reader) call(s *sh.Stmt, call *sh.CallExpr, p place) {
	c := r.command(s, p)
	for _, a := range call.Assigns {
		value := Word{Literal: true, Span: r.span(a)}
		if a.Value != nil {
			value = r.wordOf(a.Value)
		}
		r.nested(a, p)
		c.Assigns = append(c.Assigns, Assign{a.Name.Value, value})
	}
	var nested []*sh.Word
	for _, w := range call.Args {
		c.Words = append(c.Words, r.wordOf(w))
		nested = append(nested, w)
	}
	r.add(c)
	for _, w := range nested {
		r.word(w, p)
	}
	r.redirected(s, p, c.executes())
	r.input(s, c)
}

// add sees through wrappers, follows cd and set -e, and keeps the command.
func (r *reader) add(c *Command) {
	if script, ok := r.unwrap(c); ok {
		r.inner(c, script)
		return
	}
	if len(c.Words) > 0 && c.Words[0].Literal {
		c.Program = path.Base(c.Words[0].Text)
	}
	switch {
	case c.is(entersDir) && len(c.Words) == 2 && !c.InSubst:
		r.cd(c.Words[1])
	case c.is(leavesDir) && !c.InSubst:
		r.dir = previous
	case len(r.script.Commands) == 0 && c.is(optionSetter) && setsErrexit(c):
		r.script.Errexit = true
	}
	r.script.Commands = append(r.script.Commands, c)
}

func setsErrexit(c *Command) bool {
	option, _ := c.Flag("-o")
	return c.HasFlag("-e") || option.Text == "errexit"
}

// previous stands for a directory that cd - or popd leads back to.
const previous = "\x00previous"

// cd follows a change of directory; one that is not literal leads to a directory of its own name.
func (r *reader) cd(to Word) {
	switch {
	case path.IsAbs(to.Text) || strings.HasPrefix(to.Text, "$") || strings.HasPrefix(to.Text, "~"):
		r.dir = to.Text
		if to.Literal && path.IsAbs(to.Text) {
			r.dir = path.Clean(to.Text)
		}
	case to.Text == "-":
		r.dir = previous
	default:
		r.dir = path.Join(r.dir, to.Text)
	}
}

// inner reads the script of sh -c: each command in it stands where the whole stood.
func (r *reader) inner(c *Command, script Word) {
	// Between quotes without escapes, each byte of the script has a place of its own.
	exact := len(script.Text)+2 == script.Span.Len()
	sub := parse(script.Text, func(i int) int {
		if exact {
			return script.Span.Start + 1 + i
		}
		return script.Span.Start
	}, script.Span.End)
	r.script.Partial = r.script.Partial || sub.Partial
	r.script.inside = append(r.script.inside, sub)
	r.outer(sub.Commands, c.Redirects)
	for n, inner := range sub.Commands {
		inner.wrote = slices.Concat(inner.wrote, c.wrote)
		inner.Wrappers = append(append([]string(nil), c.Wrappers...), inner.Wrappers...)
		inner.Depth += c.Depth
		inner.InSubst = inner.InSubst || c.InSubst
		inner.Top, inner.Negated, inner.Background = c.Top, inner.Negated != c.Negated, inner.Background || c.Background
		inner.Asked = inner.Asked || c.Asked
		if !exact {
			inner.Span = c.Span
		}
		if n == 0 {
			inner.Op = c.Op
		}
		inner.Dir = dirAfter(c.Dir, inner.Dir)
		if len(sub.Commands) > 1 || inner.Background && !c.Background {
			inner.Depth++ // they cannot be told apart from outside
		}
		r.script.Commands = append(r.script.Commands, inner)
	}
}
