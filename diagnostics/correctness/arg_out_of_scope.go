package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// What BuildKit itself replaces, in other instructions and in mounts, is the rule undefined-variable's.
var argOutOfScope = &diagnostics.Rule{
	Name:      "arg-out-of-scope",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6579"}},
	Stage: func(p *diagnostics.Pass) {
		told := map[string]bool{}
		for _, seen := range p.See(shellReadsKey{}, func(s *stages.Step) any { return seeShellReads(s, p.Escape()) }) {
			uses, _ := seen.What.([]occurrences.Occurrence)
			for _, use := range uses {
				if !told[use.Name] && declares(p.Global(), use.Name) && !mayBeSet(p, seen.Step, use.Name) {
					told[use.Name] = true
					reportOutOfScope(p, seen.Step, use)
				}
			}
		}
	},
}

type shellReadsKey struct{}

// seeShellReads are the variables that the shell of a RUN replaces, which the Dockerfile does not set for it, nor
// the script itself.
func seeShellReads(s *stages.Step, escape byte) any {
	if s.Instr.Name != "RUN" || s.Stage.Windows || !strings.Contains(s.Instr.Text, "$") {
		return nil
	}
	var list []occurrences.Occurrence
	for _, use := range occurrences.In(s.Instr, escape, s.Shell) {
		if use.Kind != occurrences.Variable || use.By != occurrences.BuildShell || use.Defines || occurrences.OfShell(use.Name) {
			continue
		}
		if _, set := s.Vars.Lookup(use.Name); !set {
			list = append(list, use)
		}
	}
	if list == nil {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown {
		return nil
	}
	sets := script.Sets()
	list = slices.DeleteFunc(list, func(use occurrences.Occurrence) bool {
		return sets.Has(use.Name) || hasFallback(s.Instr.Text, use.Span)
	})
	if len(list) == 0 {
		return nil
	}
	return list
}

// hasFallback reports whether ${NAME:-x}, or the like, says what holds without a value; span is that of the name.
func hasFallback(written string, span text.Span) bool {
	behind := strings.TrimPrefix(written[span.End:], ":")
	return span.Start > 0 && written[span.Start-1] == '{' && behind != "" && strings.ContainsRune("-+?=", rune(behind[0]))
}

// mayBeSet reports whether an ARG of the stages below declares the variable, or the base image may set it.
func mayBeSet(p *diagnostics.Pass, s *stages.Step, name string) bool {
	if declaredAbove(p, s, name) {
		return true
	}
	facts, ok := images.Of(p.Stage)
	return ok && slices.Contains(facts.EnvMaybe, name)
}

func reportOutOfScope(p *diagnostics.Pass, s *stages.Step, use occurrences.Occurrence) {
	p.Report(diagnostics.Finding{
		Step: s, Span: use.Span,
		Message: diagnostics.Plain("This stage does not see the ARG " + use.Name + " from above FROM, so that the shell puts nothing in its place; declare " + words.Code("ARG "+use.Name) + " in the stage"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Declare "+words.Code("ARG "+use.Name)+" above it", diagnostics.Suggested, func(c *rewrite.Change) {
				c.Insert(rewrite.Above(s), rewrite.Keyword(s, "ARG")+" "+use.Name)
			})
		},
	})
}
