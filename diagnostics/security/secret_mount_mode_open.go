package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretMountModeOpen = &diagnostics.Rule{
	Name:      "secret-mount-mode-open",
	Severity:  diagnostics.Info,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6469"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" || !isRoot(s.User) {
			return // another user could not read it else
		}
		mounts, _ := s.Mounts()
		n := -1
		for _, f := range s.Instr.Flags {
			if f.Name.Of(s.Instr.Text) != "mount" {
				continue
			}
			if n++; n >= len(mounts) {
				return
			}
			m := mounts[n]
			if m.Type != instructions.MountTypeSecret && m.Type != instructions.MountTypeSSH || m.Mode == nil || *m.Mode&0o007 == 0 || m.UID != nil && *m.UID != 0 {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: f.Span,
				Message: diagnostics.Plain("The mode lets every user of the step read the " + string(m.Type) + ", also programs that drop their rights because of what they run; leave it out: only root then reads it"),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					flag := f.Span.Of(s.Instr.Text)
					narrow := modeKey.ReplaceAllString(flag, "")
					if narrow == flag {
						return nil
					}
					change := p.Change()
					change.ReplaceFlag(s, f, narrow)
					edit, err := change.Edit()
					if err != nil {
						return nil
					}
					return []diagnostics.Fix{{Title: "Let only root read it: leave out " + words.Code("mode"), Edits: []diagnostics.FileEdit{edit}}}
				},
			})
		}
	},
}

// modeKey matches the key in a mount, where others stand before it.
var modeKey = lazy.New(`,mode=[0-7]+`)
