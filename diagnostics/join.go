package diagnostics

import (
	"layerwise/build/moves"
	"layerwise/dockerfile/stages"
)

// JoinRuns is the edit that makes one RUN of two. ok says that the same commands then run in the same
// order and in the same circumstances (moves.Join).
func (p *Pass) JoinRuns(s, next *stages.Step) (edit FileEdit, ok bool) {
	if moves.Join(s, next).Answer != moves.Safe {
		return edit, false
	}
	change := p.Change()
	change.Join(s, next)
	edit, err := change.Edit()
	return edit, err == nil
}
