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
	plain := strings.Fields(c.row().means[NamesNoFile])
	if len(plain) == 0 {
		return nil, Word{}, false
	}
	made, _ = c.Value(MadeFile)
	for n, w := range c.Words {
		switch {
		case n == 0:
		case !w.Literal && (strings.HasPrefix(w.Text, "`") || strings.HasPrefix(w.Text, "$(")):
		case !w.Literal:
			return nil, Word{}, false
		case w.Text == made.Text && n > 1 && listed(c.row().means[MadeFile], c.Words[n-1].Text), listed(c.row().means[MadeFile], w.Text):
		case strings.HasPrefix(w.Text, "-"):
			if !slices.ContainsFunc(plain, func(p string) bool { return strings.HasPrefix(w.Text, p) }) {
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
