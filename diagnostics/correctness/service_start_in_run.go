package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var serviceStartInRun = &diagnostics.Rule{
	Name:      "service-start-in-run",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3001"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"9b6b0f38-92a2-41f9-b881-3a1083d99f1b"}, Semgrep: []string{"nonsensical-command"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		script := shell.Of(s.Instr, s.Shell)
		commands := shell.Commands(s.Instr, s.Shell)
		if len(commands) == 0 {
			return
		}
		// What follows in the same RUN may use the service: only the last command certainly starts it for nothing.
		c := commands[len(commands)-1]
		if c.InSubst || c.Depth > 0 || script.Functions || !c.StartsService() {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(c.Span),
			Message: diagnostics.Plain("What " + words.Code(c.Phrase()) + " starts ends with this RUN, and no container has it running; start it from CMD or ENTRYPOINT"),
		})
	},
}
