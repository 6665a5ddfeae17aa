package style

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var instructionCasing = &diagnostics.Rule{
	Name:     "instruction-casing",
	Severity: diagnostics.Hint,
	BuildKit: []string{"ConsistentInstructionCasing"},
	Stage: func(p *diagnostics.Pass) {
		p.See(notUpperKey{}, notUpper) // so that these are known of the stages that an edit does not reach
		p.See(notLowerKey{}, notLower)
	},
	File: func(p *diagnostics.Pass) {
		others := p.SeeFile(notUpperKey{}, notUpper)
		if len(others) == 0 {
			return // of nearly all files
		}
		all, lower := 0, 0
		for _, stage := range p.Stages() {
			all += len(stage.Steps)
		}
		for _, s := range others {
			if notLower(s.Step) == nil {
				lower++
			}
		}
		upper, is := all-len(others), strings.ToUpper
		if lower > upper {
			others, is = p.SeeFile(notLowerKey{}, notLower), strings.ToLower
		}
		for _, s := range others {
			in := s.Instr
			if keyword := in.Keyword.Of(in.Text); keyword != is(keyword) && in.Cmd() != nil {
				reportCasing(p, s.Step, keyword, is(keyword))
			}
		}
	},
}

func reportCasing(p *diagnostics.Pass, s *stages.Step, keyword, want string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Keyword,
		Message: diagnostics.Plain("The keyword " + keyword + " is not written like the others; write " + words.Code(want)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Write "+words.Code(want), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, s.Instr.Keyword, want) })
		},
	})
}

type (
	notUpperKey struct{}
	notLowerKey struct{}
)

func notUpper(s *stages.Step) any {
	if keyword := s.Instr.Keyword.Of(s.Instr.Text); keyword != s.Instr.Name && keyword != strings.ToUpper(keyword) {
		return true
	}
	return nil
}

func notLower(s *stages.Step) any {
	if keyword := s.Instr.Keyword.Of(s.Instr.Text); keyword != strings.ToLower(keyword) {
		return true
	}
	return nil
}
