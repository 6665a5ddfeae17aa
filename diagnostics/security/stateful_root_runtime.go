package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var statefulRootRuntime = &diagnostics.Rule{
	Name:       "stateful-root-runtime",
	Severity:   diagnostics.Warning,
	Production: true,
	Stage: func(p *diagnostics.Pass) {
		seen := p.See(volumeKey{}, seeVolume)
		if len(seen) == 0 {
			return
		}
		// Where a USER says root, final-user-root reports it.
		f := factsOf(p)
		if f == nil || f.windows || f.enters || f.last != nil || f.created != "" || f.base != root {
			return
		}
		s := seen[0]
		p.Report(diagnostics.Finding{
			Step: s.Step, Span: diagnostics.Line(s.Instr),
			Message: diagnostics.Plain("The container writes to this volume as root: its files belong to root on every machine and in every later image, and changing the user afterwards means to change them all; create the folder for a user of its own, and add " + words.Code("USER")),
		})
	},
}

type volumeKey struct{}

func seeVolume(s *stages.Step) any {
	if _, ok := s.Instr.Cmd().(*instructions.VolumeCommand); ok {
		return true
	}
	return nil
}
