package caching

import (
	"fmt"
	"slices"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var userSwitchOrder = &diagnostics.Rule{
	Name:     "user-switch-order",
	Code:     "C33",
	Severity: diagnostics.Hint,
	Command:  checkRootWork,
	Stage:    checkUserUnused,
}

// checkRootWork reports an install of system packages as a user that surely must not install any.
func checkRootWork(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
	os, ok := c.OSPackages()
	if !ok || !os.Install || !s.User.Known || s.User.Text == "" || images.IsRoot(s.User.Text) || len(c.Wrappers) > 0 || c.Depth > 0 || c.Op == "||" || c.LocalPackages() {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: c.Span, Severity: diagnostics.Warning,
		Message: diagnostics.Plain(words.Code(c.Phrase()) + " runs as " + s.User.Text + " here, who must not install packages of the system; put it above the USER"),
	})
}

// checkUserUnused reports a USER that another one replaces before anything runs as that user.
func checkUserUnused(p *diagnostics.Pass) {
	var last *stages.Step
	for _, seen := range p.See(userKey{}, setsUser) {
		if seen.What == nil {
			continue
		}
		if last != nil && seen.N-last.N <= maxAway && !slices.ContainsFunc(p.Stage.Steps[last.N+1:seen.N], runsAsUser) {
			reportUserUnused(p, last, seen.Step)
		}
		last = seen.Step
	}
}

type userKey struct{}

func setsUser(s *stages.Step) any {
	if _, ok := s.Instr.Cmd().(*instructions.UserCommand); ok {
		return true
	}
	return nil
}

// runsAsUser reports whether the step does anything as the user in effect: COPY and ADD do not, and what the container
// starts goes by the last USER.
func runsAsUser(s *stages.Step) bool { return s.Instr.Name == "RUN" || s.Instr.Name == "WORKDIR" }

func reportUserUnused(p *diagnostics.Pass, s, next *stages.Step) {
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Line %d chooses another user before anything runs as this one; remove this USER", p.Line(next))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove this USER", diagnostics.Suggested, func(c *rewrite.Change) { c.Remove(s, rewrite.KeepComments) })
		},
	})
}
