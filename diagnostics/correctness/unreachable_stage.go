package correctness

import (
	"slices"
	"strconv"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A stage with a name may be what somebody builds by --target. One without can be used by its number only.
var unreachableStage = &diagnostics.Rule{
	Name:      "unreachable-stage",
	Severity:  diagnostics.Info,
	Tag:       diagnostics.Unnecessary,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"no-unreachable-stages"}},
	Stage: func(p *diagnostics.Pass) {
		p.See(numberKey{}, seeNumber) // so that these are known of the stages that an edit does not reach
	},
	File: func(p *diagnostics.Pass) {
		froms := p.Froms()
		if len(froms) < 2 || !slices.ContainsFunc(froms[:len(froms)-1], func(s *stages.Step) bool { return s.Stage.Name == "" }) {
			return
		}
		used := map[string]bool{}
		for _, seen := range p.SeeFile(numberKey{}, seeNumber) {
			if number, ok := seen.What.(string); ok {
				used[number] = true
			}
		}
		for _, from := range froms[:len(froms)-1] {
			if from.Stage.Name == "" && !used["any"] && !used[strconv.Itoa(from.Stage.Index)] && from.Instr.Cmd() != nil && len(from.Instr.Words) == 1 {
				p.Report(diagnostics.Finding{
					Step: from, Span: diagnostics.Line(from.Instr),
					Message: diagnostics.Plain("Nothing takes files from this stage, and it has no name by which something could: BuildKit leaves it out; remove it, or name it by AS"),
				})
			}
		}
	},
}

type numberKey struct{}

// seeNumber is the number of the stage that a COPY names; "any" if a trigger may name one.
func seeNumber(s *stages.Step) any {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if n, err := strconv.Atoi(c.From); err == nil {
			return strconv.Itoa(n)
		}
	case *instructions.OnbuildCommand:
		if strings.Contains(c.Expression, "--from") {
			return "any"
		}
	case nil:
		return "any" // what the author has not finished
	}
	return nil
}
