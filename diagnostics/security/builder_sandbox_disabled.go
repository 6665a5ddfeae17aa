package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var builderSandboxDisabled = &diagnostics.Rule{
	Name:      "builder-sandbox-disabled",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6431", "S6502"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		for _, f := range s.Instr.Flags {
			flag, name, value := f.Span.Of(s.Instr.Text), f.Name.Of(s.Instr.Text), s.Expand(f.Value.Of(s.Instr.Text))
			message := ""
			switch {
			case name == "security" && value.Text == "insecure":
				message = " lets the commands of this step do on the builder's machine what root does there, and all that they download"
			case name == "network" && value.Text == "host":
				message = " lets the commands of this step reach every service that listens on the builder's machine alone, and all that they download"
			default:
				continue
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: f.Span,
				Message: diagnostics.Plain(words.Code(flag) + message + ", and the build needs a builder that allows it; leave it out, or keep it to the one command that cannot do without"),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					change := p.Change()
					change.DropFlag(s, f)
					edit, err := change.Edit()
					if err != nil {
						return nil
					}
					return []diagnostics.Fix{{Title: "Leave out " + words.Code(flag), Edits: []diagnostics.FileEdit{edit}}}
				},
			})
		}
	},
}
