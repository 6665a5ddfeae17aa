package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var heredocNoErrexit = &diagnostics.Rule{
	Name:     "heredoc-no-errexit",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		in := s.Instr
		if in.Name != "RUN" || len(in.Heredocs) != 1 || in.Heredocs[0].Op != in.Args {
			return
		}
		script := shell.Of(in, s.Shell)
		if !script.Known() || script.StopsAtFailure(s.Shell) || script.Traps() {
			return
		}
		c := overlooked(script)
		if c == nil {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(c.Span),
			Message: diagnostics.Plain("If " + words.Code(c.Phrase()) + " fails, the lines below run all the same and the step may succeed without it; begin with " + words.Code("set -e")),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				at := script.List[0].Span.Start
				line := strings.LastIndexByte(in.Text[:at], '\n') + 1
				change := p.Change()
				change.ReplaceWord(s, text.Span{Start: at, End: at}, "set -e\n"+in.Text[line:at])
				edit, err := change.Edit()
				if err != nil {
					return nil
				}
				return []diagnostics.Fix{{Title: "Begin with " + words.Code("set -e"), Edits: []diagnostics.FileEdit{edit}}}
			},
		})
	},
}

// overlooked is the first command whose failure does not end the script, although more follows, and does not show in its
// result; nil if there is none.
func overlooked(script *shell.Script) *shell.Command {
	for n, part := range script.List[:len(script.List)-1] {
		if part.End != "\n" && part.End != ";" || part.Op == "||" || part.Negated {
			continue
		}
		for _, link := range script.Chain(n) {
			for _, c := range script.Commands {
				if c.Top == link && !c.InSubst && !c.HarmlessToFail() && !script.FailureShows(c) {
					return c
				}
			}
		}
	}
	return nil
}
