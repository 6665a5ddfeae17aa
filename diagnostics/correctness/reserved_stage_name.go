package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
)

var reservedStageName = &diagnostics.Rule{
	Name:     "reserved-stage-name",
	Severity: diagnostics.Warning,
	BuildKit: []string{"ReservedStageName"},
	Hadolint: []string{"DL3063"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "FROM" || s.N != 0 {
			return
		}
		message := ""
		switch s.Stage.Name {
		case "scratch":
			message = "`FROM scratch` means the empty image, and now also this stage, which a later FROM gets instead; give the stage another name"
		case "context":
			message = "`context` is the name that BuildKit has for the build context; give the stage another name"
		default:
			return
		}
		p.Report(diagnostics.Finding{Step: s, Span: nameSpan(s), Message: diagnostics.Plain(message)})
	},
}
