package shell

import (
	"slices"
	"strings"

	"layerwise/dockerfile/syntax"
)

// Install is a command that installs what a manifest of the project names, or builds the project.
type Install struct {
	Command        *Command
	Ecosystem      string   // "npm", "yarn", "pip", "poetry", "go", "cargo", "maven" …
	Phrase         string   // for messages: "pip install", "npm ci"
	Build          bool     // it compiles or runs the project: it is no install at all
	RecordsCommit  bool     // it writes the commit into what it builds, where it finds a repository
	DepsOnly       bool     // it reads manifests and lock files only, never the sources
	Frozen         bool     // it does not write the lock file
	NeedsLock      bool     // it fails if there is no lock file
	FrozenForm     string   // what would make it keep to the lock file: an option, or another sub-command; "" if it does, or that is not known
	FrozenEnv      []string // variables that do so too
	Why            string   // if not DepsOnly: the reason, as the end of a sentence
	Files          []Word   // files that options name: -r requirements.txt, -f environment.yml
	Outputs        []string // directories that an option makes it fill, relative to its directory; otherwise the ecosystem's own
	CleansOutput   bool     // it deletes its output directory first (npm ci)
	Production     bool     // its own flags leave development dependencies out
	ProductionFlag string   // the flag that would, e.g. "--omit=dev"; "" if the tool has none
	ProductionEnv  []string // variables that do so too: "NODE_ENV=production"; without "=", any value
	LockOnly       bool     // it reads the lock file, and no manifest
	Lock           string   // the name of that file, if LockOnly
	Hooks          bool     // it runs scripts that the project has for an install
	Settings       []string // files with settings of the tool, in its directory or above
	Dir            Word     // the directory that an option makes it work in; Span empty if none does

	memo syntax.Memo
}

// Memo is how other packages keep what they derive from the command as an install.
func (i *Install) Memo(key any, compute func() any) any { return i.memo.Get(key, compute) }

// Install reads the command by the table of package managers and build tools. ok is false for all
// other commands, and for those that install named packages only (pip install flask). The result is kept
// with the command, and not the caller's to change.
func (c *Command) Install() (inst *Install, ok bool) {
	c.installed.Do(func() { c.install = c.readInstall() })
	return c.install, c.install != nil
}

func (c *Command) readInstall() *Install {
	if c.InSubst || len(c.Words) == 0 {
		return nil
	}
	p := lookup(c.Program)
	if p == nil || p.install == nil {
		return nil
	}
	return c.readAs(p.install)
}

// readAs reads the command as a line of the table does.
func (c *Command) readAs(read func(*call) *Install) *Install {
	i := read(&call{Command: c, operands: Texts(c.Operands())})
	if i != nil && i.Command == nil {
		i.Command = c
	}
	if i != nil && i.Phrase == "" {
		i.Phrase = strings.Join(append([]string{c.Program}, firstWords(c)...), " ")
	}
	return i
}

// Phrase is what messages call the command: its program with the sub-command, if the table knows one. "pip install",
// "npm run build", "make". The program is as it is written if that is not literal.
func (c *Command) Phrase() string {
	if inst, ok := c.Install(); ok {
		return inst.Phrase
	}
	if len(c.Words) == 0 {
		return ""
	}
	p, name, operands := c.row(), c.Program, c.Operands()
	switch {
	case name == "":
		return c.Words[0].Text
	case c.isModule(p):
		name, operands = c.Words[2].Text, operands[1:]
	case p.packages != nil && p.packages.read != nil && len(c.Words) > 1:
		return name + " " + c.Words[1].Text // pacman -Syu
	}
	_, subs := c.use(p, operands)
	return strings.Join(append([]string{name}, Texts(operands[:subs])...), " ")
}

// firstWords are the words of a phrase: the sub-command, or the option that stands for it.
func firstWords(c *Command) []string {
	operands := Texts(c.Operands())
	if script, ok := c.ScriptName(); ok && len(operands) > 1 && script == operands[1] && len(script) <= maxScriptName {
		return operands[:2] // npm run build
	}
	if len(operands) > 1 && slices.Contains([]string{"env", "package", "pub", "dependency", "recipe", "workspaces", "deps", "chef"}, operands[0]) {
		return operands[:2]
	}
	if len(operands) > 0 {
		return operands[:1]
	}
	return nil
}

// maxScriptName is how long the name of a script may be in a message.
const maxScriptName = 30

// call is a command with its operands at hand.
type call struct {
	*Command
	operands []string
}

// Texts are the words as the program gets them, as far as that is known.
func Texts(words []Word) (list []string) {
	for _, w := range words {
		list = append(list, w.Text)
	}
	return list
}

// sub is the nth operand; "" if there is none.
func (c *call) sub(n int) string {
	if n < len(c.operands) {
		return c.operands[n]
	}
	return ""
}

func (c *call) is(names ...string) bool { return slices.Contains(names, c.sub(0)) }

// dir is the value of the first given option that names the working directory.
func (c *call) dir(flags ...string) Word {
	w, _ := c.Flag(flags...)
	return w
}

func build(ecosystem string) *Install { return &Install{Ecosystem: ecosystem, Build: true} }

func deps(ecosystem string, frozen bool) *Install {
	return &Install{Ecosystem: ecosystem, DepsOnly: true, Frozen: frozen}
}

// named gives the install the name that messages call it by.
func named(phrase string, i *Install) *Install {
	i.Phrase = phrase
	return i
}

// freezes notes what would make the install keep to the lock file: an option or a sub-command, or variables.
func (i *Install) freezes(form string, variables ...string) {
	if !i.Frozen {
		i.FrozenForm, i.FrozenEnv = form, variables
	}
}

func impure(ecosystem, why string) *Install { return &Install{Ecosystem: ecosystem, Why: why} }
