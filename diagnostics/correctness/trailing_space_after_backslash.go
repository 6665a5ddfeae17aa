package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

var trailingSpaceAfterBackslash = &diagnostics.Rule{
	Name:     "trailing-space-after-backslash",
	Severity: diagnostics.Hint,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		blanks := blanksBehindEscape(s.Instr, p.Escape())
		if len(blanks) == 0 {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: blanks[0],
			Message: diagnostics.Plain("Blanks stand behind the character that continues this line: BuildKit overlooks them, but a shell ends the command here when somebody tries it there; remove them"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				for _, span := range blanks {
					change.ReplaceWord(s, span, "")
				}
				edit, err := change.Edit()
				if err != nil {
					return nil
				}
				return []diagnostics.Fix{{Title: "Remove the blanks at the ends of these lines", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}}
			},
		})
	},
}

// blanksBehindEscape are the blanks at the ends of the instruction's lines that continue. Comments between the lines, and
// here-documents, are no lines of the instruction.
func blanksBehindEscape(in *syntax.Instruction, escape byte) (list []text.Span) {
	end := in.Body.End
	if len(in.Heredocs) > 0 {
		end = min(end, in.Heredocs[0].Content.Start)
	}
	if strings.IndexByte(in.Text[:end], escape) < 0 {
		return nil
	}
	for at := in.Keyword.Start; at < end; {
		stop := end
		if i := strings.IndexByte(in.Text[at:end], '\n'); i >= 0 {
			stop = at + i
		}
		line := strings.TrimSuffix(in.Text[at:stop], "\r")
		kept := strings.TrimRight(line, " \t")
		comment := strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
		if stop < end && len(kept) < len(line) && strings.HasSuffix(kept, string(escape)) && !comment {
			list = append(list, text.Span{Start: at + len(kept), End: at + len(line)})
		}
		at = stop + 1
	}
	return list
}
