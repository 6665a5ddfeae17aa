package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var userGroupDropsSupplementary = &diagnostics.Rule{
	Name:      "user-group-drops-supplementary",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"user-explicit-group-drops-supplementary-groups"}},
	Stage: func(p *diagnostics.Pass) {
		joined := map[string][]string{} // by user: the groups that a RUN has put it into
		for _, s := range p.SeeChain(joinsKey{}, seeJoins) {
			switch what := s.What.(type) {
			case []joins:
				for _, j := range what {
					joined[j.user] = append(joined[j.user], j.groups...)
				}
			case userAndGroup:
				lost := slices.DeleteFunc(slices.Clone(joined[what.user]), func(group string) bool { return group == what.group })
				if s.Stage == p.Stage && len(lost) > 0 {
					reportLostGroups(p, s.Step, what, lost)
				}
			}
		}
	},
}

type joinsKey struct{}

type joins struct {
	user   string
	groups []string
}

type userAndGroup struct{ user, group string }

// seeJoins finds what puts users into groups, and what switches to a user with a group.
func seeJoins(s *stages.Step) any {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.UserCommand:
		user, group, ok := strings.Cut(c.User, ":")
		if ok && group != "" && !strings.Contains(c.User, "$") {
			return userAndGroup{user, group}
		}
	case *instructions.RunCommand:
		var list []joins
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			if user, groups := c.JoinsGroups(); len(groups) > 0 && user.Literal {
				list = append(list, joins{user.Text, groups})
			}
		}
		if list != nil {
			return list
		}
	}
	return nil
}

func reportLostGroups(p *diagnostics.Pass, s *stages.Step, to userAndGroup, lost []string) {
	w := s.Instr.Words[0].Span
	p.Report(diagnostics.Finding{
		Step: s, Span: w,
		Message: diagnostics.Plain("With " + words.Code(":"+to.group) + " the user " + to.user + " has that group only, and loses " + words.Some(lost) + ": what these let it use is refused; write " + words.Code("USER "+to.user)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if w.Of(s.Instr.Text) != to.user+":"+to.group {
				return nil
			}
			change := p.Change()
			change.ReplaceWord(s, text.Span{Start: w.Start + len(to.user), End: w.End}, "")
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Keep the other groups: " + words.Code("USER "+to.user), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
