package correctness

import (
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var nonNumericUser = &diagnostics.Rule{
	Name:       "non-numeric-user",
	Production: true,
	Severity:   diagnostics.Hint,
	Off:        true,
	Hadolint:   []string{"DL3066"},
	Stage:      checkNonNumericUser,
}

// checkNonNumericUser looks at the last USER of the image.
func checkNonNumericUser(p *diagnostics.Pass) {
	var s *stages.Step
	for _, seen := range p.SeeChain(userKey{}, setsUser) {
		if setsUser(seen.Step) != nil {
			s = seen.Step
		}
	}
	if s == nil || p.Stage.Windows || !p.Final() {
		return
	}
	user := p.Stage.User()
	name, group, _ := strings.Cut(user.Text, ":")
	if _, err := strconv.Atoi(name); !user.Known || err == nil || images.IsRoot(name) {
		return
	}
	message := "Kubernetes cannot tell that the user " + name + " is not root, and does not start the container where runAsNonRoot is set; use the number of the user"
	number := numberOf(p.Stage, name)
	if number != "" {
		message += ": " + words.Code("USER "+number)
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Args,
		Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if number == "" || group != "" || s.Stage != p.Stage || len(s.Instr.Words) != 1 {
				return nil
			}
			change := p.Change()
			change.ReplaceWord(s, s.Instr.Words[0].Span, number)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use the number of the user", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

type userKey struct{}

func setsUser(s *stages.Step) any {
	if s.Instr.Name == "USER" {
		return true
	}
	return nil
}
