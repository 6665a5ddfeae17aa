package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// This file reports what the parser rejects. Three rules share its errors, each of which names its rule.

// reportErrors reports the parser's errors of one rule in an instruction.
func reportErrors(p *diagnostics.Pass, s *stages.Step, rule string) {
	for _, e := range s.Instr.Errors() {
		if e.Rule != rule {
			continue
		}
		f := diagnostics.Finding{Step: s, Span: e.Span, Message: message(e)}
		if e.Suggest != "" {
			f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return replace(p, s, e) }
		}
		p.Report(f)
	}
}

// inFile is the hook that checks the instructions before the first FROM, and reports the rule's errors that
// belong to no instruction.
func inFile(rule string, check func(*diagnostics.Pass, *stages.Step)) func(*diagnostics.Pass) {
	return func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			check(p, s)
		}
		for _, e := range p.File().Errors {
			if e.Rule == rule {
				p.Report(diagnostics.Finding{Span: e.Span, Message: message(e)})
			}
		}
	}
}

func message(e syntax.Error) func(*diagnostics.Pass) string {
	return diagnostics.Plain(strings.TrimSuffix(e.Message, "."))
}

func replace(p *diagnostics.Pass, s *stages.Step, e syntax.Error) []diagnostics.Fix {
	change := p.Change()
	change.ReplaceWord(s, e.Span, e.Suggest)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{
		Title: "Replace by " + e.Suggest,
		Edits: []diagnostics.FileEdit{edit},
	}}
}
