package correctness

import (
	"fmt"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
)

// This file reports instructions of which only the last one of a stage counts.

var (
	multipleCmd         = onlyLast("multiple-cmd", "CMD", "DL4003")
	multipleEntrypoint  = onlyLast("multiple-entrypoint", "ENTRYPOINT", "DL4004")
	multipleHealthcheck = onlyLast("multiple-healthcheck", "HEALTHCHECK", "DL3012")
)

func onlyLast(rule, name, hadolint string) *diagnostics.Rule {
	return &diagnostics.Rule{
		Name:     rule,
		Severity: diagnostics.Warning,
		BuildKit: []string{"MultipleInstructionsDisallowed"},
		Hadolint: []string{hadolint},
		Stage: func(p *diagnostics.Pass) {
			seen := p.See(repeatedKey{name}, func(s *stages.Step) any {
				if s.Instr.Name == name && s.Instr.Cmd() != nil {
					return true
				}
				return nil
			})
			last := len(seen) - 1
			for last >= 0 && !isCounted(seen[last].Step, name) {
				last--
			}
			for n := range max(last, 0) {
				if isCounted(seen[n].Step, name) {
					reportRepeated(p, seen[n].Step, seen[last].Step)
				}
			}
		},
	}
}

type repeatedKey struct{ name string }

func isCounted(s *stages.Step, name string) bool { return s.Instr.Name == name && s.Instr.Cmd() != nil }

func reportRepeated(p *diagnostics.Pass, s, last *stages.Step) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(s.Instr.Body),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("This %s does nothing, as a later one (line %d) replaces it; remove one of them", s.Instr.Name, p.Line(last))
		},
		Related: []diagnostics.Related{{Step: last, Span: last.Instr.Keyword, Message: "This one counts"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			safety, title := diagnostics.Safe, "Remove this "+s.Instr.Name
			if len(s.Instr.Comments) > 0 || len(s.Instr.Inner) > 0 {
				safety, title = diagnostics.Suggested, title+", with its comments"
			}
			return p.FixBy(title, safety, func(c *rewrite.Change) { c.Remove(s, rewrite.DropComments) })
		},
	})
}
