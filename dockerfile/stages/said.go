package stages

import "strings"

// SaidShell is the shell that a comment for another linter says runs the step where no SHELL is: the last one above it in its
// stage, as in "# hadolint shell=bash" or "# tally shell=bash". It is empty if none says so.
func (s *Step) SaidShell() string {
	if s.Stage == nil || s.OwnShell {
		return ""
	}
	for n := min(s.N, len(s.Stage.Steps)-1); n >= 0; n-- {
		in := s.Stage.Steps[n].Instr
		for i := len(in.Comments) - 1; i >= 0; i-- {
			if said := shellIn(in.Comments[i].Of(in.Text)); said != "" {
				return said
			}
		}
	}
	return ""
}

// shellIn is the shell that a comment names; "" if it names none.
func shellIn(comment string) string {
	text, value, set := strings.Cut(strings.TrimPrefix(comment, "#"), "=")
	words := strings.Fields(text)
	if !set || len(words) != 2 || words[0] != "hadolint" && words[0] != "tally" || words[1] != "shell" {
		return ""
	}
	value, _, _ = strings.Cut(value, ";")
	said := strings.Fields(value)
	if len(said) == 0 {
		return ""
	}
	return said[0]
}
