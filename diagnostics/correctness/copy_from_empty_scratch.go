package correctness

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyFromEmptyScratch = &diagnostics.Rule{
	Name:      "copy-from-empty-scratch",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"copy-from-empty-scratch-stage"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
		if !ok || c.From == "" || !slices.ContainsFunc(c.SourcePaths, needsFile) {
			return
		}
		source := sourceStage(p, s, c.From)
		if source == nil || !source.Scratch() || source.Parent != nil {
			return
		}
		for _, stage := range p.Stages() {
			if stage.Index == source.Index && !slices.ContainsFunc(stage.Steps, (*stages.Step).MakesLayer) {
				from := stage.Steps[0]
				p.Report(diagnostics.Finding{
					Step: s, Span: fromSpan(s),
					Message: func(p *diagnostics.Pass) string {
						return fmt.Sprintf("The stage of line %d begins with nothing and gets no files, so the build finds none to copy and fails; copy from the stage that makes them", p.Line(from))
					},
				})
			}
		}
	},
}

// needsFile reports whether a COPY fails if its source has no file of that name.
func needsFile(source string) bool {
	return path.Clean("/"+source) != "/" && !strings.ContainsAny(source, "*?[$")
}
