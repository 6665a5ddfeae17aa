package caching

import (
	"fmt"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// A cache that is exported has the steps of the result, unless it is told to have all. The steps of other stages are taken
// from it only as long as nothing that they depend on changes: a machine that has nothing else runs all of them for one.
var cacheExportMode = &diagnostics.Rule{
	Name:     "cache-export-mode",
	Code:     "C45",
	Severity: diagnostics.Hint,
	Off:      true,
	Stage: func(p *diagnostics.Pass) {
		export := p.Export()
		if export.Where == "" || export.All || p.Exported() || !p.Needed() {
			return
		}
		var runs []*stages.Step
		var what string
		for _, seen := range p.See(exportKey{}, dearPhrase) {
			phrase, ok := seen.What.(string)
			if !ok {
				continue
			}
			if len(runs) == 0 {
				what = phrase
			}
			runs = append(runs, seen.Step)
		}
		if len(runs) == 0 {
			return
		}
		from := p.Stage.Steps[0]
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr), Once: "the cache that the build exports", // the first such stage tells of it
			Message: func(p *diagnostics.Pass) string {
				advice := "export it with `mode=max`"
				if export.Inline {
					advice = "an inline cache has only the steps of the final image, so export one to a registry with `mode=max`"
				}
				return fmt.Sprintf("The cache that the build exports (%s) leaves out this stage: on a machine without another cache, a change of one file reruns all of it, with %s (line %d)%s; %s",
					export.Where, words.Code(what), p.Line(runs[0]), andMore(len(runs)-1), advice)
			},
		})
	},
}

type exportKey struct{}

// dearPhrase is what to call an expensive RUN; nil of another step.
func dearPhrase(s *stages.Step) any {
	if phrase, ok := dear(s); ok {
		return phrase
	}
	return nil
}
