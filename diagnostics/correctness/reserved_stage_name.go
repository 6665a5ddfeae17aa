package correctness

import (
	"layerwise/diagnostics"
)

var reservedStageName = &diagnostics.Rule{
	Name:     "reserved-stage-name",
	Severity: diagnostics.Warning,
	BuildKit: []string{"ReservedStageName"},
	Hadolint: []string{"DL3063"},
	Stage: func(p *diagnostics.Pass) {
		s := p.Stage.Steps[0]
		message := ""
		severity := diagnostics.Warning
		switch s.Stage.Name {
		case "scratch":
			if len(p.Children()) == 0 {
				severity = diagnostics.Info // so far, every FROM gets what it means
			}
			message = "`FROM scratch` means the empty image, and now also this stage, which a later FROM gets instead; give the stage another name"
		case "context":
			message = "`context` is the name that BuildKit has for the build context; give the stage another name"
		default:
			return
		}
		p.Report(diagnostics.Finding{Severity: severity, Step: s, Span: nameSpan(s), Message: diagnostics.Plain(message)})
	},
}
