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
	Yields:   []string{"pipe-to-shell"},
	Code:     "C12",
	Severity: diagnostics.Info,
	Stage:    checkStaleFetch,
}

// A movingFetch is one of what moves on, or a command that then goes to a commit of its own choice.
type movingFetch struct {
	cmd    *shell.Command
	moving shell.Word
	choice bool
}

type movingFetchKey struct{}

func checkStaleFetch(p *diagnostics.Pass) {
	seen := p.See(movingFetchKey{}, movingFetches)
	chosen := false
	for _, step := range slices.Backward(seen) {
		list, _ := step.What.([]movingFetch)
		for _, f := range slices.Backward(list) {
			switch {
			case f.choice:
				chosen = true
			case !chosen || !f.cmd.MakesRepository():
				p.Report(diagnostics.Finding{
					Step: step.Step, Span: f.moving.Span,
					Message: diagnostics.Plain(fmt.Sprintf("%s fetches what is newest when this step runs, and a builder that has the step in its cache never fetches a newer one; name a version or a commit, so that an update is a change of this line", words.Code(f.cmd.Phrase()))),
				})
			}
		}
	}
}

// movingFetches are those of a step. Packages without a version are the rules' about pins.
func movingFetches(s *stages.Step) any {
	var list []movingFetch
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if c.ChoosesCommit() {
			list = append(list, movingFetch{cmd: c, choice: true})
			continue
		}
		w, ok := c.Moving()
		if _, loose := c.Unpinned(); ok && !loose && !runsAtWill(s) {
			list = append(list, movingFetch{cmd: c, moving: w})
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// runsAtWill reports whether an argument is in effect that is there to make RUNs run again.
func runsAtWill(s *stages.Step) (found bool) {
	s.Vars.All(func(v *stages.Scope) bool {
		found = !v.Env && breaksCache(v.Name)
		return !found
	})
	return found
}
