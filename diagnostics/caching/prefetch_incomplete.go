package caching

import (
	"fmt"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var prefetchIncomplete = &diagnostics.Rule{
	Name:     "prefetch-incomplete",
	Code:     "C42",
	Severity: diagnostics.Hint,
	Stage:    checkPrefetch,
}

// prefetched is a command that fetches only a part of what a build needs.
type prefetched struct {
	step              *stages.Step
	phrase, leavesOut string
	below             bool // a COPY stands below it
}

// checkPrefetch looks for builds below a step which was to fetch what they need, and does not fetch all.
func checkPrefetch(p *diagnostics.Pass) {
	part := map[string]*prefetched{} // by ecosystem
	for _, seen := range p.SeeChain(fetchKey{}, copiesOrFetches) {
		s := seen.Step
		switch what := seen.What.(type) {
		case copied:
			for _, before := range part {
				before.below = true
			}
		case []fetch:
			for _, f := range what {
				if !f.all && !f.depsOnly {
					continue
				}
				cmd := f.command(s)
				inst, _ := cmd.Install()
				before := part[f.ecosystem]
				if out := inst.LeavesOut(); f.depsOnly && before == nil {
					part[f.ecosystem] = &prefetched{step: s, phrase: f.phrase, leavesOut: out}
				} else if f.all && before != nil {
					if before.below && before.leavesOut != "" && cmd.BuildsTested() && s.Stage == p.Stage && before.step != s {
						reportPrefetch(p, *before, s, cmd, f.phrase)
					}
					before.leavesOut = "" // it has all now, or was told
				}
			}
		}
	}
}

func reportPrefetch(p *diagnostics.Pass, before prefetched, s *stages.Step, cmd *shell.Command, phrase string) {
	caches := copies.CachesOf(s, cmd.Program)
	mounts, err := s.Mounts()
	above, errAbove := before.step.Mounts()
	if err != nil || errAbove != nil || len(mounts)+len(above) > 0 || len(caches) == 0 {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: cmd.Span,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("%s (line %d) leaves out %s, so %s downloads that again whenever it reruns; mount a cache (%s) in both steps", words.Code(before.phrase), p.Line(before.step), before.leavesOut, words.Code(phrase), caches[0].Path)
		},
		Related: []diagnostics.Related{{Step: before.step, Span: diagnostics.Line(before.step.Instr), Message: "fetches only a part"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			for _, c := range caches {
				flag := "--mount=type=cache,target=" + c.Path
				if c.Locked {
					flag += ",sharing=locked"
				}
				change.AddFlag(before.step, flag)
				change.AddFlag(s, flag)
			}
			return suggest(change.Edit, "Mount a cache in both steps (check first: later steps must not need it)")
		},
	})
}
