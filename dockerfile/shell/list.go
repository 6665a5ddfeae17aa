package shell

import (
	"errors"
	"slices"
	"strings"

	"layerwise/dockerfile/text"

	sh "mvdan.cc/sh/v3/syntax"
)

// Statement is one part of a script's top level: a command, a pipeline, or a group, if, for or the like
// as a whole. The script is the row of them, each joined to the one before by its Op.
type Statement struct {
	Span       text.Span // with !, time and redirects, without what ends it; relative to the instruction's Text
	Op         string    // what joins it to the one before: "", "&&", "||", ";", "&"; a newline is ";"
	End        string    // what ends it: "&&", "||", ";", "&", "\n", or "" at the end of the script
	Background bool      // it, or the list that it is a part of, ends with &
	Negated    bool      // it begins with !
	Comment    text.Span // the comment behind it, on its line; empty if there is none

	line uint // on which it ends
}

// list reads the statements of the top level.
func (r *reader) list(stmts []*sh.Stmt) {
	op := ""
	for i, s := range stmts {
		from := len(r.script.List)
		r.chain(s, op)
		op = ";"
		if s.Background {
			op = "&"
		}
		if len(r.script.List) == from {
			continue
		}
		last := r.script.List[len(r.script.List)-1]
		switch {
		case s.Background || s.Coprocess:
			last.End = "&"
		case s.Semicolon.IsValid():
			last.End = ";"
		case i+1 < len(stmts):
			last.End = "\n"
		}
		for _, part := range r.script.List[from:] {
			part.Background = s.Background || s.Coprocess
		}
	}
	r.top = nil
	for i, s := range r.script.List {
		comment, ok := r.onLine[s.line]
		if ok && comment.Start >= s.Span.End && (i+1 == len(r.script.List) || r.script.List[i+1].Span.Start > comment.Start) {
			s.Comment = comment
		}
	}
}

// chain reads a statement, or each part of a list joined with && and ||.
func (r *reader) chain(s *sh.Stmt, op string) {
	if b, ok := s.Cmd.(*sh.BinaryCmd); ok && (b.Op == sh.AndStmt || b.Op == sh.OrStmt) {
		r.chain(b.X, op)
		if n := len(r.script.List); n > 0 {
			r.script.List[n-1].End = b.Op.String()
		}
		r.chain(b.Y, b.Op.String())
		return
	}
	r.top = &Statement{Span: r.stmtSpan(s), Op: op, Negated: s.Negated, line: s.End().Line()}
	r.script.List = append(r.script.List, r.top)
	r.stmt(s, place{op: op})
}

// stmtSpan is where a statement stands, without the ; or & that ends it.
func (r *reader) stmtSpan(s *sh.Stmt) text.Span {
	span := r.span(s)
	if s.Cmd == nil && len(s.Redirs) == 0 {
		return span
	}
	span.End = span.Start
	if s.Cmd != nil {
		span.End = r.span(s.Cmd).End
	}
	for _, rd := range s.Redirs {
		span.End = max(span.End, r.redirect(rd).End)
	}
	return span
}

// redirect is where a redirection stands, without the here-document's lines.
func (r *reader) redirect(rd *sh.Redirect) text.Span {
	span := r.span(rd)
	if rd.Hdoc != nil && rd.Word != nil {
		span.End = r.span(rd.Word).End
	}
	return span
}

// comments finds the comments of the script.
func (r *reader) comments(file *sh.File) {
	if !strings.Contains(r.src, "#") {
		return
	}
	r.onLine = map[uint]text.Span{}
	sh.Walk(file, func(n sh.Node) bool {
		if c, ok := n.(*sh.Comment); ok {
			span := r.span(c)
			r.script.Comments = append(r.script.Comments, span)
			r.onLine[c.Hash.Line()] = span
		}
		return true
	})
}

// Known reports whether all of the script is read: Commands and List are complete.
func (s *Script) Known() bool { return !s.Exec && !s.Partial && !s.Unknown && len(s.List) > 0 }

// Last is the last statement; nil if there is none.
func (s *Script) Last() *Statement {
	if len(s.List) == 0 {
		return nil
	}
	return s.List[len(s.List)-1]
}

// Chained reports whether all statements are joined with &&, and none runs in the background: then the
// script ends with the first that fails.
func (s *Script) Chained() bool {
	for i, part := range s.List {
		if part.Background || i > 0 && part.Op != "&&" {
			return false
		}
	}
	return s.Known()
}

// MayAppend says why nothing can be put behind the script with && so that it runs if and only if the
// script succeeds; nil if it can. A ; or a comment at the end must be taken away first. The caller
// asks whether a command of the script leaves the shell, or changes it.
func (s *Script) MayAppend() error {
	switch {
	case s.Exec:
		return errors.New("it has no shell")
	case !s.Known():
		return errors.New("its commands are not known for certain")
	}
	if slices.ContainsFunc(s.List, func(part *Statement) bool { return part.Background }) || len(s.Unwaited()) > 0 {
		return errors.New("a command runs in the background")
	}
	return nil
}

// mayCut says why the script cannot be cut in two before the statement, so that the first half fails
// if and only if the whole would not have come to the second; nil if it can. errexit says that the
// shell itself stops at the first command that fails (SHELL with -e). The caller asks what the first
// half changes in the shell (directory, variables, options) that the second needs.
func (s *Script) mayCut(before *Statement, errexit bool) error {
	if err := s.MayAppend(); err != nil {
		return err
	}
	at := -1
	for i, part := range s.List {
		if part == before {
			at = i
		}
	}
	if at <= 0 {
		return errors.New("nothing stands before the command")
	}
	for i, part := range s.List[at:] {
		alone := s.List[at+i-1].Op != "&&" && s.List[at+i-1].Op != "||" && !s.List[at+i-1].Negated
		if part.Op != "&&" && !(errexit && part.Op == ";" && alone) {
			return errors.New("what follows may run even if a command before it fails")
		}
	}
	return nil
}

// MayCutBefore is mayCut for a command, which must be the first of a statement, not inside of one.
func (s *Script) MayCutBefore(c *Command, errexit bool) error {
	if c.Top == nil || c.Span.Start != c.Top.Span.Start && !c.Top.Negated || c.Depth > 0 || c.InSubst {
		return errors.New("the command is inside a group")
	}
	for _, other := range s.Commands {
		if other == c {
			break
		}
		if other.Top == c.Top {
			return errors.New("the command is inside a group")
		}
	}
	return s.mayCut(c.Top, errexit)
}

// HasOptions reports whether a shell is given options, which may do something before the command.
func HasOptions(sh []string) bool {
	return len(sh) != 2 && !(len(sh) == 4 && sh[1] == "-o") || !strings.HasSuffix(sh[len(sh)-1], "c")
}

// Errexit reports whether a SHELL stops at the first command that fails: ["/bin/bash", "-ec"].
func Errexit(shell []string) bool {
	for i, word := range shell {
		if i > 0 && (isShort(word) && strings.Contains(word, "e") || word == "errexit" && shell[i-1] == "-o") {
			return true
		}
	}
	return false
}
