package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// frontend is how Debian's packages ask while they are installed.
const frontend = "DEBIAN_FRONTEND"

var debianFrontendEnv = &diagnostics.Rule{
	Name:       "debian-frontend-env",
	Severity:   diagnostics.Hint, // nothing dear follows: few install packages in a running container
	Production: true,
	Stage: func(p *diagnostics.Pass) {
		set, ok := p.Stage.Vars().Lookup(frontend)
		if !ok || !set.Env || set.Step == nil || set.Step.Stage != p.Stage || !set.Value.Known ||
			!strings.EqualFold(strings.Trim(set.Value.Text, `"'`), "noninteractive") || !p.Final() {
			return
		}
		reportFrontend(p, set.Step)
	},
}

func reportFrontend(p *diagnostics.Pass, s *stages.Step) {
	env := s.Instr.Cmd().(*instructions.EnvCommand).Env
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(s.Instr.Body),
		Message: diagnostics.Plain(frontend + " stays set in every container of this image: apt there takes default answers without a word; use ARG, which ends with the build"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if len(env) != 1 || !strings.Contains(s.Instr.Args.Of(s.Instr.Text), "=") {
				return nil
			}
			change := p.Change()
			change.ReplaceWord(s, s.Instr.Keyword, rewrite.Keyword(s, "ARG"))
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use ARG, which containers do not see", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
