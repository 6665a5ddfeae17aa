package shell

import (
	"path"
	"strings"

	"layerwise/dockerfile/syntax"
)

// HasPipefail reports whether a shell of that name, with or without a path, has the option; known is false for sh, which
// is another shell on each system, and for those that are not known here.
func HasPipefail(program string) (has, known bool) {
	switch path.Base(strings.ReplaceAll(program, `\`, "/")) {
	case "bash", "zsh", "ksh", "ash", "busybox":
		return true, true
	case "dash":
		return false, true
	}
	return false, false
}

const bashCommands = "declare typeset pushd popd shopt mapfile readarray"

// bashOnly reports whether a part of the shell with that name is bash's alone.
func bashOnly(name string) bool {
	return listed(bashCommands, name)
}

// LeftByBuiltins are the variables that an assignment leaves set in sh though a command follows it, because that is a special one
// of the shell: A=1 set -x. bash does so only where it is called sh.
//
// Source: POSIX.1-2024, "Special Built-In Utilities".
func (s *Script) LeftByBuiltins() (names []string) {
	for _, c := range s.Commands {
		if len(c.Words) == 0 || !listed(": . break continue eval exec exit export readonly return set shift times trap unset", c.Words[0].Text) {
			continue
		}
		for _, a := range c.Assigns {
			names = append(names, a.Name)
		}
	}
	return names
}

// sourceWord is bash's name for the dot.
const sourceWord = "source"

// HasOwnShell reports whether a here-document says in its first line what runs it.
func HasOwnShell(in *syntax.Instruction) bool {
	return len(in.Heredocs) == 1 && strings.HasPrefix(in.Heredocs[0].Content.Of(in.Text), "#!")
}

// shebang are the words of the first line of a script that says what runs it, without env; nil if none does.
func shebang(script string) []string {
	if !strings.HasPrefix(script, "#!") {
		return nil
	}
	first, _, _ := strings.Cut(script[2:], "\n")
	words := strings.Fields(first)
	if len(words) > 1 && path.Base(words[0]) == "env" {
		words = words[1:]
	}
	return words
}

// RunBy are the program and its options that run the script of an instruction: those of a here-document that names
// them in its first line, or else the shell in effect.
func RunBy(in *syntax.Instruction, shell []string) []string {
	if HasOwnShell(in) {
		return shebang(in.Heredocs[0].Content.Of(in.Text))
	}
	if len(shell) == 0 {
		return defaultShell
	}
	return shell
}

// Dialect is the language of a shell, by its program with or without a path: bash, dash, ksh, ash (of busybox), or sh
// where that is another shell on each system. "" if it is none of them.
func Dialect(program string) string {
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(strings.ToLower(program), `\`, "/")), ".exe")
	switch name {
	case "bash", "dash", "ksh", "ash", "sh":
		return name
	case "busybox":
		return "ash"
	}
	return ""
}
