package maintainability

import (
	"strings"
	"unicode"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var maintainerDeprecated = &diagnostics.Rule{
	Name:     "maintainer-deprecated",
	Severity: diagnostics.Warning,
	BuildKit: []string{"MaintainerDeprecated"},
	Hadolint: []string{"DL4000"},
	Tag:      diagnostics.Deprecated,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := s.Instr.Cmd().(*instructions.MaintainerCommand)
		if !ok {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.Keyword,
			Message: diagnostics.Plain("MAINTAINER is deprecated: tools read the label org.opencontainers.image.authors instead"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return authorsLabel(p, s, c.Maintainer) },
		})
	},
}

// authorsLabel replaces MAINTAINER by the label. The image keeps its layers: both are metadata.
func authorsLabel(p *diagnostics.Pass, s *stages.Step, name string) []diagnostics.Fix {
	if len(name) > 1 && name[0] == '"' && strings.IndexByte(name[1:], '"') == len(name)-2 {
		name = name[1 : len(name)-1]
	}
	quote := `"`
	if strings.Contains(name, quote) {
		quote = "'"
	}
	// LABEL expands variables and reads escapes, MAINTAINER does neither.
	if strings.ContainsAny(name, "$`\\"+quote) || strings.ContainsFunc(name, unicode.IsControl) || s.Instr.Body.Len() == 0 || len(s.Instr.Inner) > 0 {
		return nil
	}
	change := p.Change()
	change.Replace(s, rewrite.Keyword(s, "LABEL")+" org.opencontainers.image.authors="+quote+name+quote)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{
		Title:  "Replace MAINTAINER with `LABEL org.opencontainers.image.authors`",
		Safety: diagnostics.Safe,
		Edits:  []diagnostics.FileEdit{edit},
	}}
}
