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

// bashOnly reports whether a part of the shell with that name is bash's alone.
func bashOnly(name string) bool {
	return listed("declare typeset pushd popd shopt mapfile readarray", name)
}

// sourceWord is bash's name for the dot.
const sourceWord = "source"

// HasOwnShell reports whether a here-document says in its first line what runs it.
func HasOwnShell(in *syntax.Instruction) bool {
	return len(in.Heredocs) == 1 && strings.HasPrefix(in.Heredocs[0].Content.Of(in.Text), "#!")
}
