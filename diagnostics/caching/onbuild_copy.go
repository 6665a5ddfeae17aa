package caching

import (
	"path"
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var onbuildCopy = &diagnostics.Rule{
	Name:     "onbuild-copy",
	Code:     "C43",
	Severity: diagnostics.Info,
	Step:     checkOnbuildCopy,
}

// checkOnbuildCopy reports an ONBUILD that copies the whole context of each image which is built on this one: it comes
// before all that the Dockerfile of that image says.
func checkOnbuildCopy(p *diagnostics.Pass, s *stages.Step) {
	trigger := s.Trigger()
	if trigger == nil {
		return
	}
	var sources []string
	switch c := trigger.Cmd().(type) {
	case *instructions.CopyCommand:
		if c.From == "" {
			sources = c.SourcePaths
		}
	case *instructions.AddCommand:
		sources = c.SourcePaths
	}
	if !slices.ContainsFunc(sources, func(source string) bool { return path.Clean("/"+source) == "/" || source == "*" }) {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: diagnostics.Plain(words.Code(trigger.Name+" "+sources[0]) + " comes before all steps of each image that is built on this one, so every change of any of its files reruns them all; leave the COPY to these images"),
	})
}
