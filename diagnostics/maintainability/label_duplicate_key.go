package maintainability

import (
	"fmt"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
)

var labelDuplicateKey = &diagnostics.Rule{
	Name:      "label-duplicate-key",
	Severity:  diagnostics.Warning,
	Tag:       diagnostics.Unnecessary,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"labels/no-duplicate-keys"}},
	Stage:     checkDuplicateLabels,
}

// checkDuplicateLabels reports each pair of which a later one of the stage overwrites the value.
func checkDuplicateLabels(p *diagnostics.Pass) {
	last := map[string]label{}
	for _, seen := range p.See(labelKey{}, isLabel) {
		for _, l := range labelsOf(seen.Step) {
			if before, ok := last[l.key]; ok {
				reportOverwritten(p, before, l)
			}
			last[l.key] = l
		}
	}
}

type labelKey struct{}

func isLabel(s *stages.Step) any {
	if s.Instr.Name == "LABEL" {
		return true
	}
	return nil
}

func reportOverwritten(p *diagnostics.Pass, l, by label) {
	p.Report(diagnostics.Finding{
		Step: l.step, Span: l.span,
		Message: func(p *diagnostics.Pass) string {
			where := "further on in this instruction"
			if by.step != l.step {
				where = fmt.Sprintf("in line %d", p.Line(by.step))
			}
			return "The label " + l.key + " is set again " + where + ", so that this value is lost; keep one of them"
		},
		Related: []diagnostics.Related{{Step: by.step, Span: by.span, Message: "set again here"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			if len(l.step.Instr.Words) == 1 || len(labelsOf(l.step)) == 1 {
				change.Remove(l.step, rewrite.DropComments)
			} else {
				change.DropWord(l.step, l.span)
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Remove the value that is lost", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
