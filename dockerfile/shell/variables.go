package shell

import (
	"strings"

	sh "mvdan.cc/sh/v3/syntax"
)

// This file says which variables a script itself reads and sets, in whatever form: loops, read, ${X:=1}, ((X++)).
// What programs look at in their environment is in Effects.

// variable is one place of a script that reads or sets a variable.
type variable struct {
	name  string // "" if it may be any
	at    int    // where, in the instruction's text
	set   bool   // it gets a value, or is taken away
	inner bool   // in a shell of its own: nothing of it is left for what follows
}

// Sets are the variables that the script may set, or take away, in whatever form and whichever shell of it. What
// such a variable expands to in the script is not what the environment says.
func (s *Script) Sets() Vars {
	v := s.among(func(v variable) bool { return v.set })
	v.add(ownVariables)
	return v
}

// SetsIn are the variables that what stands between two offsets of the instruction's text sets for what follows in
// the same shell.
func (s *Script) SetsIn(from, to int) Vars {
	return s.among(func(v variable) bool { return v.set && !v.inner && from <= v.at && v.at < to })
}

// ReadsIn are the variables that what stands between two offsets of the instruction's text expands or counts with.
func (s *Script) ReadsIn(from, to int) Vars {
	return s.among(func(v variable) bool { return !v.set && from <= v.at && v.at < to })
}

// ReadsAny reports whether the script reads variables that it does not name: ${!x}.
func (s *Script) ReadsAny() bool {
	return s.among(func(v variable) bool { return !v.set }).All
}

// ownVariables have their values from the shell, whatever the environment says.
const ownVariables = "BASHOPTS BASHPID BASH_* COMP_WORDBREAKS DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS IFS LINENO OLDPWD " +
	"OPTARG OPTIND PIPESTATUS PPID PWD RANDOM SECONDS SHELLOPTS SHLVL SRANDOM UID _"

// among are the variables of the places that fit.
func (s *Script) among(fits func(variable) bool) (v Vars) {
	s.named.Do(func() { s.variables = s.findVariables() })
	var names []string
	for _, one := range s.variables {
		switch {
		case !fits(one):
		case one.name == "":
			v.All = true
		default:
			names = append(names, one.name)
		}
	}
	v.add(strings.Join(names, " "))
	return v
}

// findVariables reads the script again: few are asked for their variables.
func (s *Script) findVariables() (list []variable) {
	for _, sub := range s.inside {
		for _, v := range sub.findVariables() {
			v.inner = true
			list = append(list, v)
		}
	}
	if s.src == "" {
		return list
	}
	file, err := sh.NewParser(sh.Variant(sh.LangBash), sh.RecoverErrors(20)).Parse(strings.NewReader(s.src), "")
	if err != nil || s.Partial {
		for _, set := range []bool{false, true} {
			list = append(list, variable{at: s.at(0), set: set})
		}
		return list
	}
	f := variables{script: s, list: list}
	sh.Walk(file, f.visit)
	return f.list
}

// variables collects those of a syntax tree.
type variables struct {
	script *Script
	list   []variable
	open   []sh.Node // what is being visited, outermost first
	counts int       // how many of them are arithmetic, in which names stand for their values
	inner  int       // how many of them are shells of their own
}

// visit is called for each node, and with nil when all below a node has been visited.
func (f *variables) visit(n sh.Node) bool {
	step := 1
	if n == nil {
		n, step = f.open[len(f.open)-1], -1
		f.open = f.open[:len(f.open)-1]
	} else {
		f.open = append(f.open, n)
	}
	switch n := n.(type) {
	case *sh.ArithmExp, *sh.ArithmCmd, *sh.LetClause, *sh.CStyleLoop:
		f.counts += step
	case *sh.Subshell, *sh.CmdSubst, *sh.ProcSubst:
		f.inner += step
	case *sh.Stmt:
		if n.Background || n.Coprocess {
			f.inner += step
		}
	}
	if step > 0 {
		f.node(n)
	}
	return true
}

func (f *variables) note(set bool, name string, n sh.Node) {
	name, _, _ = strings.Cut(name, "[")
	if !isName(name) {
		name = ""
	}
	at := f.script.at(min(int(n.Pos().Offset()), max(0, len(f.script.src)-1)))
	f.list = append(f.list, variable{name: name, at: at, set: set, inner: f.inner > 0})
}

func (f *variables) reads(name string, n sh.Node) { f.note(false, name, n) }
func (f *variables) sets(name string, n sh.Node)  { f.note(true, name, n) }

// node notes what the node itself does.
func (f *variables) node(n sh.Node) {
	switch n := n.(type) {
	case *sh.CallExpr:
		f.call(n)
	case *sh.DeclClause:
		f.declares(n)
	case *sh.WordIter:
		f.sets(n.Name.Value, n)
	case *sh.ForClause:
		if n.Select {
			f.sets("REPLY", n)
		}
	case *sh.CoprocClause:
		f.sets("COPROC", n)
		if n.Name != nil {
			f.sets(n.Name.Lit(), n)
		}
	case *sh.Redirect:
		if n.N != nil && strings.HasPrefix(n.N.Value, "{") {
			f.sets(strings.Trim(n.N.Value, "{}"), n)
		}
	case *sh.ParamExp:
		f.expands(n)
	case *sh.BinaryArithm:
		if op := n.Op.String(); strings.HasSuffix(op, "=") && !listed("== != <= >=", op) {
			f.sets(assigned(n.X), n)
		}
	case *sh.UnaryArithm:
		if n.Op == sh.Inc || n.Op == sh.Dec {
			f.sets(assigned(n.X), n)
		}
	case *sh.UnaryTest:
		if w, ok := n.X.(*sh.Word); ok && n.Op == sh.TsVarSet {
			f.reads(w.Lit(), n)
		}
	case *sh.Word:
		if name := n.Lit(); f.counts > 0 && isName(name) {
			f.reads(name, n)
		}
	}
}

// assigned is the variable of the left side of an assignment in arithmetic; "" if it is not written out.
func assigned(x sh.ArithmExpr) string {
	w, ok := x.(*sh.Word)
	if !ok || len(w.Parts) != 1 {
		return ""
	}
	switch part := w.Parts[0].(type) {
	case *sh.Lit:
		return part.Value
	case *sh.ParamExp: // x[1]
		if part.Param != nil && part.Short && !part.Dollar.IsValid() {
			return part.Param.Value
		}
	}
	return ""
}

// expands is for ${X} in all its forms.
func (f *variables) expands(n *sh.ParamExp) {
	name := ""
	if n.Param != nil {
		name = n.Param.Value
	}
	if n.Excl || isName(name) {
		read := name
		if n.Excl {
			read = "" // ${!X} is the variable that X names, ${!X*} all that begin so
		}
		f.reads(read, n)
	}
	if n.Exp != nil && (n.Exp.Op == sh.AssignUnset || n.Exp.Op == sh.AssignUnsetOrNull) {
		if n.Excl {
			name = ""
		}
		f.sets(name, n)
	}
}

// declares is for export, local, readonly, declare and typeset.
func (f *variables) declares(n *sh.DeclClause) {
	for _, a := range n.Args {
		switch {
		case a.Name != nil:
			f.sets(a.Name.Value, a)
			if a.Naked {
				f.reads(a.Name.Value, a)
			}
		case a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-"):
			if strings.Contains(a.Value.Lit(), "n") && n.Variant.Value != "export" {
				f.sets("", a) // another name for a variable
				f.reads("", a)
			}
		default:
			f.sets("", a)
		}
	}
}

// NamesVariables reports whether the arguments of the command of that name are variables that it sets in its shell, each
// alone or with a value: export, read.
func NamesVariables(program string) bool {
	p := lookup(program)
	return p != nil && p.names != 0
}

// special are the parts of the shell before which an assignment lasts: the special built-in utilities of POSIX. They
// belong to the grammar of the shell, as do if and for.
const special = ": . break continue eval exec exit return set shift times trap unset"

// call is for assignments, and for the parts of the shell that set variables.
func (f *variables) call(n *sh.CallExpr) {
	words := n.Args
	for len(words) > 1 && ofKind(words[0].Lit(), callsBuiltin) {
		words = words[1:]
	}
	program := ""
	if len(words) > 0 {
		program = words[0].Lit()
		words = words[1:]
	}
	// Before a program they are for its environment alone, unless it is a part of the shell, or a function.
	if len(n.Args) == 0 || f.script.Functions || listed(special, program) {
		for _, a := range n.Assigns {
			f.sets(a.Name.Value, a)
		}
	}
	p := lookup(program)
	if p == nil {
		return
	}
	for _, name := range strings.Fields(p.sets) {
		f.sets(name, n)
	}
	operand := 0
	for i := 0; i < len(words) && p.names != 0; i++ {
		switch word := words[i].Lit(); {
		case strings.HasPrefix(word, "-") && len(word) > 1:
			if listed(p.takes, word) {
				i++
			}
		default:
			if p.names&operands != 0 || p.names&butFirst != 0 && operand > 0 {
				f.sets(word, words[i])
			}
			operand++
		}
	}
	for i, w := range words[:max(0, len(words)-1)] {
		if listed(p.namedBy, w.Lit()) {
			f.sets(words[i+1].Lit(), n)
		}
		if listed(p.asks, w.Lit()) {
			f.reads(words[i+1].Lit(), n)
		}
	}
	if p.kind&setsAny != 0 {
		f.sets("", n)
		f.reads("", n)
	}
}
