package caching

import (
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file tells which steps see that the Dockerfile itself has changed.

// watchers are the reasons to think that one of the steps sees that the Dockerfile, which is copied
// too, has changed.
func watchers(steps []*stages.Step) (doubts []string) {
	for _, s := range steps {
		if doubt, ok := watches(s).(string); ok {
			doubts = append(doubts, doubt)
		}
	}
	return doubts
}

type watchesKey struct{}

// watches is the doubt about one step: a string, or nil.
func watches(s *stages.Step) any {
	switch s.Instr.Name {
	case "ONBUILD":
		return "an ONBUILD instruction may read the copied files"
	case "RUN":
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if c.ListsTree() {
				return words.Code(c.Phrase()) + " may notice that the Dockerfile, which is copied too, has changed"
			}
		}
	}
	return nil
}
