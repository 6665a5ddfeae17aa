package caching

import (
	"fmt"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var consecutiveRunMerge = &diagnostics.Rule{
	Name:      "consecutive-run-merge",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3059"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"0008c003-79aa-42d8-95b8-1c2fe37dbfe6"}, Sonar: []string{"S7031"}},
	Stage:     checkConsecutive,
}

// checkConsecutive reports a RUN that installs system packages directly below another one that does. RUNs that do
// different things are better apart: each stays cached by itself.
func checkConsecutive(p *diagnostics.Pass) {
	installs := p.See(installsSystemKey{}, installsSystem)
	for i := 1; i < len(installs); i++ {
		above, s := installs[i-1], installs[i]
		if s.What == nil || s.N != above.N+1 || s.What != above.What || s.Instr.FlagText() != above.Instr.FlagText() {
			continue
		}
		first, next := above.Step, s.Step
		p.Report(diagnostics.Finding{
			Step: next, Span: diagnostics.Line(next.Instr),
			Message: func(p *diagnostics.Pass) string {
				return fmt.Sprintf("This installs with the same package manager as line %d, in a layer of its own with lists of its own; one RUN fetches and cleans up once", p.Line(first))
			},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				change.Join(first, next)
				edit, err := change.Edit()
				if err != nil {
					return nil
				}
				return []diagnostics.Fix{{Title: "Join this RUN with the one above", Edits: []diagnostics.FileEdit{edit}}}
			},
		})
	}
}

type installsSystemKey struct{}

// installsSystem is the package manager with which the RUN installs system packages.
func installsSystem(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, ok := c.OSPackages(); ok && os.Install {
			return os.Manager
		}
	}
	return nil
}
