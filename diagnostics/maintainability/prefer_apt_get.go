package maintainability

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var preferAptGet = &diagnostics.Rule{
	Name:      "prefer-apt-get",
	Severity:  diagnostics.Hint,
	Hadolint:  []string{"DL3027"},
	Elsewhere: diagnostics.Elsewhere{Checkov: []string{"CKV_DOCKER_9"}, KICS: []string{"b84a0b47-2e99-4c9f-8933-98bcabe2b94d"}, Semgrep: []string{"prefer-apt-get"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		var found []*shell.Command
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			if os, ok := c.OSPackages(); ok && os.ForPeople != "" {
				found = append(found, c)
			}
		}
		if len(found) == 0 {
			return
		}
		first, _ := found[0].OSPackages()
		p.Report(diagnostics.Finding{
			Step: s, Span: found[0].Words[0].Span,
			Message: diagnostics.Plain(words.Code(first.Tool) + " is made for people at a terminal: its options and output may change, and it warns of that in scripts; use " + words.Code(first.ForPeople)),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return forScripts(p, s, found) },
		})
	},
}

// forScripts puts the programs for scripts in. It is not safe: upgrades of the two programs differ a little.
func forScripts(p *diagnostics.Pass, s *stages.Step, commands []*shell.Command) []diagnostics.Fix {
	change := p.Change()
	for _, c := range commands {
		os, _ := c.OSPackages()
		if c.Words[0].Text != os.Tool || c.Words[0].Span.Len() != len(os.Tool) {
			return nil // it has a path, or quotes
		}
		change.ReplaceWord(s, c.Words[0].Span, os.ForPeople)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	os, _ := commands[0].OSPackages()
	return []diagnostics.Fix{{Title: "Use " + words.Code(os.ForPeople), Edits: []diagnostics.FileEdit{edit}}}
}
