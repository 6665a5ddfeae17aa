package maintainability

import (
	"strconv"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var maintainerDeprecated = &diagnostics.Rule{
	Name:     "maintainer-deprecated",
	Severity: diagnostics.Warning,
	Tag:      diagnostics.Deprecated,
	Stage: func(p *diagnostics.Pass) {
		for _, s := range p.Stage.Steps {
			c, ok := s.Instr.Cmd().(*instructions.MaintainerCommand)
			if !ok {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: s.Instr.Keyword,
				Format: "MAINTAINER is deprecated: tools read the label org.opencontainers.image.authors instead",
				Fixes:  func(p *diagnostics.Pass) []diagnostics.Fix { return authorsLabel(p, s, c.Maintainer) },
			})
		}
	},
}

// authorsLabel replaces MAINTAINER by the label. The image keeps its layers: both are metadata.
func authorsLabel(p *diagnostics.Pass, s *stages.Step, name string) []diagnostics.Fix {
	// LABEL expands variables and reads escapes, MAINTAINER does neither.
	if strings.ContainsAny(name, "$`\\\r\n") || s.Instr.Body.Len() == 0 || len(s.Instr.Inner) > 0 {
		return nil
	}
	name = strings.Trim(name, `"`)
	label := "LABEL org.opencontainers.image.authors=" + strconv.Quote(name)
	if s.Instr.Keyword.Of(s.Instr.Text) == "maintainer" {
		label = "label" + label[len("LABEL"):]
	}
	return []diagnostics.Fix{{
		Title:  "Replace MAINTAINER by LABEL org.opencontainers.image.authors",
		Safety: diagnostics.Safe,
		Edits:  []diagnostics.FileEdit{diagnostics.Edit(p.At(s, s.Instr.Body, label))},
	}}
}
