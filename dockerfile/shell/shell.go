// Package shell reads the commands inside RUN and what package managers and build tools do.
package shell

import (
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Script is what a RUN (or CMD, ENTRYPOINT, HEALTHCHECK CMD) executes.
type Script struct {
	Commands []*Command // every simple command, in the order of the text, nested ones included
	Exec     bool       // exec form: one command, no shell
	Partial  bool       // the text does not parse (half typed, or not a POSIX shell): be careful
	Unknown  bool       // not a shell that we read (PowerShell, cmd, python heredoc): no Commands
	Errexit  bool       // set -e is in effect from the start
}

// Command is one simple command, wrappers such as sudo, env and sh -c seen through.
type Command struct {
	Program   string   // base name of the program, e.g. "pip"; "" if it is not literal
	Words     []Word   // the arguments, the program first; wrappers and their options removed
	Assigns   []Assign // VAR=value before the command, and those of env
	Redirects []Redirect
	Span      text.Span // the command with its wrappers and assignments, relative to the instruction's Text
	Op        string    // what joins it to the command before it in the same list: "", "&&", "||", ";", "|", "&" (a newline is ";")
	Pipe      int       // commands with the same non-zero number are one pipeline
	Depth     int       // 0 at the top of the script; deeper in subshells, groups, if, for, while, functions, $( )
	InSubst   bool      // inside $( ) or backquotes
	Wrappers  []string  // names of the wrappers, outermost first: "sudo", "env", "sh"
}

// Word is one argument of a command.
type Word struct {
	Span    text.Span // relative to the instruction's Text; quotes included
	Text    string    // quotes removed; variables as written ($X)
	Literal bool      // has no expansion: no variable, command substitution or glob
}

// Assign is one VAR=value.
type Assign struct {
	Name  string
	Value Word
}

// Redirect is one redirection of a command.
type Redirect struct {
	Op     string // ">", ">>", "<", "<<", "<<<" ...
	Target Word
}

// Of reads the instruction's commands with the shell in effect, e.g. {"/bin/sh", "-c"}. The result
// is kept with the instruction. Instructions without commands have an empty script.
func Of(in *syntax.Instruction, shell []string) *Script { panic("shell") }

// HasFlag reports whether one of the flags ("-y", "--yes") is given, also in a cluster (-qy) or
// with =value. Words after "--" do not count.
func (c *Command) HasFlag(names ...string) bool { panic("shell") }

// Flag returns the value of the first of the flags that is given, as --name=value, --name value,
// -n value or -nvalue.
func (c *Command) Flag(names ...string) (value Word, ok bool) { panic("shell") }

// Operands are the words after the program that are neither flags nor values of flags, as far as
// the table of tools knows which flags take values. A sub-command is the first operand.
func (c *Command) Operands() []Word { panic("shell") }

// Install is a command that installs what a manifest of the project names, or builds the project.
type Install struct {
	Ecosystem    string   // row of the table: "npm", "yarn", "pnpm", "pip", "poetry", "go", "cargo", "maven" ...
	Tool         string   // program as called: "pip", "npm", "./mvnw"
	Phrase       string   // for messages: "pip install", "npm ci"
	DepsOnly     bool     // reads manifests and lock files only, never the sources
	Frozen       bool     // does not write the lock file
	Why          string   // if not DepsOnly: what else it reads ("it installs the project itself")
	Files        []Word   // files that options name: -r requirements.txt, -c constraints.txt, -f environment.yml
	Outputs      []string // directories, relative to the working directory, that it fills: "node_modules"
	CleansOutput bool     // it deletes the output directory first (npm ci)
	Production   bool     // leaves development dependencies out by its own flags
	Dir          Word     // the directory it works in if an option says so (--prefix, -C, --cwd); Span empty if not
	Command      *Command // the command itself, for readers that ask for more of its flags
}

// Install reads the command by the table of package managers. ok is false for all other commands,
// and for those that install named packages only (pip install flask, apt-get install git).
func (c *Command) Install() (inst *Install, ok bool) { panic("shell") }

// Cost is how expensive a command typically is to run again.
type Cost int

// The classes of cost.
const (
	Cheap    Cost = iota
	Download      // fetches something: curl, git clone
	Packages      // installs packages
	Compile       // compiles or bundles the project
)

// Cost classifies the command: what a needless re-run costs.
func (c *Command) Cost() Cost { panic("shell") }

// OSPackages is an operating system package manager's command.
type OSPackages struct {
	Manager  string // apt, apk, dnf, yum, microdnf, zypper, pacman
	Refresh  bool   // updates the index only
	Upgrade  bool
	Install  bool
	Remove   bool
	Clean    bool
	Packages []Word
}

// OSPackages reads apt-get, apt, apk, dnf, yum, microdnf, tdnf, zypper and pacman commands.
func (c *Command) OSPackages() (OSPackages, bool) { panic("shell") }
