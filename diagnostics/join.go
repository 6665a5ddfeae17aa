package diagnostics

import (
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// JoinRuns is the edit that makes one RUN of two. ok says that the same commands then run in the same
// order and in the same circumstances: the two stand next to each other, have the same flags, and are
// lists joined with &&, of which the first leaves the shell as it was.
func (p *Pass) JoinRuns(s, next *stages.Step) (edit text.Edit, ok bool) {
	a, b := s.Instr, next.Instr
	if s.Stage != next.Stage || next.N != s.N+1 || !SameFlags(s, next) || len(b.Comments) > 0 || !shell.Plain(a, s.Shell) || !shell.Plain(b, next.Shell) {
		return edit, false
	}
	for _, c := range shell.Of(a, s.Shell).Commands {
		if c.ChangesShell() {
			return edit, false
		}
	}
	gap := text.Span{Start: a.Body.End, End: p.Offset(next) - p.Offset(s) + b.Args.Start}
	return p.At(s, gap, " && "+string(p.Escape())+p.Newline()+"    "), true
}

// SameFlags reports whether the instructions have the same flags in the same order.
func SameFlags(a, b *stages.Step) bool { return flags(a) == flags(b) }

func flags(s *stages.Step) (all string) {
	for _, f := range s.Instr.Flags {
		all += f.Span.Of(s.Instr.Text) + " "
	}
	return all
}
