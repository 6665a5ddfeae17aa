package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

var syntaxError = &diagnostics.Rule{
	Name: syntax.SyntaxError, Severity: diagnostics.Error, Always: true,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		checkSyntax(p, s)
		reportMounts(p, s)
	},
	File: inFile(syntax.SyntaxError, checkSyntax),
}

// checkSyntax reports what the parser rejects in an instruction, and words whose variables cannot be read.
func checkSyntax(p *diagnostics.Pass, s *stages.Step) {
	reportErrors(p, s, syntax.SyntaxError)
	reportMalformed(p, s)
}

// reportMounts reports what BuildKit finds in --mount once its variables have values.
func reportMounts(p *diagnostics.Pass, s *stages.Step) {
	if s.Instr.Name != "RUN" {
		return
	}
	_, err := s.Mounts()
	if err == nil {
		return
	}
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "mount" {
			p.Report(diagnostics.Finding{Step: s, Span: f.Span, Message: diagnostics.Plain(syntax.Reason(err.Error())), Severity: severity(p)})
			return
		}
	}
}

// reportMalformed reports the words whose variables BuildKit cannot read.
func reportMalformed(p *diagnostics.Pass, s *stages.Step) {
	for _, m := range s.Malformed() {
		f := diagnostics.Finding{Step: s, Span: s.Instr.FirstLine(m.Span), Message: diagnostics.Plain(m.Err.Error())}
		if !m.Always {
			f.Severity = severity(p)
		}
		p.Report(f)
	}
}

// severity is that of what BuildKit refuses when it gets to the stage: other builds of the file pass it.
func severity(p *diagnostics.Pass) diagnostics.Severity {
	if p.Stage == nil || p.Needed() {
		return diagnostics.Error
	}
	return diagnostics.Warning
}
