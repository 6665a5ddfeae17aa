package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var passwordSetInBuild = &diagnostics.Rule{
	Name:      "password-set-in-build",
	Secret:    true,
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Checkov: []string{"CKV2_DOCKER_17"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		commands := shell.Commands(s.Instr, s.Shell)
		for n, c := range commands {
			w, how := c.SetsPassword()
			switch {
			case how == shell.PasswordRemove:
				p.Report(diagnostics.Finding{Step: s, Span: w.Span, Message: diagnostics.Plain(
					"This lets the user log in without a password, in every container of the image; lock the password, or leave it as it is: without one nobody logs in")})
			case how == shell.PasswordInput && readsLiteral(commands[:n], c),
				how == shell.PasswordValue && (w.Literal || shell.HashesPassword(w.Text)):
				p.Report(diagnostics.Finding{Step: s, Span: w.Span, Message: diagnostics.Plain(
					"This sets the same password in every container, and everyone who can read the Dockerfile or the image's history knows it; set it when the container starts, or let users log in with keys")})
			}
		}
	},
}

// readsLiteral reports whether what the command reads is written out in the script: by the commands that it is piped to, by a
// here-string, or by a here-document.
func readsLiteral(before []*shell.Command, c *shell.Command) bool {
	for _, r := range c.Redirects {
		switch r.Op {
		case "<<", "<<-":
			return true
		case "<<<":
			return r.Target.Literal
		case "<":
			return false
		}
	}
	if c.Pipe == 0 {
		return false
	}
	for _, from := range slices.Backward(before) {
		if from.Pipe != c.Pipe {
			continue
		}
		return from.IsShellsOwn() && len(from.Words) > 1 && !slices.ContainsFunc(from.Words[1:], func(w shell.Word) bool {
			_, password, two := strings.Cut(w.Text, ":")
			return strings.ContainsAny(w.Text, "`") || strings.Contains(w.Text, "$") && (!two || strings.Contains(password, "$"))
		})
	}
	return false
}
