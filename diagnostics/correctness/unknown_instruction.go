package correctness

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

var unknownInstruction = &diagnostics.Rule{
	Name: syntax.UnknownInstruction, Severity: diagnostics.Error, Always: true,
	Step: checkKeyword, File: inFile(syntax.UnknownInstruction, checkKeyword),
}

func checkKeyword(p *diagnostics.Pass, s *stages.Step) {
	unknown := func(e syntax.Error) bool { return e.Rule == syntax.UnknownInstruction }
	if !slices.ContainsFunc(s.Instr.Errors(), unknown) || !endsTwice(p, s) {
		reportErrors(p, s, syntax.UnknownInstruction)
		return
	}
	word := s.Instr.Keyword.Of(s.Instr.Text)
	p.Report(diagnostics.Finding{Step: s, Span: s.Instr.Keyword, Message: diagnostics.Plain(
		word + " is no instruction: the heredoc above ended at the " + word + " before this one; remove this line")})
}

// endsTwice reports whether a line that is no instruction is the end word of a heredoc of the instruction
// above it once more.
func endsTwice(p *diagnostics.Pass, s *stages.Step) bool {
	if s.Stage == nil || s.N == 0 || s.Instr.Args.Len() > 0 {
		return false
	}
	p.File() // what stands above may change
	above := s.Stage.Steps[s.N-1].Instr
	word := s.Instr.Keyword.Of(s.Instr.Text)
	return slices.ContainsFunc(above.Heredocs, func(h syntax.Heredoc) bool { return h.Name == word })
}
