package caching

import (
	"strings"

	"layerwise/diagnostics"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file says why the fix of copy-before-install is only a suggestion.

// doubt collects the other reasons for which the fix is only a suggestion.
func (m *move) doubt(p *diagnostics.Pass) {
	m.doubts = append(m.doubts, inputDoubts(m.installs)...)
	if name := m.setByBuild(); name != "" {
		m.doubts = append(m.doubts, "a build may give "+name+" another value, and the new lines name its folder")
	}
	if !p.Context().Complete() {
		m.doubts = append(m.doubts, "the build context is too large to look through")
	}
	for _, s := range p.See(watchesKey{}, watches) {
		if doubt, ok := s.What.(string); ok && s.N > m.copy.Step.N {
			m.doubts = append(m.doubts, doubt)
		}
	}
}

// setByBuild is an ARG whose value stands in the lines that the fix writes; "" if there is none.
func (m *move) setByBuild() string {
	s := m.copy.Step
	if len(m.first()) > 0 {
		for _, w := range s.Instr.Words[:max(0, len(s.Instr.Words)-1)] {
			if name := s.SetByBuild(w.Text); name != "" {
				return name
			}
		}
	}
	if m.dest == "" {
		return ""
	}
	if name := s.SetByBuild(m.copy.Raw); name != "" {
		return name
	}
	for _, above := range s.Stage.ChainSteps() {
		if above == s {
			break
		}
		if dir, ok := above.Instr.Cmd().(*instructions.WorkdirCommand); ok {
			if name := above.SetByBuild(dir.Path); name != "" {
				return name
			}
		}
	}
	return ""
}

// inputDoubts are the reasons for which the list of what the installs read may not be complete.
func inputDoubts(installs []install) (doubts []string) {
	for _, i := range installs {
		if !i.in.Proven {
			doubts = append(doubts, i.in.Why)
		}
	}
	return doubts
}

// plainName reports whether the name can stand in an instruction as it is.
func plainName(name string) bool { return !strings.ContainsAny(name, " \t\"'$\\`*?[]\n\r") }
