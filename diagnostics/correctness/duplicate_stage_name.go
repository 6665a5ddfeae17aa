package correctness

import (
	"strconv"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var duplicateStageName = &diagnostics.Rule{
	Name:      "duplicate-stage-name",
	Severity:  diagnostics.Warning,
	BuildKit:  []string{"DuplicateStageName"},
	Hadolint:  []string{"DL3024"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0012"}, Checkov: []string{"CKV_DOCKER_11"}, KICS: []string{"f2daed12-c802-49cd-afed-fe41d0b82fed"}},
	Stage: func(p *diagnostics.Pass) {
		name := p.Stage.Name
		if name == "" {
			return
		}
		for _, from := range p.Froms() {
			if from.Stage.Index >= p.Stage.Index {
				return
			}
			if from.Stage.Name != name {
				continue
			}
			s := p.Stage.Steps[0]
			p.Report(diagnostics.Finding{
				Step: s, Span: nameSpan(s),
				Message: func(p *diagnostics.Pass) string {
					return "Another stage (line " + strconv.Itoa(p.Line(from)) + ") has the name " + name + " too: `--from=" + name + "` and `--target " + name +
						"` mean the last one, and the build may fail; give one of them another name"
				},
				Related: []diagnostics.Related{{Step: from, Span: nameSpan(from), Message: "The first stage of that name"}},
			})
			return
		}
	},
}

// nameSpan is where a FROM gives its stage a name.
func nameSpan(from *stages.Step) text.Span {
	if words := from.Instr.Words; len(words) == 3 {
		return words[2].Span
	}
	return from.Instr.Keyword
}
