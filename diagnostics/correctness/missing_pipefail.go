package correctness

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var missingPipefail = &diagnostics.Rule{
	Name:      "missing-pipefail",
	Severity:  diagnostics.Info,
	Off:       true,
	Hadolint:  []string{"DL4006"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"efbf148a-67e9-42d2-ac47-02fa1c0d0b22"}, Semgrep: []string{"set-pipefail"}},
	Stage: func(p *diagnostics.Pass) {
		first := true // a SHELL above the first serves all
		for _, step := range p.See(pipesKey{}, firstPipe) {
			if c, ok := step.What.(*shell.Command); ok {
				reportPipe(p, step.Step, c, first)
				first = false
			}
		}
	},
}

type pipesKey struct{}

// firstPipe is the first command of a RUN whose failure nobody sees, because it is not the last of a pipe; or nil.
func firstPipe(s *stages.Step) any {
	if s.Instr.Name != "RUN" || s.Instr.JSON || shell.SetsPipefail(s.Instr, s.Shell) {
		return nil
	}
	commands := shell.Commands(s.Instr, s.Shell)
	for n, c := range commands {
		if c.Pipe == 0 || c.Asked || c.InSubst || c.OnlyPrints() || c.HarmlessToFail() || c.Negated || len(c.Words) == 0 {
			continue
		}
		last := n
		for last+1 < len(commands) && commands[last+1].Pipe == c.Pipe {
			last++
		}
		if last == n || c.Depth > 0 && !plainPipe(commands, n) {
			continue
		}
		forgiven := last+1 < len(commands) && commands[last+1].Op == "||" && commands[last+1].AlwaysSucceeds()
		if !forgiven {
			return c
		}
	}
	return nil
}

// plainPipe reports whether command n, which is in a group, if or loop, stands directly in front of a pipe that is in it,
// too, and of the script itself.
func plainPipe(commands []*shell.Command, n int) bool {
	c, first := commands[n], n
	for first > 0 && commands[first-1].Pipe == c.Pipe {
		first--
	}
	return commands[first].Depth == c.Depth && commands[n+1].Op == "|" && len(c.Wrappers) == 0
}

func reportPipe(p *diagnostics.Pass, s *stages.Step, c *shell.Command, first bool) {
	facts, known := images.Of(p.Stage)
	sh := "sh"
	if len(s.Shell) > 0 {
		sh = s.Shell[0]
	}
	able, sure := shell.HasPipefail(sh)
	if !sure && known && facts.Sh() != "" {
		able, sure = shell.HasPipefail(facts.Sh())
	}
	do := "set " + words.Code("pipefail") + " in a SHELL that has it"
	switch {
	case able:
		do = "put " + words.Code(setPipefail+" &&") + " in front"
	case sure && facts.Bash():
		do = "use " + words.Code(bashShell)
		if facts.LacksPipefail() {
			do += ", since this image's sh has no pipefail"
		}
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain("If " + words.Code(c.Phrase()) + " fails, the step goes on with what it has written so far, since only the last command of a pipe counts; " + do),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change, title := p.Change(), "Put "+words.Code(setPipefail)+" in front"
			switch {
			case able:
				change.Prepend(s, setPipefail)
			case first && sure && facts.Bash() && !s.Triggered():
				title = "Run this and what follows in a bash that stops when a pipe fails"
				change.Insert(rewrite.Above(s), rewrite.Keyword(s, "SHELL")+bashShell[len("SHELL"):])
			default:
				return nil
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

const (
	setPipefail = "set -o pipefail"
	bashShell   = `SHELL ["/bin/bash", "-o", "pipefail", "-c"]`
)
