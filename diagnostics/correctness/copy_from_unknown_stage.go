package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// What is no stage is an image, and most of these are meant. So only a name that is nearly that of a stage is reported.
var copyFromUnknownStage = &diagnostics.Rule{
	Name:      "copy-from-unknown-stage",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3022"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"68a51e22-ae5a-4d48-8e87-b01a323605c9"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "COPY" && s.Instr.Name != "RUN" || !strings.Contains(s.Instr.FlagText(), "from") {
			return
		}
		for _, from := range occurrences.In(s.Instr, p.Escape(), s.Shell) {
			if from.Kind == occurrences.Stage && (from.Place == occurrences.InCopy || from.Place == occurrences.InMount) {
				checkFrom(p, s, from)
			}
		}
	},
}

// stageLike is a name that may be that of a stage, and is too long to be near another by chance.
var stageLike = lazy.New(`^[a-z][a-z0-9_.-]{4,}$`)

func checkFrom(p *diagnostics.Pass, s *stages.Step, from occurrences.Occurrence) {
	name := strings.ToLower(from.Name)
	if !stageLike.MatchString(name) || p.NamedContext(name) {
		return
	}
	if _, known := images.Lookup(name, ""); known {
		return
	}
	var all, above []string
	for _, other := range p.Froms() {
		all = append(all, other.Stage.Name)
		if other.Stage.Name != "" && other.Stage.Index < s.Stage.Index {
			above = append(above, other.Stage.Name)
		}
	}
	if slices.Contains(all, name) {
		return
	}
	meant := likely(name, above)
	if meant == "" {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: from.Span,
		Message: diagnostics.Plain("No stage has the name " + from.Name + ", so the build takes an image of that name from the registry; did you mean the stage " + meant + "?"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Take it from the stage "+words.Code(meant), diagnostics.Suggested, func(c *rewrite.Change) { c.ReplaceWord(s, from.Span, meant) })
		},
	})
}
