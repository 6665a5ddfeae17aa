package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var invalidDefaultArgInFrom = &diagnostics.Rule{
	Name:     "invalid-default-arg-in-from",
	Severity: diagnostics.Warning,
	BuildKit: []string{"InvalidDefaultArgInFrom"},
	Stage: func(p *diagnostics.Pass) {
		s := p.Stage.Steps[0]
		from, ok := s.Instr.Cmd().(*instructions.Stage)
		if !ok || !strings.Contains(from.BaseName, "$") {
			return
		}
		if slices.ContainsFunc(s.Uses(), func(name string) bool { return isPassed(s, name) }) {
			return // some build passes a value that is not known
		}
		image, ok := s.ExpandAs(from.BaseName, "x")
		if _, err := images.Parse(image); !ok || err == nil {
			return
		}
		var without []string
		for _, u := range s.Unset() {
			if !declares(p.Global(), u.Name) {
				return // that is what undefined-arg-in-from reports
			}
			without = append(without, u.Name)
		}
		severity := diagnostics.Warning // the build fails unless it is given another
		switch {
		case len(without) > 0:
			severity = diagnostics.Hint // mostly meant: whoever builds is to say it
		case image == "":
			severity = diagnostics.Info // an empty default says that one is to be given
		}
		p.Report(diagnostics.Finding{Severity: severity, Step: s, Span: s.Instr.Words[0].Span, Message: diagnostics.Plain(invalidDefault(s, image, without))})
	},
}

// isPassed reports whether the value of an ARG of the file is not known.
func isPassed(s *stages.Step, name string) bool {
	v, ok := s.Vars.Lookup(name)
	return ok && !v.Value.Known && v.Step != nil
}

func invalidDefault(s *stages.Step, image string, without []string) string {
	named := "no image at all"
	if image != "" {
		named = words.Code(words.Shorten(image, 60)) + ", which is no valid name"
	}
	if len(without) == 0 {
		return "With the defaults of its ARGs, this FROM names " + named + ": each build must pass others; give defaults that work"
	}
	return "A build that does not pass " + words.Code("--build-arg "+without[0]) + " fails, as FROM then names " + named + "; give " + words.Code("ARG "+without[0]) + " a default"
}
