package sources

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
			in = w.heredoc(rd)
		case syntax.WordHdoc:
			in = stdin{opaque: true, script: w.text(rd.Word), line: int(rd.Pos().Line())}
		}
	}
	return in
}

// heredoc is a here-document.
func (w *walk) heredoc(rd *syntax.Redirect) stdin {
	if rd.Hdoc == nil {
		return stdin{opaque: true}
	}
	quoted := rd.Word != nil && (len(rd.Word.Parts) != 1 || !isPlain(rd.Word.Parts[0]))
	var b strings.Builder
	whole := true // all of it stands in the source
	for _, part := range rd.Hdoc.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			whole = false
			b.WriteString(w.text(&syntax.Word{Parts: []syntax.WordPart{part}}))
			continue
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
	if len(text) > maxText {
		return stdin{opaque: true}
	}
	in := stdin{script: text, line: int(rd.Hdoc.Pos().Line())}
	if in.opaque = !whole || !isKnown(text) || strings.TrimSpace(text) == ""; !in.opaque {
		in.text = text
	}
	return in
}

var hereEscapes = strings.NewReplacer("\\\\", "\\", "\\$", "$", "\\`", "`", "\\\n", "")

func isPlain(part syntax.WordPart) bool {
	lit, ok := part.(*syntax.Lit)
	return ok && !strings.Contains(lit.Value, `\`)
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
