package maintainability

import (
	"slices"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
)

var unusedArg = &diagnostics.Rule{
	Name:     "unused-arg",
	Code:     "C07",
	Severity: diagnostics.Info,
	Tag:      diagnostics.Unnecessary,
	Stage:    checkUnusedArgs,
}

// maxArgs bounds how many arguments of a stage are looked at: each of them is looked for in all steps below it.
const maxArgs = 30

// checkUnusedArgs reports arguments that no step below names, and no command below reads as a variable.
func checkUnusedArgs(p *diagnostics.Pass) {
	args := 0
	for _, seen := range p.See(argKey{}, isArg) {
		s := seen.Step
		if isArg(s) == nil {
			continue
		}
		if args++; args > maxArgs {
			return
		}
		for _, d := range s.Defines() {
			if strings.Contains(d.Name, "$") || grammar.OfBuilder(d.Name) || grammar.MeansRerun(d.Name) || moves.ReadLater(p.Stages(), s, d.Name) {
				continue
			}
			runs := slices.ContainsFunc(p.Stage.Steps[s.N+1:], func(s *stages.Step) bool { return s.Instr.Name == "RUN" })
			message := "Nothing uses the argument " + d.Name
			if runs {
				message += ", and each RUN below reruns when its value changes"
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: diagnostics.Line(s.Instr),
				Message: diagnostics.Plain(message + "; delete it"),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					if len(s.Defines()) != 1 {
						return nil
					}
					change := p.Change()
					change.Remove(s, rewrite.DropComments)
					edit, err := change.Edit()
					if err != nil {
						return nil
					}
					return []diagnostics.Fix{{Title: "Delete the argument", Edits: []diagnostics.FileEdit{edit}}}
				},
			})
		}
	}
}

type argKey struct{}

func isArg(s *stages.Step) any {
	if s.Instr.Name == "ARG" && s.Instr.Cmd() != nil {
		return true
	}
	return nil
}
