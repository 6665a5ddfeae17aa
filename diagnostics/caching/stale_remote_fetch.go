package caching

import (
	"fmt"
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var staleRemoteFetch = &diagnostics.Rule{
	Name:     "stale-remote-fetch",
	Code:     "C12",
	Severity: diagnostics.Info,
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		w, ok := c.Moving()
		if !ok || chosenBehind(s, c) || runsAtWill(s) {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: w.Span,
			Message: diagnostics.Plain(fmt.Sprintf("%s fetches what is newest when this step runs, and a builder that has the step in its cache never fetches a newer one; name a version or a commit, so that an update is a change of this line", words.Code(c.Phrase()))),
		})
	},
}

// runsAtWill reports whether an argument is in effect that is there to make RUNs run again.
func runsAtWill(s *stages.Step) (found bool) {
	s.Vars.All(func(v *stages.Scope) bool {
		found = !v.Env && breaksCache(v.Name)
		return !found
	})
	return found
}

// chosenBehind reports whether the RUN goes to a commit of its own choice.
func chosenBehind(s *stages.Step, c *shell.Command) bool {
	return slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), func(other *shell.Command) bool {
		return other.Span.Start > c.Span.Start && other.ChoosesCommit()
	})
}
