package maintainability

import (
	"slices"
	"strings"
	"unicode"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var maintainerDeprecated = &diagnostics.Rule{
	Name:      "maintainer-deprecated",
	Severity:  diagnostics.Info,
	BuildKit:  []string{"MaintainerDeprecated"},
	Hadolint:  []string{"DL4000"},
	Tag:       diagnostics.Deprecated,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0022"}, Checkov: []string{"CKV_DOCKER_6"}, KICS: []string{"99614418-f82b-4852-a9ae-5051402b741c"}, Semgrep: []string{"maintainer-is-deprecated"}, Sonar: []string{"S6586"}},
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

// authors is the label that has taken the place of MAINTAINER.
const authors = "org.opencontainers.image.authors"

type authorsKey struct{}

// setsAuthors reports whether the step is a LABEL that sets the label, or one whose name is not known.
func setsAuthors(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.LabelCommand)
	if ok && slices.ContainsFunc(c.Labels, func(kv instructions.KeyValuePair) bool {
		return strings.Trim(kv.Key, `"'`) == authors || strings.Contains(kv.Key, "$")
	}) {
		return true
	}
	return nil
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
	for _, above := range p.SeeChain(authorsKey{}, setsAuthors) {
		if setsAuthors(above.Step) != nil && (above.Step.Stage != s.Stage || above.N < s.N) {
			return nil // that label would get another value
		}
	}
	change := p.Change()
	change.Replace(s, rewrite.Keyword(s, "LABEL")+" "+authors+"="+quote+name+quote)
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
