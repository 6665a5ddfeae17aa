package diagnostics

import (
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// JoinRuns is the edit that makes one RUN of two. ok says that the same commands then run in the same
// order and in the same circumstances: the two stand next to each other, have the same flags, and are
// lists joined with &&, of which the first leaves the shell as it was, and does not end it.
func (p *Pass) JoinRuns(s, next *stages.Step) (edit FileEdit, ok bool) {
	if !shell.Plain(s.Instr, s.Shell) || !shell.Plain(next.Instr, next.Shell) {
		return edit, false
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c.ChangesShell() {
			return edit, false
		}
	}
	change := p.Change()
	change.Join(s, next)
	edit, err := change.Edit()
	return edit, err == nil
}

// SameFlags reports whether the instructions have the same flags in the same order.
func SameFlags(a, b *stages.Step) bool { return rewrite.Flags(a) == rewrite.Flags(b) }
