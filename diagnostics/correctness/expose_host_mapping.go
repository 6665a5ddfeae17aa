package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var exposeHostMapping = &diagnostics.Rule{
	Name:     "expose-host-mapping",
	Severity: diagnostics.Warning,
	BuildKit: []string{"ExposeInvalidFormat"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "EXPOSE" {
			return
		}
		for _, port := range s.Ports() {
			if !port.Valid || port.IP == "" && port.Host == "" {
				continue
			}
			container := port.Text[strings.LastIndexByte(port.Text, ':')+1:]
			p.Report(diagnostics.Finding{
				Step: s, Span: port.Span,
				Message: diagnostics.Plain("EXPOSE takes no address or port of the host: of " + port.Text + " only " + container +
					" counts, and a later release of BuildKit refuses it; give the port of the host to " + words.Code("docker run -p")),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					if port.Span.Of(s.Instr.Text) != port.Text {
						return nil
					}
					return p.FixBy("Write "+words.Code(container), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, port.Span, container) })
				},
			})
		}
	},
}
