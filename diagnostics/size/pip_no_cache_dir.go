package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var pipNoCacheDir = &diagnostics.Rule{
	Name:       "pip-no-cache-dir",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3042"},
	Elsewhere:  diagnostics.Elsewhere{KICS: []string{"f2f903fb-b977-461e-98d7-b3e2185c6118"}, Semgrep: []string{"missing-pip-no-cache-dir"}},
	Stage: func(p *diagnostics.Pass) {
		reportFills(p, pipCacheKey{}, func(f shell.CacheFill) bool { return f.Off != "" }, func(s *stages.Step, f filled) {
			first := f.commands[0]
			p.Report(diagnostics.Finding{
				Step: s, Span: first.Span,
				Message: diagnostics.Plain(words.Code(first.Phrase()) + " keeps the packages that it downloads in a cache, which makes every pull of the image larger; use " + words.Code(f.Off) + ", or mount a cache"),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					change := p.Change()
					for _, c := range f.commands {
						change.InsertWords(s, subCommand(c).Span, f.Off)
					}
					return suggest(change.Edit())("Add " + words.Code(f.Off))
				},
			})
		})
	},
}

type pipCacheKey struct{}

// subCommand is the word that says what the command does: install of pip install, and of python -m pip install.
func subCommand(c *shell.Command) shell.Word {
	words := c.Operands()
	for _, w := range words {
		if fill, ok := c.FillsCache(); ok && w.Text != fill.Tool {
			return w
		}
	}
	return words[0]
}
