package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A signal that does not exist is refused, which build-refused reports.
var ungracefulStopsignal = &diagnostics.Rule{
	Name:     "ungraceful-stopsignal",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := s.Instr.Cmd().(*instructions.StopSignalCommand)
		if !ok || s.Stage.Windows {
			return
		}
		name := ""
		switch v := s.Expand(c.Signal); strings.TrimPrefix(strings.ToUpper(v.Text), "SIG") {
		case "KILL", "9":
			name = "SIGKILL"
		case "STOP", "19":
			name = "SIGSTOP"
		default:
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(s.Instr.Args),
			Message: diagnostics.Plain("No program can react to " + name + ", so that it saves nothing and leaves requests unanswered when the container stops; write SIGTERM, or the signal that the program waits for"),
		})
	},
}
