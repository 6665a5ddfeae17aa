package security

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var statefulRootRuntime = &diagnostics.Rule{
	Name:       "stateful-root-runtime",
	Severity:   diagnostics.Info,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"stateful-root-runtime"}},
	Stage: func(p *diagnostics.Pass) {
		s := dataVolume(p)
		if s == nil {
			return
		}
		// Where a USER says root, final-user-root reports it.
		f := factsOf(p)
		if f == nil || f.windows || f.enters || f.last != nil || f.created != "" || f.base != root {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: diagnostics.Line(s.Instr),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return useImageUser(p) },
			Message: diagnostics.Plain("The container writes to this volume as root: its files belong to root on every machine and in every later image, and changing the user afterwards means to change them all; create the folder for a user of its own, and add " + words.Code("USER")),
		})
	},
}

type volumeKey struct{}

// dataVolume is the first VOLUME of the stage that holds data; nil if there is none.
func dataVolume(p *diagnostics.Pass) *stages.Step {
	for _, s := range p.See(volumeKey{}, seeVolume) {
		if s.What != nil {
			return s.Step
		}
	}
	return nil
}

// seeVolume finds volumes that hold data: what is only for the moment belongs to nobody.
func seeVolume(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.VolumeCommand)
	if !ok {
		return nil
	}
	for _, volume := range c.Volumes {
		if !passing.MatchString(volume) {
			return true
		}
	}
	return nil
}

var passing = lazy.New(`^/(dev|run|tmp|var/run|var/tmp|var/cache|sys)(/|$)`)
