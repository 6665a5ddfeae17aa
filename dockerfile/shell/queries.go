package shell

import (
	"path"
	"slices"
	"strings"
)

// This file answers what rules ask about a command, so that no rule names a program.

// IsShell reports whether the command is a shell: sh, bash and their like.
func (c *Command) IsShell() bool { return c.is(shellKind) }

// IsInterpreter reports whether the command runs programs of a language: python, node, and shells too.
func (c *Command) IsInterpreter() bool { return c.is(interpreter) && !c.isModule(c.row()) }

// IsShellName asks the same of a name, with or without a path.
func IsShellName(program string) bool { return isShell(path.Base(program)) }

// Sources reports whether the command runs a file in the shell itself: . and source.
func (c *Command) Sources() bool { return c.is(sourcer) }

// Activates reports whether the command puts a virtual environment of Python into effect: . /venv/bin/activate. That sets
// variables, and nothing else.
func (c *Command) Activates() bool {
	words := c.Operands()
	return c.Sources() && len(words) == 1 && strings.HasSuffix(words[0].Text, "/bin/activate")
}

// Evaluates reports whether the command runs its words as a script in the shell itself: eval.
func (c *Command) Evaluates() bool { return c.is(evaluator) }

// InlineScript is the option of the interpreter whose value is a script: -c of python; "" if it has none.
func (c *Command) InlineScript() string { return c.row().inline }

// Language is the language of which the program is the interpreter, as people write it; "" if there is none.
func (c *Command) Language() string { return c.row().language }

// BuildsCommands reports whether the command makes commands of what it reads from its input: xargs.
func (c *Command) BuildsCommands() bool { return c.is(fromInput) }

// RunsScripts reports whether the program runs scripts of a package.json by their name: npm, yarn.
func (c *Command) RunsScripts() bool { return c.is(scripts) }

// OwnFiles are the files that are the program, where the command names them: ./configure, and the script which an
// interpreter runs.
func (c *Command) OwnFiles() (list []Word) {
	if len(c.Words) > 0 && strings.Contains(c.Words[0].Text, "/") {
		list = append(list, c.Words[0])
	}
	if words := c.Operands(); c.IsInterpreter() && len(words) > 0 && !c.HasFlag(c.InlineScript()) {
		list = append(list, words[0])
	}
	return list
}

// ListsTree reports whether the command lists or hashes whole directories, so that each file in them
// makes a difference to its result.
func (c *Command) ListsTree() bool {
	u, _ := c.use(c.row(), c.Operands())
	return c.is(lister) || u != nil && u.lists
}

// RefreshesItself reports whether a package manager renews expired package lists when it installs: dnf and yum do,
// apt, apk, zypper and pacman do not.
func (c *Command) RefreshesItself() bool { return c.is(refreshes) }

// Removes are the files that the command deletes as its task: rm.
func (c *Command) Removes() []Word {
	if c.is(remover) && !c.InSubst {
		return c.Operands()
	}
	return nil
}

// Links are the symbolic links that the command makes as its task, or the folders in which it does: ln -s.
func (c *Command) Links() []Word {
	if c.is(linker) && !c.InSubst {
		return c.Effects().Writes.Words
	}
	return nil
}

// Moves are the files that the command moves elsewhere: mv.
func (c *Command) Moves() []Word {
	words := c.Operands()
	switch {
	case !c.is(mover):
		return nil
	case c.Has(TargetFolder):
		return words
	case len(words) < 2:
		return nil
	}
	return words[:len(words)-1]
}

// GivesFiles are the files that the command gives to a user, and that user and group as they are written: chown,
// install -o.
func (c *Command) GivesFiles() (to Word, files []Word, ok bool) {
	words := c.Operands()
	switch {
	case c.is(giver):
		to, ok = c.Value(FileOwner)
		return to, words, ok
	case c.is(owner) && len(words) > 1 && !c.Has(LikeFile):
		return words[0], words[1:], true
	}
	return Word{}, nil, false
}

// MakesDirs are the directories that the command makes as its task: mkdir.
func (c *Command) MakesDirs() []Word {
	if c.is(dirMaker) {
		return c.Operands()
	}
	return nil
}

// MakesNothing reports whether the command only changes or removes what is there: chown, chmod, rm.
func (c *Command) MakesNothing() bool { return c.is(changer|remover) && len(c.Redirects) == 0 }

// StartsProject reports whether the command makes the files of a new project, as most tools call it: npm init,
// cargo new, rails new, go mod init, mvn archetype:generate, npx create-vite.
func (c *Command) StartsProject() bool {
	c.arguments()
	return c.starts
}

func (c *Command) startsProject() bool {
	for _, w := range c.operands[:min(2, len(c.operands))] {
		_, goal, _ := strings.Cut(w.Text, ":")
		if slices.Contains(startsProject, w.Text) || slices.Contains(startsProject, goal) || c.is(packageRunner) && strings.HasPrefix(w.Text, "create-") {
			return true
		}
	}
	return false
}

// startsProject are the sub-commands that make a project.
var startsProject = []string{"create", "create-project", "generate", "init", "new", "scaffold", "startproject"}

// MakesUsers are the names of the users that the command makes.
func (c *Command) MakesUsers() []Word {
	if c.is(userMaker) {
		return c.Effects().Users
	}
	return nil
}

// NeedsRoot reports whether only root can run the command: it installs system packages or makes users.
func (c *Command) NeedsRoot() bool {
	os, ok := c.OSPackages()
	return ok && (os.Install || os.Upgrade || os.Remove) || c.is(accounts)
}

// InstallsNothing reports whether the command surely installs no packages of the operating system.
func (c *Command) InstallsNothing() bool {
	e := c.Effects()
	return e.Known && !e.Writes.All && !e.Vars.All && (!e.Writes.System || c.is(accounts|settings)) && c.row().packages == nil
}

// Exports are the assignments of export: NAME=VALUE.
func (c *Command) Exports() (list []Assign) {
	if !c.is(exporter) {
		return nil
	}
	for _, w := range c.Words[1:] {
		if name, value, ok := strings.Cut(w.Text, "="); ok {
			list = append(list, Assign{Name: name, Value: Word{Span: w.Span, Text: value, Literal: w.Literal}})
		}
	}
	return list
}

// SetBefore are the assignments that stand before the command in the script, exported or not, in order: what
// may be in its environment beside its own.
func (s *Script) SetBefore(c *Command) (list []Assign) {
	for _, above := range s.Commands {
		if above == c {
			return list
		}
		if len(above.Words) == 0 {
			list = append(list, above.Assigns...)
		}
		list = append(list, above.Exports()...)
	}
	return nil // the command is not of this script
}

// MayHoldOptions reports whether a word of the command is an expansion that may stand for options: $FLAGS.
func (c *Command) MayHoldOptions() bool {
	return len(c.Words) > 1 && slices.ContainsFunc(c.Words[1:], mayBeOptions)
}

// Needs are file names of which one must be in the directory for the command to work, as a Makefile
// for make; none if an option names another.
func (c *Command) Needs() []string {
	p := c.row()
	if p.needs == "" || slices.ContainsFunc(c.arguments(), func(a argument) bool {
		return a.flag != "" && (listed(p.reads, a.flag) || listed(p.dir, a.flag))
	}) {
		return nil
	}
	return strings.Fields(p.needs)
}

// Compiles reports whether the command builds the project into something that runs without the program and
// without the sources: go build, mvn package.
func (c *Command) Compiles() bool {
	inst, ok := c.Install()
	return ok && inst.Build && c.is(standalone)
}

// RunsSources reports whether the command, as what a container starts, works on the project's sources: go run,
// mvn spring-boot:run, make, a tool that watches files.
func (c *Command) RunsSources() bool {
	u, _ := c.use(c.row(), c.Operands())
	return c.is(standalone) && u != nil || c.is(devTool) && !c.is(packageRunner) || len(c.Needs()) > 0
}

// Logs are the files beside its results that options make the command write: a log, a report.
func (c *Command) Logs() []Word { return c.flags(strings.Fields(c.row().logs)...) }

// DropsDevDeps reports whether the command removes development dependencies that an install before
// it brought.
func (c *Command) DropsDevDeps() bool {
	words := c.Operands()
	return len(words) > 0 && listed(c.row().prunes, words[0].Text)
}

// DropsLists reports whether the command deletes the package lists by itself: apt-get dist-clean.
func (c *Command) DropsLists() bool {
	os, ok := c.OSPackages()
	return ok && os.DropsLists
}

// BuildsPackages reports whether the command may run what packages of others build or run when they are
// installed: extensions in C, install scripts of npm.
func (c *Command) BuildsPackages() bool {
	e := c.Effects()
	return c.Cost() >= Packages && e.Known && e.Vars.Has(compiler)
}

// compiler is a variable that each build of an extension looks at.
const compiler = "CC"

// LogsUser is the number of the user that the command makes, if it also notes the user in the logs of logins, which have
// a place for each number up to it: useradd.
func (c *Command) LogsUser() (number Word, ok bool) {
	if c.row().means[NoLoginLog] == "" || c.Has(NoLoginLog) {
		return Word{}, false
	}
	return c.Value(UserNumber)
}

// EntersDir is GoesTo where the directory is certain: one is named, and the commands after this one work in it.
func (c *Command) EntersDir() (dir Word, ok bool) {
	if dir, ok = c.GoesTo(); ok && len(c.Operands()) == 1 && !c.InSubst {
		return dir, true
	}
	return Word{}, false
}

// DownloadsByAddress reports whether the name is that of a program, or of its package, that downloads files by their
// addresses: curl, wget.
func DownloadsByAddress(name string) bool { p := lookup(name); return p != nil && p.fetches != nil }

// ShowsProgress reports whether the command prints a line for each part that it downloads, though nobody watches: wget
// without an option against it. The one of busybox does so, too, but does not know all options.
func (c *Command) ShowsProgress() bool {
	quiet := c.row().means[QuietDownload]
	return quiet != "" && !c.hasListed(quiet) && len(c.Operands()) > 0
}

// UserNumbered is the user that the command makes, and the number that it gives the user; ok is false if it gives none.
func (c *Command) UserNumbered() (name, number Word, ok bool) {
	number, ok = c.Value(UserNumber)
	users := c.MakesUsers()
	if !ok || len(users) != 1 {
		return name, number, false
	}
	return users[0], number, true
}
