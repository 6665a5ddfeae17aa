package caching

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var nondeterministicRun = &diagnostics.Rule{
	Name:     "nondeterministic-run",
	Code:     "C31",
	Severity: diagnostics.Info,
	Stage:    checkVarying,
}

// checkVarying looks for RUNs of a stage from which others copy that never make the same files twice. Where the stage's
// own layers are the image, nothing is lost: what stands below a RUN that reruns does so anyway.
func checkVarying(p *diagnostics.Pass) {
	for _, seen := range p.See(varyingKey{}, bakesVarying) {
		b, ok := seen.What.(baked)
		if !ok || p.Exported() || !p.Needed() {
			continue
		}
		p.Report(diagnostics.Finding{
			Step: seen.Step, Span: b.span,
			Message: diagnostics.Plain(words.Code(b.phrase) + " writes " + b.what + " into what other stages copy: whenever this step reruns, so does all that stands below their copies, even if nothing else has changed; take a value that stays, such as the time of the commit, or write it in the last stage"),
		})
	}
}

type varyingKey struct{}

// baked is a command whose output differs each time, and ends in a file.
type baked struct {
	span         text.Span
	phrase, what string
}

// bakesVarying is the first baked of a RUN, or nil.
func bakesVarying(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Baked() {
		return baked{c.Span, commandOf(s, c), c.Varies()}
	}
	return nil
}
