package shell

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"layerwise/dockerfile/syntax"
	"layerwise/internal/lazy"
)

// Argv are the words of an instruction in shell form, if it is one simple command that needs no shell: nothing in it is
// expanded or redirected, and the shell itself, sh, does nothing else.
func Argv(in *syntax.Instruction, sh []string) (argv []string, ok bool) {
	script := Of(in, sh)
	if script.Partial || script.Unknown || script.Errexit || len(script.Comments) > 0 || len(script.Commands) != 1 {
		return nil, false
	}
	cmd := script.Commands[0]
	if cmd.Span != in.Args || len(cmd.Assigns)+len(cmd.Redirects)+len(cmd.Wrappers) > 0 || cmd.Negated || cmd.Background || cmd.Program == "" ||
		cmd.IsShellsOwn() || cmd.Sources() || cmd.Evaluates() || HasOptions(sh) {
		return nil, false
	}
	for _, w := range cmd.Words {
		if !w.Literal || replaced.MatchString(w.Span.Of(in.Text)) || strings.ContainsAny(w.Text, "\n\r") {
			return nil, false
		}
		argv = append(argv, w.Text)
	}
	return argv, !IsReserved(argv[0])
}

// takenByShell are words that a shell takes for something else where a command begins.
var takenByShell = []string{"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "function", "select", "time", "coproc"}

// IsReserved reports whether a shell takes the word for something else where a command begins, unless it comes of a
// variable.
func IsReserved(word string) bool { return slices.Contains(takenByShell, word) }

// replaced finds what a shell may replace or read in another way, beside variables and patterns of files.
var replaced = lazy.New(`^~|[:=]~|[{}!\\]`)

// List is a list of words as the JSON form of an instruction has it.
func List(argv []string) (string, bool) {
	var list []string
	for _, word := range argv {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(word) != nil {
			return "", false
		}
		list = append(list, strings.TrimRight(b.String(), "\n"))
	}
	return "[" + strings.Join(list, ", ") + "]", true
}

// Execs reports whether the last command of a script takes the place of the shell: exec PROGRAM.
func (s *Script) Execs() bool {
	if s.Partial || s.Unknown || len(s.Commands) == 0 {
		return false
	}
	last := s.Commands[len(s.Commands)-1]
	return last.Depth == 0 && last.Pipe == 0 && !last.Background && len(last.Wrappers) > 0 && last.Effects().Shell&EndsShell != 0
}
