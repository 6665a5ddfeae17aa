package size

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var yarnNpmCacheClean = &diagnostics.Rule{
	Name:       "yarn-npm-cache-clean",
	Production: true,
	Severity:   diagnostics.Hint,
	Off:        true,
	Hadolint:   []string{"DL3060"},
	Stage: func(p *diagnostics.Pass) {
		reportFills(p, npmCacheKey{}, func(f shell.CacheFill) bool { return f.Off == "" }, func(s *stages.Step, f filled) {
			last := f.commands[len(f.commands)-1]
			p.Report(diagnostics.Finding{
				Step: s, Span: last.Span,
				Message: diagnostics.Plain(words.Code(last.Phrase()) + " keeps the packages that it downloads in a cache, which makes every pull of the image larger; mount a cache, or end the RUN with " + words.Code(f.CleanUp)),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					change := p.Change()
					change.Append(s, f.CleanUp)
					return suggest(change.Edit())("End the RUN with " + words.Code(f.CleanUp))
				},
			})
		})
	},
}

type npmCacheKey struct{}
