package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var npmAsPID1 = &diagnostics.Rule{
	Name:       "npm-as-pid1",
	Severity:   diagnostics.Info,
	Production: true,
	Stage: func(p *diagnostics.Pass) {
		var entrypoint, cmd *stages.Step
		for _, seen := range p.SeeChain(startKey{}, setsStart) {
			switch seen.Instr.Name {
			case "CMD":
				cmd = seen.Step
			case "ENTRYPOINT":
				entrypoint, cmd = seen.Step, nil
			}
		}
		start := entrypoint
		if start == nil {
			start = cmd
		}
		if start == nil || start.Stage != p.Stage || p.ForDevelopers(p.Stage) {
			return
		}
		c := scriptRunner(start)
		if c == nil || !p.Final() || diagnostics.Saw(p.SeeChain(onbuildKey{}, isOnbuild)) {
			return // an image for others to build on knows no better: their package.json says what is started
		}
		p.Report(diagnostics.Finding{
			Step: start, Span: start.Instr.FirstLine(c.Span),
			Message: diagnostics.Plain(words.Code(c.Phrase()) + " stands between Docker and the program: signals to stop may not reach it, and it costs memory for as long as the container runs; start what the script starts"),
		})
	},
}

type onbuildKey struct{}

func isOnbuild(s *stages.Step) any {
	if s.Instr.Name == "ONBUILD" {
		return true
	}
	return nil
}

// scriptRunner is the command of a CMD or ENTRYPOINT that runs a script of a package.json, if it is all that the container starts;
// nil if there is none, or an init process stands in front.
func scriptRunner(s *stages.Step) *shell.Command {
	commands := shell.Commands(s.Instr, s.Shell)
	if len(commands) != 1 {
		return nil
	}
	c := commands[0]
	for _, w := range c.Wrappers {
		if !shell.IsShellName(w) {
			return nil
		}
	}
	name, ok := c.ScriptName()
	if !ok || c.InSubst || !shell.StartsPackage(name) {
		return nil
	}
	return c
}
