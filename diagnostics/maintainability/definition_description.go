package maintainability

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var definitionDescription = &diagnostics.Rule{
	Name:     "definition-description",
	Severity: diagnostics.Hint,
	Off:      true,
	BuildKit: []string{"InvalidDefinitionDescription"},
	Step:     checkDescription,
	File: func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			checkDescription(p, s)
		}
	},
}

func checkDescription(p *diagnostics.Pass, s *stages.Step) {
	in := s.Instr
	if len(in.Comments) == 0 || in.Name != "ARG" && in.Name != "FROM" {
		return
	}
	var names []string
	switch c := in.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, arg := range c.Args {
			names = append(names, arg.Key)
		}
	case *instructions.Stage:
		if c.Name != "" {
			names = append(names, c.Name)
		}
	}
	last := in.Comments[len(in.Comments)-1]
	comment := strings.TrimSpace(strings.TrimPrefix(last.Of(in.Text), "#"))
	first, _, _ := strings.Cut(comment, " ")
	if len(names) == 0 || comment == "" || slices.Contains(names, first) || len(diagnostics.IgnoresOf(in)) > 0 {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: last,
		Message: diagnostics.Plain("BuildKit takes the comment above " + names[0] + " for its description if it begins with that name; write " + words.Code("# "+names[0]+" …") + ", or an empty comment line below it"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Put an empty comment line below it", diagnostics.Suggested, func(c *rewrite.Change) { c.Comment(s, "#") })
		},
	})
}
