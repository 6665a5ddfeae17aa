package correctness

import (
	"strconv"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
)

// This file holds what the rules about COPY --from ask.

// sourceStage is the stage above a step that a name or number after --from means; nil if it is none, or if several
// have the name.
func sourceStage(p *diagnostics.Pass, s *stages.Step, from string) (found *stages.Stage) {
	number, err := strconv.Atoi(from)
	for _, other := range p.Froms() {
		stage := other.Stage
		switch {
		case err == nil && stage.Index != number, err != nil && !strings.EqualFold(stage.Name, from):
		case found != nil || stage.Index >= s.Stage.Index || stage.Name != "" && p.NamedContext(stage.Name):
			return nil
		default:
			found = stage
		}
	}
	return found
}

// fromSpan is the value of a step's --from.
func fromSpan(s *stages.Step) text.Span {
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "from" {
			return f.Value
		}
	}
	return diagnostics.Line(s.Instr)
}

// stageName is a name of a stage that can stand after --from as it is.
var stageName = lazy.New(`^[a-z][a-z0-9_.-]*$`)
