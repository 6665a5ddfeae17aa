package maintainability

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// labelOptions are those of label-missing.
type labelOptions struct {
	Labels []string `json:"labels" desc:"The labels that an image has to have."`
}

var labelMissing = &diagnostics.Rule{
	Name:       "label-missing",
	Production: true,
	Severity:   diagnostics.Hint,
	Off:        true,
	Hadolint:   []string{"DL3049"},
	Elsewhere:  diagnostics.Elsewhere{Sonar: []string{"S7028"}},
	Options:    func() any { return &labelOptions{[]string{"org.opencontainers.image.source"}} },
	Stage: func(p *diagnostics.Pass) {
		if !p.Final() {
			return
		}
		has := map[string]bool{}
		for _, seen := range p.SeeChain(labelKey{}, isLabel) {
			for _, l := range labelsOf(seen.Step) {
				has[l.key] = true
			}
			if seen.Instr.Name == "LABEL" && strings.Contains(seen.Instr.Text, "$") && len(labelsOf(seen.Step)) < len(seen.Instr.Words) {
				return // a key that is not known
			}
		}
		var missing []string
		for _, key := range p.Options().(*labelOptions).Labels {
			if !has[key] {
				missing = append(missing, key)
			}
		}
		if len(missing) > 0 {
			from := p.Stage.Steps[0]
			p.Report(diagnostics.Finding{
				Step: from, Span: diagnostics.Line(from.Instr),
				Message: diagnostics.Plain("The image lacks the " + words.For(len(missing), "label ", "labels ") + words.Some(missing) + ", by which people and tools find out about it; add " + words.For(len(missing), "it", "them") + " with LABEL"),
			})
		}
	},
}
