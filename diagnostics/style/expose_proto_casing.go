package style

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var exposeProtoCasing = &diagnostics.Rule{
	Name:     "expose-proto-casing",
	Severity: diagnostics.Hint,
	BuildKit: []string{"ExposeProtoCasing"},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if _, ok := s.Instr.Cmd().(*instructions.ExposeCommand); !ok {
			return
		}
		for _, port := range s.Ports() {
			lower := strings.ToLower(port.Proto)
			if !port.Valid || port.Proto == lower {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: port.Span,
				Message: diagnostics.Plain("The protocol " + port.Proto + " is not in lower case, which it has in the image; write " + words.Code(lower)),
				Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return lowerProtocol(p, s, port) },
			})
		}
	},
}

// lowerProtocol writes the protocol of a port in lower case. One that comes from a variable is left.
func lowerProtocol(p *diagnostics.Pass, s *stages.Step, port stages.Port) []diagnostics.Fix {
	written := port.Span.Of(s.Instr.Text)
	front, ok := strings.CutSuffix(written, "/"+port.Proto)
	if !ok || strings.Contains(port.Proto, "$") {
		return nil
	}
	by := front + "/" + strings.ToLower(port.Proto)
	return p.FixBy("Write "+words.Code(by), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, port.Span, by) })
}
