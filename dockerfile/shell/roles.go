package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// This file answers what programs are for: those that are started, and those that projects need to develop.

// GivesUpRoot reports whether the name is that of a program, or of its package, that is started as root and works as
// another user: a server such as nginx, or what entrypoints are made with, such as gosu.
func GivesUpRoot(name string) bool { return ofKind(name, daemon|dropper) }

// Serves reports whether a command line starts a server that works as another user by itself, of a program that others only
// use: rsync --daemon.
func Serves(argv []string) bool {
	for _, word := range argv {
		if p := lookup(path.Base(strings.Trim(word, `"'`))); p != nil && p.serves != "" {
			return slices.Contains(argv, p.serves)
		}
	}
	return false
}

// RunsCompiled reports whether a command line starts what was compiled before with a program that comes with a compiler,
// but needs none for that: java -jar app.jar, dotnet app.dll.
func RunsCompiled(argv []string) bool {
	if len(argv) == 0 {
		return false
	}
	p := lookup(path.Base(argv[0]))
	if p == nil || p.compiled == "" {
		return false
	}
	return slices.ContainsFunc(argv[1:], func(word string) bool {
		return slices.ContainsFunc(strings.Fields(p.compiled), func(sign string) bool {
			return word == sign || sign[0] == '.' && strings.HasSuffix(word, sign)
		})
	})
}

// IsServer reports whether the name is that of a server that, started as root, works as another user by itself.
func IsServer(name string) bool { return ofKind(name, daemon) }

// SwitchesUser reports whether the name is that of a program that runs others as another user: su, sudo, gosu.
func SwitchesUser(name string) bool { return ofKind(name, switcher|dropper) }

// StartsOthers reports whether the name is that of a program that starts others, each as the user that its
// settings name: init.
func StartsOthers(name string) bool { return ofKind(name, supervisor) }

// RunsAsRoot reports whether the name is that of a program that works as no other user than root: a VPN, a firewall, what runs containers.
func RunsAsRoot(name string) bool { return ofKind(name, rootOnly) }

// IsREPL reports whether the name is that of a program that, without arguments, waits for what someone types.
func IsREPL(name string) bool { return ofKind(name, repl) || ofKind(strings.ToLower(name), repl) }

// StartsREPL reports whether the program of that name, with these arguments, waits for what someone types: python, bash -l.
func StartsREPL(name string, args []string) bool {
	if !IsREPL(name) || len(args) == 0 {
		return IsREPL(name)
	}
	p := lookup(path.Base(name))
	return len(args) == 1 && strings.HasPrefix(args[0], "-") && (p == nil || !listed(p.script, args[0]) && args[0] != p.inline)
}

func ofKind(name string, k kind) bool {
	p := lookup(path.Base(name))
	return p != nil && p.kind&k != 0
}

// IsServerUser reports whether a server of the table works as the user by itself.
func IsServerUser(name string) bool {
	return slices.ContainsFunc(programs, func(p program) bool { return listed(p.users, name) })
}

// Idles reports whether a command line does nothing until it is stopped, so that people can enter the container.
func Idles(argv []string) bool {
	line := strings.Join(argv, " ")
	return line == "sleep infinity" || line == "tail -f /dev/null"
}

// KeepsUser reports whether the command switches to no user and writes no settings that may, though its words
// may name users: useradd, chown, echo.
func (c *Command) KeepsUser() bool { return c.is(keepsUser | accounts) }

// devScript matches the scripts of a package.json that need development dependencies, and the sub-commands that
// run programs of packages.
var devScript = regexp.MustCompile(`\b(build|test|lint|compile|dev|watch|serve|run|exec|dlx|storybook)\b`)

// NeedsDevDeps reports whether the command is one that may need development dependencies.
func (c *Command) NeedsDevDeps() bool {
	if c.is(scripts) {
		return slices.ContainsFunc(c.Operands(), func(w Word) bool { return devScript.MatchString(w.Text) })
	}
	return c.is(devTool)
}

// RunsInput reports whether the command executes its standard input.
func (c *Command) RunsInput() bool {
	switch {
	case c.IsShell():
		operands := c.Operands()
		return !c.hasListed(c.row().script) && (len(operands) == 0 || operands[0].Text == "-" || operands[0].Text == "/dev/stdin" || c.Has(ScriptFromInput))
	case c.InlineScript() != "":
		return len(c.Words) == 1 || c.Words[1].Text == "-" || c.Words[1].Text == "--"
	case c.BuildsCommands():
		// xargs sh -c takes the words of its input for the script; xargs -I{} sh -c {} each line of it.
		n := slices.IndexFunc(c.Words, func(w Word) bool { return IsShellName(w.Text) })
		if n < 0 || n+1 >= len(c.Words) || !listed(lookup(path.Base(c.Words[n].Text)).script, c.Words[n+1].Text) {
			return false
		}
		mark, _ := c.Value(InputMark)
		return n+2 == len(c.Words) || n+3 == len(c.Words) && c.Words[n+2].Text == mark.Text
	}
	return false
}

// ChoosesDeps are the words that say which kinds of dependencies an install takes or leaves out: the values of
// --omit, --only, --without and the like.
func (c *Command) ChoosesDeps() (values []Word) {
	return c.Values(ChosenDeps)
}

// WithoutGroups are the groups of gems that bundle install --without leaves out: bundle takes those that follow, too.
func (c *Command) WithoutGroups() (words []Word) {
	first, ok := c.Value(LeftOutGroups)
	if !ok {
		return nil
	}
	words = []Word{first}
	if operands := c.Operands(); len(operands) > 0 {
		words = append(words, operands[1:]...)
	}
	return words
}

// GemSettings are the words by which Bundler is told a setting from now on: bundle config set without test. ok is
// false for other commands.
func (c *Command) GemSettings() (words []Word, ok bool) {
	words = c.Operands()
	if !c.is(gems) || len(words) < 3 || words[0].Text != "config" {
		return nil, false
	}
	return words[1:], true
}

// ScriptName is the name of the script of a package.json that the command runs: npm run NAME, yarn NAME. ok is false for
// programs that run none; the name of one is a script of theirs only if there is one.
func (c *Command) ScriptName() (name string, ok bool) {
	operands := c.Operands()
	if !c.is(scripts) || len(operands) == 0 {
		return "", false
	}
	name = operands[0].Text
	if (name == "run" || name == "run-script") && len(operands) > 1 {
		name = operands[1].Text
	}
	return name, true
}

// PackageProgram is the program of a package that the command runs by its name: npx NAME, npm exec NAME, yarn NAME.
func (c *Command) PackageProgram() (name Word, ok bool) {
	words := c.Operands()
	switch {
	case len(words) == 0:
		return Word{}, false
	case c.is(packageRunner):
		return words[0], true
	case c.is(scripts) && words[0].Text == "exec", c.is(runsTools):
		return words[len(words)-1], true
	}
	return Word{}, false
}

// IsShellsOwn reports whether each shell has the command, and it runs nothing else: cd, echo, [.
func (c *Command) IsShellsOwn() bool { return c.is(builtin) && !c.is(sourcer|evaluator) }

// AlwaysSucceeds reports whether the command surely succeeds: true, echo, exit 0.
func (c *Command) AlwaysSucceeds() bool {
	if c.Effects().Shell&EndsShell != 0 {
		return len(c.Words) > 1 && c.Words[1].Text == "0"
	}
	return c.is(succeeds)
}

// ReadsOwnVars reports whether the program of that name looks at no variables but its own and those of every
// program.
func ReadsOwnVars(name string) bool {
	p := lookup(path.Base(name))
	if p == nil {
		return false
	}
	return p.kind&ownVars != 0 ||
		p.kind&(interpreter|shellKind|wrapper) == 0 && p.vars == "" && len(p.uses) > 0 && !slices.ContainsFunc(p.uses, func(u use) bool { return u.vars != "" })
}
