package shell

import (
	"slices"
	"strings"
)

// programs is the table: what is known of programs, one row each, sorted by name. A use that is not
// here is not known. Its rows stand in files by theme.
var programs = sorted(ofLanguages, ofSystem)

func sorted(parts ...[]program) []program {
	all := slices.Concat(parts...)
	slices.SortFunc(all, func(a, b program) int { return strings.Compare(a.name, b.name) })
	return all
}
