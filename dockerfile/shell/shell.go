// Package shell reads the commands inside RUN, and knows what package managers and build tools do.
package shell

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Script is what a RUN (or CMD, ENTRYPOINT, HEALTHCHECK CMD) executes.
type Script struct {
	Commands  []*Command // every simple command, in the order of the text, nested ones included
	Exec      bool       // exec form: one command, no shell
	Partial   bool       // the text does not parse, or is too large: Commands may be incomplete
	Malformed bool       // the text does not parse
	HalfTyped bool       // it does not, but more text might mend that: a quote or an if is open
	Unknown   bool       // not a shell that is read here (PowerShell, cmd, a Python heredoc): no Commands
	Functions bool       // it defines functions: what is called by their names runs their commands
	Errexit   bool       // set -e is in effect from the start

	List     []*Statement // what Commands are parts of: the script's top level, in order; none in exec form
	Comments []text.Span  // from '#' to the end of the comment, in order

	src    string        // what was read; "" in exec form
	at     func(int) int // from an offset of src to one of the instruction's text
	inside []*Script     // those of sh -c in it

	bashisms []Bashism

	named     sync.Once
	variables []variable // what Sets and its like ask
}

// Command is one simple command, with wrappers such as sudo, env and sh -c seen through.
type Command struct {
	Program   string // base name of the program, e.g. "pip"; "" if it is not literal
	Words     []Word // the program, then its arguments; wrappers and their options removed
	Assigns   []Assign
	Redirects []Redirect
	Span      text.Span // with wrappers and assignments, relative to the instruction's Text
	Op        string    // what joins it to the command before it: "", "&&", "||", ";", "|", "&"; a newline is ";"
	Pipe      int       // commands with the same non-zero number are one pipeline, those of a group in it included
	Depth     int       // 0 at the top; deeper in subshells, groups, if, for, while, functions and $( )
	InSubst   bool      // inside $( ), backquotes or <( )
	Wrappers  []string  // the programs seen through, outermost first: "sudo", "env", "sh"
	Dir       string    // where an earlier cd of the same script leads, relative to the WORKDIR, or absolute
	Negated   bool      // a ! stands before it, or before what holds it
	// Background says that it, or what holds it, ends with &, or is a >( ): the shell goes on beside it.
	Background bool
	Asked      bool       // in the condition of if, while or until: it may fail
	Top        *Statement // the statement of Script.List that holds it; nil in exec form

	found sync.Once
	rowOf *program

	parsed   sync.Once
	args     []argument
	operands []Word
	starts   bool // what StartsProject tells

	installed sync.Once
	install   *Install

	packaged   sync.Once
	osPackages *OSPackages

	effected sync.Once
	effects  Effects
	wrote    []Word     // files that the wrappers write
	sudo     sudo       // how a wrapper gives it the rights of root
	outer    []Redirect // redirections of the groups and shells that it is in
	items    []Word     // what the loops that it is in go through; the shell looks for files if they are patterns
}

// Word is one argument of a command.
type Word struct {
	Span    text.Span // relative to the instruction's Text; quotes included
	Text    string    // quotes removed; expansions as written
	Literal bool      // has no variable, command substitution or glob
}

// Assign is one NAME=value before a command.
type Assign struct {
	Name  string
	Value Word
}

// Redirect is one redirection of a command.
type Redirect struct {
	Op     string
	Target Word
	Span   text.Span // from the descriptor's number or the operator to the end of the target
}

// Of reads the instruction's commands with the shell in effect, e.g. {"/bin/sh", "-c"}. The result
// is kept with the instruction. Instructions without commands have an empty script.
func Of(in *syntax.Instruction, shell []string) *Script {
	switch in.Name {
	case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
		key := defaultKey
		if !slices.Equal(shell, defaultShell) {
			key = memoKey(strings.Join(shell, "\x00"))
		}
		return in.Memo(key, func() any { return read(in, shell) }).(*Script)
	}
	return none
}

var none = &Script{}

// Commands are the instruction's commands if all of them are known: none if the text does not parse.
func Commands(in *syntax.Instruction, shell []string) []*Command {
	if s := Of(in, shell); !s.Partial {
		return s.Commands
	}
	return nil
}

type memoKey string

// The shell of most steps, and its key, which is not made again for each.
var (
	defaultShell     = []string{"/bin/sh", "-c"}
	defaultKey   any = memoKey(strings.Join(defaultShell, "\x00"))
)

func read(in *syntax.Instruction, shell []string) *Script {
	if in.Name == "HEALTHCHECK" {
		return readHealthcheck(in, shell)
	}
	if in.JSON {
		return readExec(in)
	}
	if !readable(shell) {
		return &Script{Unknown: true}
	}
	if len(in.Heredocs) == 1 && in.Heredocs[0].Op == in.Args {
		return readHeredoc(in)
	}
	line := in.Joined()
	start := sort.Search(len(line.Line), func(i int) bool { return line.At(i) >= in.Args.Start })
	source := line.Line[start:]
	at := func(i int) int { return line.At(start + i) }
	if len(in.Heredocs) > 0 {
		// The shell gets the bodies after the line.
		from, n := min(in.Heredocs[0].Content.Start, in.Body.End), len(source)+1
		source += "\n" + in.Text[from:in.Body.End]
		joined := at
		at = func(i int) int {
			if i < n {
				return joined(min(i, n-2))
			}
			return from + i - n
		}
	}
	return parse(source, at, in.Body.End)
}

// readable reports whether the shell is one of the family of sh.
func readable(shell []string) bool {
	if len(shell) == 0 {
		return true
	}
	return ofKind(strings.ReplaceAll(strings.ToLower(shell[0]), `\`, "/"), shellKind|applets)
}

// readHealthcheck reads the command after HEALTHCHECK CMD.
func readHealthcheck(in *syntax.Instruction, shell []string) *Script {
	line := in.Joined()
	i := indexFold(line.Line, " CMD ")
	if i < 0 || !readable(shell) {
		return &Script{Unknown: i >= 0}
	}
	start := i + len(" CMD ")
	if strings.HasPrefix(strings.TrimSpace(line.Line[start:]), "[") {
		return &Script{Exec: true, Unknown: true}
	}
	return parse(line.Line[start:], func(i int) int { return line.At(start + i) }, in.Body.End)
}

// indexFold is the place of a word in capital letters, written in any case; -1 if it is not there. Only
// ASCII is folded: other letters may change their length.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// readHeredoc reads a script that is a heredoc of its own, by its #! line if it has one.
func readHeredoc(in *syntax.Instruction) *Script {
	h := in.Heredocs[0]
	body := h.Content.Of(in.Text)
	errexit := false
	if words := shebang(body); words != nil {
		if !readable(words) {
			return &Script{Unknown: true}
		}
		errexit = Errexit(words)
	}
	s := parse(body, func(i int) int { return h.Content.Start + i }, h.Content.End)
	s.Errexit = s.Errexit || errexit
	return s
}

// readExec reads a JSON array: one command without a shell, unless it names one.
func readExec(in *syntax.Instruction) *Script {
	c := &Command{Span: in.Args}
	for _, w := range in.Words {
		c.Words = append(c.Words, Word{Span: w.Span, Text: w.Text, Literal: true})
	}
	if len(c.Words) == 0 {
		return &Script{Exec: true}
	}
	s := &Script{Exec: true}
	r := reader{script: s}
	r.add(c)
	return s
}
