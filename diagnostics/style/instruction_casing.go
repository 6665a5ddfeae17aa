package style

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var instructionCasing = &diagnostics.Rule{
	Name:      "instruction-casing",
	Severity:  diagnostics.Hint,
	BuildKit:  []string{"ConsistentInstructionCasing"},
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6476"}},
	Stage: func(p *diagnostics.Pass) {
		p.See(notUpperKey{}, notUpper) // so that these are known of the stages that an edit does not reach
	},
	File: func(p *diagnostics.Pass) {
		others := p.SeeFile(notUpperKey{}, notUpper)
		if len(others) == 0 {
			return // of nearly all files
		}
		lower, upper := 0, 0
		for _, s := range others {
			if notUpper(s.Step) != nil {
				upper--
				if keyword := keywordOf(s.Step); keyword == strings.ToLower(keyword) {
					lower++
				}
			}
		}
		for _, stage := range p.Stages() {
			upper += len(stage.Steps)
		}
		if lower <= upper {
			for _, s := range others {
				checkCasing(p, s.Step, strings.ToUpper)
			}
			return
		}
		for _, stage := range p.Stages() {
			for _, s := range stage.Steps {
				checkCasing(p, s, strings.ToLower)
			}
		}
	},
}

type notUpperKey struct{}

func notUpper(s *stages.Step) any {
	if keyword := keywordOf(s); keyword != s.Instr.Name && keyword != strings.ToUpper(keyword) {
		return true
	}
	return nil
}

func keywordOf(s *stages.Step) string { return s.Instr.Keyword.Of(s.Instr.Text) }

// checkCasing reports a keyword that is not in the case of most of the file's.
func checkCasing(p *diagnostics.Pass, s *stages.Step, most func(string) string) {
	keyword := keywordOf(s)
	want := most(keyword)
	if keyword == want || s.Instr.Cmd() == nil {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Keyword,
		Message: diagnostics.Plain("The keyword " + keyword + " is not written like the others; write " + words.Code(want)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Write "+words.Code(want), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, s.Instr.Keyword, want) })
		},
	})
}
