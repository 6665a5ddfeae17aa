package shell

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/text"
)

// This file says what some programs do beyond what a row of the table can.

// evaluates is for . and eval: anything may happen, beginning with reading the file.
func evaluates(c *Command, e *Effects) {
	e.Known, e.Shell = false, ChangesOther
	if c.Sources() && len(c.Words) > 1 {
		e.Reads.word(c.Words[1])
	}
}

// unknownUse is for programs of which only the options are known.
func unknownUse(_ *Command, e *Effects) { e.Known = false }

// tests is for [ and test: the words behind -f and its like are files.
func tests(c *Command, e *Effects) {
	for i, w := range c.Words[1:] {
		rest := c.Words[i+2:]
		switch w.Text {
		case "-a", "-b", "-c", "-d", "-e", "-f", "-g", "-G", "-h", "-k", "-L", "-N", "-O", "-p", "-r", "-s", "-S", "-u", "-w", "-x":
			if len(rest) > 0 {
				e.Reads.word(rest[0])
			}
		case "-nt", "-ot", "-ef":
			e.Reads.word(c.Words[i])
			if len(rest) > 0 {
				e.Reads.word(rest[0])
			}
		}
	}
}

// printsVars is for set, export and declare without names, which print all variables.
func printsVars(c *Command, e *Effects) {
	if len(c.Words) == 1 && len(c.Assigns) == 0 || len(c.Words) == 2 && c.Words[1].Text == "-p" {
		e.Vars.All = true
	}
}

// printfVar is for printf -v NAME.
func printfVar(c *Command, e *Effects) {
	if len(c.Words) > 1 && c.Words[1].Text == "-v" {
		e.Shell |= ChangesVars
	}
}

// minusMode is for chmod -x FILE, where the mode looks like an option.
func minusMode(c *Command, e *Effects) {
	for _, w := range c.Words[1:] {
		if isShort(w.Text) && strings.Trim(w.Text[1:], "rwxXst") == "" {
			e.Reads.add(operands, c.Operands())
			e.Writes.add(operands, c.Operands())
			return
		}
	}
}

// addsUser is for adduser, of which adduser USER GROUP adds to a group.
func addsUser(c *Command, e *Effects) {
	if len(c.Operands()) != 2 {
		makesUser(c, e)
	}
}

// makesUser is for useradd.
func makesUser(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) == 0 {
		return
	}
	name := words[len(words)-1]
	e.Users = append(e.Users, name)
	if !c.HasFlag("-d", "-h", "--home", "--home-dir", "-b", "--base-dir") {
		name.Text = "/home/" + name.Text
		e.Writes.word(name)
	}
}

func makesGroup(c *Command, e *Effects) {
	if words := c.Operands(); len(words) == 1 {
		e.Users = append(e.Users, words[0])
	}
}

// removesHome is for userdel -r: which directory that is, the system knows.
func removesHome(c *Command, e *Effects) {
	if c.HasFlag("-r", "--remove", "--remove-home", "--remove-all-files") {
		e.Reads.All, e.Writes.All = true, true
	}
}

// movesHome is for usermod -m -d DIR, which empties the old home.
func movesHome(c *Command, e *Effects) {
	if c.HasFlag("-m", "--move-home") || c.HasFlag("-u", "--uid") {
		e.Reads.All, e.Writes.All = true, true
	}
}

// remoteCopy is for rsync and scp, which copy from other machines too; rsync --delete and the like
// stay below the destination.
func remoteCopy(c *Command, e *Effects) {
	e.Network = true
	if c.HasFlag("--remove-source-files") {
		e.Writes.All = true
	}
}

// linksHere is for ln TARGET, whose link is in the directory.
func linksHere(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) == 1 && !c.HasFlag("-t", "--target-directory") {
		w := words[0]
		e.Reads.word(w)
		e.Writes = Paths{}
		w.Text = path.Base(w.Text)
		e.Writes.word(w)
	}
}

// dd names files as if=FILE and of=FILE.
func dd(c *Command, e *Effects) {
	for _, w := range c.Words[1:] {
		name, value, _ := strings.Cut(w.Text, "=")
		switch w.Text = value; name {
		case "if":
			e.Reads.word(w)
		case "of":
			e.Writes.word(w)
		}
	}
}

// awk is known if its program writes no file and runs no command.
func awk(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) == 0 || c.HasFlag("-f", "--file", "-i", "--include", "-E") || !safeScript(words[0], ">|", "system", "getline", "close") {
		e.Known = false
		return
	}
	e.Known = true
	e.Reads.add(operands, words[1:])
	e.Vars.add("*") // ENVIRON
}

// safeScript reports whether the script is written out, and holds none of the bytes and words.
func safeScript(w Word, bytes string, words ...string) bool {
	return !strings.Contains(w.Text, "$(") && !strings.ContainsAny(w.Text, bytes) &&
		!slices.ContainsFunc(words, func(word string) bool { return strings.Contains(w.Text, word) })
}

// sed edits in place with -i; its scripts can write files (w) and run commands (e).
func sed(c *Command, e *Effects) {
	words, scripts := c.Operands(), c.flags("-e", "--expression")
	if len(scripts) == 0 && !c.HasFlag("-f", "--file") {
		if len(words) == 0 {
			return
		}
		scripts, words = words[:1], words[1:]
	}
	e.Known = !slices.ContainsFunc(scripts, sedActs)
	e.Vars.add(anyProgram)
	e.Reads.add(operands, words)
	inPlace, suffix := false, false
	for _, w := range c.Words[1:] {
		name, _, valued := strings.Cut(w.Text, "=")
		switch {
		case w.Text == "--":
		case c.row().whole(name) == "--in-place":
			inPlace, suffix = true, suffix || valued
		case isShort(w.Text):
			letters, end, found := strings.Cut(w.Text[1:], "i")
			if found && !strings.ContainsAny(letters, "efl") {
				inPlace, suffix = true, suffix || end != ""
			}
		}
	}
	if inPlace {
		e.Writes.add(operands, words)
	}
	if suffix {
		e.Writes.add(beside, words)
	}
}

// sedActs reports whether the script may have a command w, W or e, or the flags of s of those names.
func sedActs(w Word) bool {
	s := w.Text
	for i := 0; i < len(s); i++ {
		// A command stands at the beginning, behind ; { } or a newline, behind an address, or it is a flag
		// at the end.
		switch s[i] {
		case 'w', 'W', 'r', 'R':
			if i+1 < len(s) && s[i+1] == ' ' && (i == 0 || !text.IsWord(s[i-1])) {
				return true
			}
		case 'e':
			if (i == 0 || !text.IsWord(s[i-1])) && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == ';' || s[i+1] == 'g') {
				return true
			}
		}
	}
	return false
}

// find reads the directories that stand before its tests; -exec is another command, of which
// nothing is said here.
func find(c *Command, e *Effects) {
	e.Known = true
	e.Vars.add(anyProgram)
	var roots []Word
	for _, w := range c.Words[1:] {
		if strings.HasPrefix(w.Text, "-") || w.Text == "(" || w.Text == "!" {
			if w.Text == "-L" || w.Text == "-P" || w.Text == "-H" {
				continue
			}
			break
		}
		e.Known = e.Known && !mayBeOptions(w)
		roots = append(roots, w)
	}
	here := len(roots) == 0
	e.Reads, e.Writes = Paths{Tree: here}, Paths{}
	e.Reads.add(operands, roots)
	for i, w := range c.Words[1:] {
		switch w.Text {
		case "-delete":
			e.Writes.Tree = here
			e.Writes.add(operands, roots)
		case "-exec", "-execdir", "-ok", "-okdir":
			e.Known = false
		case "-fprint", "-fprintf", "-fls", "-fprint0":
			if i+2 < len(c.Words) {
				e.Writes.word(c.Words[i+2])
			}
		case "-newer", "-samefile", "-files0-from":
			if i+2 < len(c.Words) {
				e.Reads.word(c.Words[i+2])
			}
		}
	}
}

// startsServices is for service and systemctl: enabling writes to the system, starting runs anything.
func startsServices(c *Command, e *Effects) {
	words := Texts(c.Operands())
	harmless := func(w string) bool {
		return slices.Contains([]string{"enable", "disable", "mask", "unmask", "set-default", "add", "del", "delete", "defaults"}, w)
	}
	if e.Known = slices.ContainsFunc(words, harmless); e.Known {
		e.Reads.System, e.Writes.System = true, true
	}
}

// corepack prepare without a name reads package.json.
func corepack(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) == 0 || words[0].Text != "prepare" {
		return
	}
	e.Known, e.Network = true, true
	e.Reads.Home, e.Writes.Home = true, true
	e.Reads.Tree = len(words) == 1
	e.Vars.add("COREPACK_* NODE_* NPM_*")
	e.Vars.add(anyProgram)
	e.Vars.add(proxies)
}

// mixLocal is for the tasks that install mix's own tools.
func mixLocal(c *Command, e *Effects) {
	if words := c.Operands(); len(words) > 0 && strings.HasPrefix(words[0].Text, "local.") {
		e.Reads.Tree = len(words) > 1
		e.Reads.add(files, words[1:])
	}
}

// buildsProject is for pip and uv, which run the build of a path that they install.
func buildsProject(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) > 0 && words[0].Text == "pip" {
		words = words[1:] // uv pip, python -m pip
	}
	if len(words) == 0 || words[0].Text != "install" && words[0].Text != "wheel" {
		return
	}
	for _, w := range words[1:] {
		if mayBeFile(w) {
			e.Reads.word(w)
			if path.Ext(w.Text) != ".whl" {
				e.Writes.word(w)
				e.Vars.All = true
			}
		}
	}
}

// globalProject is for npm install -g without a package, which installs the project of the directory.
func globalProject(c *Command, e *Effects) {
	if len(c.Operands()) == 1 && c.HasFlag("-g", "--global") && e.Writes.Global && e.Network {
		e.Reads.All, e.Writes.All, e.Vars.All = true, true, true
	}
}

// goInstall is for go install without a version, which builds the project.
func goInstall(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) == 0 || words[0].Text != "install" {
		return
	}
	named := len(words) > 1 && !slices.ContainsFunc(words[1:], func(w Word) bool { return !strings.Contains(w.Text, "@") })
	if named {
		e.Reads.Tree = false // it works in module mode, outside of any module
		return
	}
	e.Reads.All, e.Writes.All, e.Vars.All = true, true, true
}

// clones adds the directory that git clone makes.
func clones(c *Command, e *Effects) {
	words := c.Operands()
	if len(words) < 2 || words[0].Text != "clone" {
		return
	}
	to := words[len(words)-1]
	if len(words) == 2 {
		to.Text = strings.TrimSuffix(path.Base(strings.TrimRight(to.Text, "/")), ".git")
		if i := strings.LastIndexByte(to.Text, ':'); i >= 0 {
			to.Text = to.Text[i+1:] // git@host:name.git
		}
		if c.HasFlag("--bare", "--mirror") {
			to.Text += ".git"
		}
	}
	e.Writes.word(to)
	if dir, ok := c.Flag("-C"); ok {
		paths := Paths{Words: []Word{to}}
		paths.moveTo(dir)
		e.Writes.word(paths.Words[0])
	}
}

// SetsMode are the files of which the command sets the permissions, and these as they are written: chmod.
func (c *Command) SetsMode() (mode Word, files []Word, ok bool) {
	words := c.Operands()
	if c.Program != "chmod" || len(words) < 2 || c.HasFlag("--reference") {
		return Word{}, nil, false
	}
	return words[0], words[1:], true
}

// Recursive reports whether a chmod or chown changes folders with all below them.
func (c *Command) Recursive() bool { return c.HasFlag("-R", "--recursive") }

// ChangesOwner reports whether the command changes nothing of what is there but whose it is: chown, chgrp.
func (c *Command) ChangesOwner() bool {
	return c.MakesNothing() && (c.is(owner) || c.Program == "chgrp")
}

// ChangesMode reports whether the command changes nothing of what is there but who may read, write and run it: chmod. What setcap
// and setfacl give a file no COPY can give it.
func (c *Command) ChangesMode() bool { return c.MakesNothing() && c.Program == "chmod" }
