package shell

import (
	"path"
	"slices"
	"strings"
)

// This file answers what a compiler of C reads, where its command tells that: it is taken to read anything otherwise.

// CompilesFiles are the files that a compiler of C or C++ makes a program or library of, and the one that it makes. It reads
// headers beside them, and those of the system. ok is false where an option may name others; what stands in `…` or $(…) is
// taken for options that the command in it prints.
func (c *Command) CompilesFiles() (sources []Word, made Word, ok bool) {
	if c.row().name != "cc" {
		return nil, Word{}, false
	}
	for n := 1; n < len(c.Words); n++ {
		w := c.Words[n]
		switch {
		case !w.Literal && (strings.HasPrefix(w.Text, "`") || strings.HasPrefix(w.Text, "$(")):
		case !w.Literal:
			return nil, Word{}, false
		case w.Text == "-o" && n+1 < len(c.Words) && c.Words[n+1].Literal:
			n++
			made = c.Words[n]
		case strings.HasPrefix(w.Text, "-"):
			if !slices.ContainsFunc(plainCompilerOptions, func(p string) bool { return strings.HasPrefix(w.Text, p) }) {
				return nil, Word{}, false
			}
		case slices.Contains([]string{".c", ".cc", ".cpp", ".cxx"}, path.Ext(w.Text)):
			sources = append(sources, w)
		default:
			return nil, Word{}, false
		}
	}
	return sources, made, len(sources) > 0 && made.Text != ""
}

// plainCompilerOptions are beginnings of options of C compilers that name no file or folder.
var plainCompilerOptions = []string{"-D", "-O", "-U", "-Wall", "-Werror", "-Wextra", "-Wno-", "-c", "-fPIC", "-fno-", "-fpic", "-g", "-l", "-m", "-pipe", "-pthread", "-shared", "-static", "-std="}
