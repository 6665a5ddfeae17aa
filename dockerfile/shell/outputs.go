package shell

import "strings"

// This file answers where a command puts what it is given, and whether it runs for developers.

// PassesOn reports whether the output of the command holds its words, or what it reads: echo, cat, sed, jq.
func (c *Command) PassesOn() bool { return habitOf(c).filter }

// Copies are the files that the command copies or moves, and where it puts them: cp, install.
func (c *Command) Copies() (from []Word, to Word, ok bool) {
	words, h := c.Operands(), habitOf(c)
	switch folder, has := c.Flag(strings.Fields(h.folders)...); {
	case !h.copies:
		return nil, Word{}, false
	case has:
		return words, folder, true
	case len(words) < 2 || c.hasListed(h.folders):
		return nil, Word{}, false
	}
	return words[:len(words)-1], words[len(words)-1], true
}

// Fills are the files that the command writes its input to, beside its output: tee.
func (c *Command) Fills() []Word {
	if habitOf(c).fills {
		return c.Operands()
	}
	return nil
}

// EditsFiles are the files that the command changes by what its other words say: sed -i.
func (c *Command) EditsFiles() []Word {
	words, h := c.Operands(), habitOf(c)
	if !c.hasListed(h.edits) {
		return nil
	}
	if !c.hasListed(h.scripts) && len(words) > 0 {
		words = words[1:]
	}
	return words
}

// KeepsAddress reports whether the program writes the addresses that the command names to its own files, with the
// credentials in them: git clone, git config, pip config set.
func (c *Command) KeepsAddress() bool {
	h := habitOf(c)
	_, ok := (&use{sub: h.keeps}).fits(c, c.Operands())
	return h.keeps != "" && ok
}

// Forgets reports whether the command removes a setting or a login of its program, as most programs call it: git config --unset,
// npm config delete, docker logout, git remote set-url.
func (c *Command) Forgets() bool {
	for _, w := range c.Words {
		if listed("unset unset-all remove-section delete logout revoke set-url remove rm", strings.TrimPrefix(w.Text, "--")) {
			return true
		}
	}
	return false
}

// DebugVariable reports whether a variable with this value makes programs of the table run as for developers.
func DebugVariable(name, value string) bool {
	values, ok := debugVariables[name]
	return ok && value != "" && listed(values, strings.ToLower(strings.Trim(value, `"'`)))
}

// Debugs is the word by which the command, as what a container starts, runs for developers: it opens a debugger to the
// network, or loads changed sources.
func (c *Command) Debugs() (Word, bool) {
	h := habitOf(c)
	for n, w := range c.Words {
		name, _, _ := strings.Cut(w.Text, "=")
		if n > 0 && (listed(h.debugs, name) || c.IsInterpreter() && w.Text == "debugpy" && c.Words[n-1].Text == c.row().modules) {
			return w, true
		}
	}
	return Word{}, false
}

// AddsDebugger is the word by which the command makes a debugger a part of an interpreter: docker-php-ext-enable xdebug.
func (c *Command) AddsDebugger() (Word, bool) {
	for _, w := range c.Operands() {
		if listed(habitOf(c).debuggers, w.Text) {
			return w, true
		}
	}
	return Word{}, false
}
