package security

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// makesUser matches what creates a user on Windows: net user NAME … /add, New-LocalUser NAME.
var makesUser = regexp.MustCompile(`(?i)\bnet1?(?:\.exe)?\s+user\s+"?([\w.-]+)"?\s[^&|;]*/add\b|\bNew-LocalUser\s+(?:-\w+\s+)*?(?:-Name\s+)?["']?([A-Za-z][\w.-]*)`)

// windowsFacts are the facts of a Windows image. Only a user that nothing switches to is told there.
func windowsFacts(p *diagnostics.Pass, image images.Facts) *facts {
	f := &facts{windows: true}
	var texts []string // what may name the user
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			switch s.Instr.Cmd().(type) {
			case *instructions.UserCommand:
				f.last = s
			case *instructions.OnbuildCommand:
				return nil
			case *instructions.RunCommand:
				line := s.Instr.Joined().Line
				m := makesUser.FindStringSubmatch(line)
				if m == nil {
					texts = append(texts, line)
					continue
				}
				f.created, f.creator, f.creatorSpan = m[1]+m[2], s, diagnostics.Line(s.Instr)
				texts = append(texts, line[strings.Index(line, m[0])+len(m[0]):])
			case *instructions.EnvCommand:
				texts = append(texts, s.Instr.Joined().Line)
			}
		}
	}
	start := startOf(p.Stage)
	if f.created == "" || len(start.argv) == 0 || start.enters(image, true) {
		return nil
	}
	if strings.EqualFold(image.User, administrator) {
		f.base = root
	}
	f.used = slices.ContainsFunc(append(texts, start.argv...), func(text string) bool { return names(text, f.created) })
	return f
}

// administrator is the user that Windows containers run as unless they say otherwise.
const administrator = "ContainerAdministrator"
