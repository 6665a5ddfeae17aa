package sources

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// subst is what a command substitution becomes. What it builds is found too.
func (w *walk) subst(p *syntax.CmdSubst) string {
	if w.depth > 8 {
		return unknown
	}
	w.depth++
	defer func() { w.depth-- }()
	if !w.quiet {
		w.inside(func() { w.stmts(p.Stmts) })
		w.quiet = true
		defer func() { w.quiet = false }()
	}
	text := unknown
	w.inside(func() {
		for _, st := range p.Stmts {
			text = w.printed(st)
		}
	})
	return bounded(strings.TrimRight(text, "\n"))
}

// printed is what a statement prints.
func (w *walk) printed(st *syntax.Stmt) string {
	for _, rd := range st.Redirs {
		if rd.Op != syntax.DplOut && (rd.Op != syntax.RdrOut && rd.Op != syntax.RdrAll || rd.Word.Lit() != "/dev/null") {
			return unknown
		}
	}
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok {
		first := w.printed(b.X)
		if b.Op == syntax.AndStmt {
			return w.printed(b.Y)
		}
		if b.Op == syntax.OrStmt {
			return first
		}
		return unknown
	}
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return unknown
	}
	words := w.words(c.Args)
	if len(words) == 0 {
		return unknown
	}
	var args []string
	flagged := false
	for _, x := range words[1:] {
		if x.many {
			return unknown
		}
		if strings.HasPrefix(x.text, "-") && len(x.text) > 1 {
			flagged = flagged || x.text != "--" && x.text != "-P" && x.text != "-L" && x.text != "-f" && x.text != "-m" && x.text != "-e"
			continue
		}
		args = append(args, x.text)
	}
	switch name := path.Base(words[0].text); {
	case name == "cd":
		w.builtin(words, c)
		return ""
	case flagged && name != "git" && name != "command":
		return unknown
	case (name == "which" || name == "command") && len(args) == 1:
		return args[0] // where it is does not matter
	case name == "pwd" && len(args) == 0:
		return absolute(w.at.dir)
	case name == "git":
		return w.git(words[1:])
	case name == "dirname" && len(args) == 1:
		if !isKnown(strings.TrimPrefix(args[0], root)) {
			return unknown
		}
		return path.Dir(args[0])
	case name == "basename" && len(args) > 0 && len(args) < 3:
		if !isKnown(args[0]) && !isKnown(strings.TrimPrefix(args[0], root+"/")) {
			return unknown
		}
		base := path.Base(args[0])
		if len(args) == 2 {
			base = strings.TrimSuffix(base, args[1])
		}
		return base
	case (name == "realpath" || name == "readlink" || name == "greadlink") && len(args) == 1:
		at, rest := fromRoot(w.at.dir, args[0])
		if !isKnown(at + rest) {
			return unknown
		}
		return absolute(joined(at, rest))
	case name == "echo" || name == "printf" && len(args) == 1 && !strings.Contains(args[0], "%"):
		return strings.Join(args, " ")
	}
	return unknown
}

// git is what `git rev-parse --show-toplevel` prints; other commands of git print what is not known.
func (w *walk) git(words []word) string {
	dir := w.at.dir
	for len(words) > 1 && words[0].text == "-C" {
		at, name := fromRoot(dir, words[1].text)
		if dir = unknown; isKnown(at + name) {
			dir = joined(at, name)
		}
		words = words[2:]
	}
	if len(words) != 2 || words[0].text != "rev-parse" {
		return unknown
	}
	switch words[1].text {
	case "--show-toplevel":
		return root
	case "--show-cdup", "--show-prefix":
		return unknown
	}
	return unknown
}
