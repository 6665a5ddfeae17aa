package moves

import (
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
)

// ReadLater reports whether a step below s, of its stage or of one of those that builds on it, uses the variable of that
// name which s defines, or may. In s itself another place may name it, too. all, the stages of the file, is called only if
// those of its own do not tell: whoever asks for them depends on each.
func ReadLater(all func() []*stages.Stage, s *stages.Step, name string) bool {
	reads := func(below *stages.Step) bool {
		return below.Instr.Name == "ONBUILD" || Names(below.Instr.Text, name) ||
			Judge{}.VariableBelow(Variable{Name: name}, []Part{{Step: below}}).Answer != Safe
	}
	if Names(strings.Replace(s.Instr.Text, name, "", 1), name) || slices.ContainsFunc(s.Stage.Steps[s.N+1:], reads) {
		return true
	}
	return slices.ContainsFunc(all(), func(other *stages.Stage) bool {
		return other != s.Stage && slices.Contains(other.Chain(), s.Stage) && slices.ContainsFunc(other.Steps, reads)
	})
}
