package security

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// makesUser matches what creates a user on Windows: net user NAME … /add, net user /add NAME, New-LocalUser NAME.
var makesUser = lazy.New(`(?i)\bnet1?(?:\.exe)?\s+user\s+(?:"?([\w.-]+)"?\s[^&|;]*/add\b|/add\s+"?([\w.-]+))|\bNew-LocalUser\s+(?:-\w+\s+)*?(?:-Name\s+)?["']?([A-Za-z][\w.-]*)`)

// windowsLine is the command of a RUN, as one line.
func windowsLine(s *stages.Step) string {
	if !s.Instr.JSON {
		return s.Instr.Joined().Line
	}
	return strings.Join(s.Instr.Texts(), " ")
}

type windowsUserKey struct{}

// seeWindowsUser is seeUser for the commands of Windows.
func seeWindowsUser(s *stages.Step) any { return seeUserOr(s, readWindowsRun) }

func readWindowsRun(s *stages.Step) (r userRun) {
	if m := makesUser.FindStringSubmatch(windowsLine(s)); m != nil {
		r.created, r.span = m[1]+m[2]+m[3], diagnostics.Line(s.Instr)
	}
	return r
}

// onWindows are the facts of a Windows image, of which little is known. Only a user that nothing switches
// to is told there.
func (f *facts) onWindows(p *diagnostics.Pass, image images.Facts, start start) *facts {
	if f.created == "" || len(start.argv) == 0 || dropsRoot(p, start.argv) || start.enters(image, true) {
		return nil
	}
	f.base = unknownUser
	if strings.EqualFold(image.User, administrator) {
		f.base = root
	}
	f.used = slices.ContainsFunc(append(windowsTexts(p), start.argv...), func(text string) bool { return namesUser(text, f.created) })
	return f
}

type windowsKey struct{}

// windowsTexts are the texts of the chain that may name a user: lines of RUN behind what makes one, and of
// ENV.
func windowsTexts(p *diagnostics.Pass) (texts []string) {
	for _, s := range p.SeeChain(windowsKey{}, seeWindowsText) {
		if text, ok := s.What.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func seeWindowsText(s *stages.Step) any {
	switch s.Instr.Cmd().(type) {
	case *instructions.RunCommand:
		line := windowsLine(s)
		if at := makesUser.FindStringIndex(line); at != nil {
			return line[at[1]:]
		}
		return line
	case *instructions.EnvCommand:
		return s.Instr.Joined().Line
	}
	return nil
}

// administrator is the user that Windows containers run as unless they say otherwise.
const administrator = "ContainerAdministrator"
