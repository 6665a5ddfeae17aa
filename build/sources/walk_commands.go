package sources

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// set gives a variable a value.
func (w *walk) set(name string, v value) {
	if old, ok := w.at.lookup(name); w.at.all || ok && old.exported {
		v.exported = true
	}
	w.at.vars[name] = v
}

// assigned is the value that an assignment gives.
func (w *walk) assigned(a *syntax.Assign) value {
	old, had := w.at.lookup(a.Name.Value)
	if a.Index != nil {
		return value{text: unknown, array: true, list: []word{{text: unknown, many: true}}}
	}
	if a.Array != nil {
		v := value{array: true}
		if a.Append {
			v.list = slices.Clip(old.list)
			if !old.array {
				v.list = []word{{text: unknown, many: true}}
			}
		}
		for _, e := range a.Array.Elems {
			if e.Index != nil || e.Value == nil {
				return value{text: unknown, array: true, list: []word{{text: unknown, many: true}}}
			}
			v.list = append(v.list, w.word(e.Value)...)
			w.r.spend(len(v.list) >> 6)
			if len(v.list) > maxWords {
				return value{text: unknown, array: true, list: []word{{text: unknown, many: true}}}
			}
		}
		return v
	}
	v := value{text: w.text(a.Value)}
	if a.Append {
		if !had {
			old.text = unknown
		}
		return value{text: bounded(old.text + v.text)}
	}
	if a.Value != nil && v.text == unknown {
		if p := parameterOf(a.Value); p != nil && p.Param != nil && p.Index == nil {
			x, ok := w.parameter(p.Param.Value, "")
			v.open = !ok || x.open
		}
	}
	return v
}

// declare goes through export, local, readonly, declare.
func (w *walk) declare(c *syntax.DeclClause) {
	variant := c.Variant.Value
	exported := variant == "export"
	for _, a := range c.Args {
		if a.Naked && a.Value != nil { // an option
			exported = exported || a.Value.Lit() == "-x"
			continue
		}
		if a.Name == nil {
			continue
		}
		name := a.Name.Value
		v, had := w.at.lookup(name)
		switch {
		case !a.Naked:
			v = w.assigned(a)
		case variant == "local" || variant == "declare" || variant == "typeset":
			if w.frame == nil && had {
				continue
			}
			v = value{}
			if w.frame == nil {
				v = value{text: unknown, open: true}
			}
		case !had:
			continue
		}
		if w.frame != nil && variant != "export" && variant != "readonly" {
			w.frame.locals[name] = true
		}
		v.exported = v.exported || exported
		w.set(name, v)
	}
}

// export sets variables for the commands that follow.
func (w *walk) export(env map[string]string) {
	for name, text := range env {
		w.at.vars[name] = value{text: text, exported: true}
	}
}

// simple goes through a command with its words, or assignments.
func (w *walk) simple(c *syntax.CallExpr, in stdin) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			if a.Name != nil {
				w.set(a.Name.Value, w.assigned(a))
			}
		}
		return
	}
	env := map[string]string{}
	for _, a := range c.Assigns {
		if a.Name != nil {
			env[a.Name.Value] = w.assigned(a).text
		}
	}
	words := w.words(c.Args)
	w.run(words, env, in, c)
}

// run goes through a command.
func (w *walk) run(words []word, env map[string]string, in stdin, c *syntax.CallExpr) {
	if len(words) == 0 {
		return
	}
	plain, more := unwrapped(words)
	for name, v := range more {
		env[name] = v
	}
	if len(plain) == 0 {
		return
	}
	if fn, ok := w.functions[words[0].text]; ok {
		w.call(fn, words[1:], true, env, w.line(c.Pos()))
		return
	}
	if name := plain[0].text; (name == "." || name == "source") && len(plain) > 1 {
		w.source(plain[1].text, w.line(c.Pos()))
		return
	}
	if w.builtin(plain, c) || w.nested(plain, env, in, c) {
		return
	}
	if w.quiet || !programs[programOf(plain[0])] {
		return
	}
	i := invocation{words: plain, dir: w.at.dir, line: w.line(c.Pos()), in: in, env: with(w.at.exported(), env)}
	if f := w.r.invoke(w.s, &i, w.traces); f != nil {
		w.found = append(w.found, *f)
	}
}

// builtin goes through a command of the shell itself. It reports whether it is one.
func (w *walk) builtin(words []word, c *syntax.CallExpr) bool {
	args := words[1:]
	switch words[0].text {
	case "cd", "pushd":
		for len(args) > 0 && len(args[0].text) > 1 && args[0].text[0] == '-' {
			args = args[1:]
		}
		if words[0].text == "pushd" {
			w.at.stack = append(w.at.stack, w.at.dir)
		}
		dir := unknown
		switch {
		case len(args) == 0:
		case args[0].text == "-":
			dir = w.at.old
		default:
			if at, name := fromRoot(w.at.dir, args[0].text); isKnown(at+name) && name != "" && !args[0].many {
				dir = joined(at, name)
			}
		}
		if dir == "" {
			dir = unknown
		}
		w.at.old, w.at.dir = w.at.dir, dir
	case "popd":
		w.at.old = w.at.dir
		w.at.dir = unknown
		if n := len(w.at.stack); n > 0 {
			w.at.dir, w.at.stack = w.at.stack[n-1], w.at.stack[:n-1]
		}
	case "exit", "return":
		w.at.over = true
		w.at.gone = w.at.gone || words[0].text == "exit"
	case "set":
		w.setOptions(args)
	case "shift":
		n := 1
		if len(args) > 0 {
			n = -1
		}
		if n < 0 || len(w.at.params) == 0 || w.at.params[0].many {
			w.at.params, w.at.given = nil, false
		} else {
			w.at.params = w.at.params[1:]
		}
	case "unset":
		for _, a := range args {
			if isName(a.text) {
				w.set(a.text, value{text: unknown, open: true})
			}
		}
	case "read", "mapfile", "readarray", "getopts":
		for _, a := range args {
			if isName(a.text) {
				w.set(a.text, value{text: unknown, open: words[0].text == "getopts"})
			}
		}
	case "trap":
		w.trap(args, c)
	case ":", "echo", "printf", "[", "test", "true", "false", "alias":
	default:
		return false
	}
	return true
}

// setOptions goes through `set -a` and `set -- a b c`.
func (w *walk) setOptions(args []word) {
	for i, a := range args {
		switch {
		case a.text == "--":
			w.at.params, w.at.given = args[i+1:], true
			return
		case a.text == "allexport" && i > 0 && strings.HasSuffix(args[i-1].text, "o"):
			w.at.all = args[i-1].text[0] == '-'
		case len(a.text) > 1 && strings.Contains(a.text, "a") && (a.text[0] == '-' || a.text[0] == '+') && (i == 0 || !strings.HasSuffix(args[i-1].text, "o")):
			w.at.all = a.text[0] == '-'
		}
	}
}

// nested goes through a script that is an argument, of sh -c and of eval, or that a shell reads. It reports whether it
// is one.
func (w *walk) nested(words []word, env map[string]string, in stdin, c *syntax.CallExpr) bool {
	text, at := "", w.line(c.Pos())
	line := func(int) int { return at }
	switch words[0].text {
	case "eval":
		var texts []string
		for _, x := range words[1:] {
			texts = append(texts, x.text)
		}
		text = strings.Join(texts, " ")
	case "sh", "bash", "dash", "ash", "zsh", "/bin/sh", "/bin/bash", "/usr/bin/bash":
		var command bool
		if text, command = argumentScript(words[1:]); !command {
			above := w.s.line
			text, line = in.script, func(n int) int { return above(in.line + n - 1) }
		}
	default:
		return false
	}
	if !mayBuild(text) || w.depth > 8 || tooDeep(text) {
		return true
	}
	file, _ := parsedShell(text)
	w.r.spend(len(text) >> 6)
	before := w.s
	w.s = w.elsewhere(before.file, line)
	w.depth++
	c2 := w.inside(func() {
		if words[0].text != "eval" {
			w.at.apart()
		}
		w.export(env)
		w.stmts(file.Stmts)
	})
	w.depth--
	w.s = before
	if words[0].text == "eval" {
		w.at.adopt(c2)
	}
	return true
}

// argumentScript is the text that follows -c. command: the shell does not read what it runs from standard input.
func argumentScript(args []word) (text string, command bool) {
	for i, x := range args {
		switch {
		case x.text == "-s" || x.text == "-":
			return "", false
		case strings.HasPrefix(x.text, "-") && strings.HasSuffix(x.text, "c") && !strings.HasPrefix(x.text, "--") && i+1 < len(args):
			return args[i+1].text, true
		case !strings.HasPrefix(x.text, "-") && !strings.HasPrefix(x.text, "+") && (i == 0 || !strings.HasSuffix(args[i-1].text, "o")):
			return "", true // a file
		}
	}
	return "", false
}

// trap notes what is run when the script ends.
func (w *walk) trap(args []word, c *syntax.CallExpr) {
	if len(args) > 1 && args[0].text == "--" {
		args = args[1:]
	}
	if len(args) > 1 && mayBuild(args[0].text) && !w.quiet && len(w.traps) < maxTurns && !tooDeep(args[0].text) {
		line := w.line(c.Pos())
		w.traps = append(w.traps, trap{args[0].text, w.elsewhere(w.s.file, func(int) int { return line })})
	}
}

// atEnd goes through what is run when the script ends.
func (w *walk) atEnd() {
	before := w.s
	for _, t := range w.traps {
		file, _ := parsedShell(t.text)
		w.s = t.s
		w.inside(func() { w.stmts(file.Stmts) })
	}
	w.s = before
}
