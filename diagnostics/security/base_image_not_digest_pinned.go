package security

import (
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

var baseImageNotDigestPinned = &diagnostics.Rule{
	Name:      "base-image-not-digest-pinned",
	Severity:  diagnostics.Hint,
	Off:       true,
	Elsewhere: diagnostics.Elsewhere{Semgrep: []string{"dockerfile-source-not-pinned"}, Sonar: []string{"S7023"}},
	Stage: func(p *diagnostics.Pass) {
		base := p.Stage.Base
		if p.Stage.Parent != nil || p.Stage.Scratch() || !base.Known {
			return
		}
		ref, err := images.Parse(base.Text)
		if err != nil || ref.Digest != "" {
			return
		}
		from := p.Stage.Steps[0]
		span := diagnostics.Line(from.Instr)
		if len(from.Instr.Words) > 0 {
			span = from.Instr.Words[0].Span
		}
		p.Report(diagnostics.Finding{Step: from, Span: span, Message: diagnostics.Plain(
			"The name " + strings.TrimSpace(base.Text) + " may lead to another image tomorrow: what was tested is not what is built, and nothing tells; add its digest, " + words.Code("@sha256:…") + ", and let a tool renew it")})
	},
}
