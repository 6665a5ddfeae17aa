package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var cdHasNoEffect = &diagnostics.Rule{
	Name:     "cd-has-no-effect",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		script := shell.Of(s.Instr, s.Shell)
		lost := script.Lost()
		for n := len(lost) - 1; n >= 0; n-- {
			if _, ok := lost[n].GoesTo(); ok {
				if len(lost) == len(script.List) || !cameFrom(script, lost) {
					reportCd(p, s, lost[n])
				}
				return // those before it are a part of the same way
			}
		}
	},
}

// cameFrom reports whether the script has gone elsewhere before its last commands: then the last cd only goes back,
// and nobody expects it to last.
func cameFrom(script *shell.Script, lost []*shell.Command) bool {
	for _, c := range script.Commands {
		if _, ok := c.GoesTo(); ok {
			return c != lost[0] && c.Span.Start < lost[0].Span.Start
		}
	}
	return false
}

func reportCd(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
	dir, _ := c.GoesTo()
	do := "use WORKDIR"
	plain := dir.Literal && dir.Text != "" && dir.Text != "-" && !strings.HasPrefix(dir.Text, "~")
	if plain {
		do = "use " + words.Code("WORKDIR "+dir.Text)
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain(words.Code("cd") + " ends with its RUN, so the next instruction does not start in this directory; " + do),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if !plain {
				return nil
			}
			change, workdir := p.Change(), rewrite.Keyword(s, "WORKDIR")+" "+dir.Span.Of(s.Instr.Text)
			switch {
			case len(shell.Of(s.Instr, s.Shell).List) > 1:
				change.DropCommand(s, c)
				change.Insert(rewrite.Below(s), workdir)
			case len(s.Instr.Heredocs) > 0 || len(s.Instr.Flags) > 0:
				return nil
			default:
				change.Replace(s, workdir)
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use " + words.Code("WORKDIR "+dir.Text), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
