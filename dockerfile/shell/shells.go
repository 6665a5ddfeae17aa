package shell

import (
	"path"
	"strings"
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
