package shell

import (
	"slices"
	"strings"

	"layerwise/dockerfile/text"

	sh "mvdan.cc/sh/v3/syntax"
)

// Bashism is a form that bash has, and the sh of a system has not.
type Bashism struct {
	Span     text.Span // relative to the instruction's Text
	What     string    // as people write it: [[, a array
	Ash      bool      // busybox's sh has it: only dash has not
	Does     string    // what dash does with it, as the end of a sentence
	Pipefail bool      // it is `set -o pipefail`, which newer versions of dash have
}

// Bashisms are the forms of the script that only bash has, in the order of the text. None if the script is not known for
// certain. Sources: POSIX.1-2024, "Shell Command Language"; dash(1); busybox, shell/ash.c.
func (s *Script) Bashisms() []Bashism {
	if !s.Known() {
		return nil
	}
	return s.bashisms
}

// signs are what the text of each form has in it, but for those that braces and echo are.
var signs = strings.Fields("[[ (( let =( <( >( function <<< &> |& source == pipefail " + bashCommands)

// mayHaveBashisms reports whether a text has a sign of any, so that few scripts are searched for them.
func mayHaveBashisms(src string) bool {
	if slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(src, sign) }) {
		return true
	}
	for _, braced := range strings.Split(src, "{")[1:] {
		inner, _, _ := strings.Cut(braced, "}")
		if strings.ContainsAny(inner, ",:/") || strings.Contains(inner, "..") {
			return true
		}
	}
	for _, said := range strings.Split(src, "echo")[1:] {
		if strings.HasPrefix(strings.TrimLeft(said, " \t\\\r\n"), "-") {
			return true
		}
	}
	return false
}

// bashisms searches a syntax tree.
func (r *reader) bashisms(file *sh.File) (list []Bashism) {
	note := func(n sh.Node, what string, ash bool, does string) {
		list = append(list, Bashism{Span: r.span(n), What: what, Ash: ash, Does: does, Pipefail: what == setPipefail})
	}
	sh.Walk(file, func(n sh.Node) bool {
		switch n := n.(type) {
		case *sh.TestClause:
			note(n, "[[", true, notFound)
		case *sh.ArithmCmd:
			note(n, "((", false, "opens subshells in place of counting")
		case *sh.LetClause:
			note(n, "let", true, notFound)
		case *sh.ArrayExpr:
			note(n, "=(…)", false, noSyntax)
		case *sh.ProcSubst:
			note(n, "<(", false, noSyntax)
		case *sh.FuncDecl:
			if n.RsrvWord {
				note(n.Name, "function", true, notFound)
			}
		case *sh.Redirect:
			switch n.Op {
			case sh.WordHdoc:
				note(n, "<<<", false, noSyntax)
			case sh.RdrAll, sh.AppAll:
				note(n, n.Op.String(), true, "runs the command in the background, and empties the file")
			}
		case *sh.BinaryCmd:
			if n.Op == sh.PipeAll {
				note(n, "|&", false, noSyntax)
			}
		case *sh.ParamExp:
			if n.Repl != nil || n.Slice != nil {
				note(n, "${"+n.Param.Value+map[bool]string{true: "/…}", false: ":…}"}[n.Repl != nil], true, "stops with “Bad substitution”")
			}
		case *sh.DeclClause:
			if bashOnly(n.Variant.Value) {
				note(n.Variant, n.Variant.Value, false, notFound)
			}
		case *sh.CallExpr:
			if len(n.Args) > 0 && (bashOnly(n.Args[0].Lit()) || n.Args[0].Lit() == sourceWord) {
				note(n.Args[0], n.Args[0].Lit(), n.Args[0].Lit() == sourceWord, notFound)
			}
			own(n, note)
			for _, w := range n.Args[min(1, len(n.Args)):] {
				if braces(w) {
					note(w, "{a,b}", false, "takes it for one word, braces and all")
				}
			}
		}
		return true
	})
	return list
}

const setPipefail = "set -o " + pipefail

// What dash does with forms that it has not.
const (
	notFound = "does not find it, and what follows goes by that failure"
	noSyntax = "stops with a syntax error"
)

// own notes what dash's own commands take otherwise than bash's.
func own(call *sh.CallExpr, note func(n sh.Node, what string, ash bool, does string)) {
	if len(call.Args) < 2 {
		return
	}
	first := call.Args[1].Lit()
	switch call.Args[0].Lit() {
	case "echo":
		if first == "-e" || first == "-ne" || first == "-en" {
			note(call.Args[1], "echo "+first, true, "prints "+first+" as a word")
		}
	case "[", "test":
		for _, w := range call.Args[1:] {
			if w.Lit() == "==" {
				note(w, "==", true, "does not know it, and takes the test for failed")
			}
		}
	case "set":
		for _, w := range call.Args[1:] {
			if w.Lit() == pipefail {
				note(w, setPipefail, true, "stops with “Illegal option”")
			}
		}
	}
}

// braces reports whether bash makes several words of the word: /srv/{a,b}. curl knows them in addresses, too.
func braces(w *sh.Word) bool {
	for _, part := range w.Parts {
		lit, ok := part.(*sh.Lit)
		if !ok {
			continue
		}
		open := strings.IndexByte(lit.Value, '{')
		if open < 0 || strings.Contains(lit.Value, "://") || open > 0 && lit.Value[open-1] == '\\' {
			continue
		}
		inner, _, closed := strings.Cut(lit.Value[open+1:], "}")
		if closed && (strings.Contains(inner, ",") || strings.Contains(inner, "..")) && !strings.ContainsAny(inner, `\'":`) {
			return true
		}
	}
	return false
}
