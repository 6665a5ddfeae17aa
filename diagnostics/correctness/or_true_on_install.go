package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var orTrueOnInstall = &diagnostics.Rule{
	Name:     "or-true-on-install",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		script := shell.Of(s.Instr, s.Shell)
		if !script.Known() {
			return
		}
		for n := 1; n < len(script.List); n++ {
			ignored := script.In(script.List[n])
			// Who prints a message instead knows what may happen.
			if script.List[n].Op != "||" || len(ignored) != 1 || !ignored[0].AlwaysSucceeds() || ignored[0].OnlyPrints() {
				continue
			}
			if c := installedBefore(script, n); c != nil {
				reportOrTrue(p, s, c, ignored[0])
			}
		}
	},
}

// installedBefore is the install in the chain before the nth statement; nil if there is none, or it is tried again.
func installedBefore(script *shell.Script, n int) *shell.Command {
	var found *shell.Command
	for _, part := range script.Chain(n - 1) {
		for _, c := range script.In(part) {
			if found == nil && c.IsInstall() && part.Op != "||" {
				found = c
			}
		}
	}
	if found == nil || n+1 < len(script.List) && script.List[n+1].Op == "&&" {
		return nil // what follows needs it, and fails without it
	}
	for _, part := range script.List[n:] {
		for _, c := range script.In(part) {
			if c.Program == found.Program && c.IsInstall() {
				return nil
			}
		}
	}
	return found
}

func reportOrTrue(p *diagnostics.Pass, s *stages.Step, c, ignored *shell.Command) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(text.Span{Start: c.Span.Start, End: max(c.Span.End, ignored.Span.End)}),
		Message: diagnostics.Plain("If " + words.Code(c.Phrase()) + " fails, " + words.Code("|| "+ignored.Span.Of(s.Instr.Text)) +
			" hides it: the step succeeds, and the image is cached without the packages; let the build fail"),
	})
}
