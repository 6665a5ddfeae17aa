package cache

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// This file tells what the commands around an install have to do with the files of a COPY.

// ignoresContext reports whether the command surely reads nothing that a COPY delivers to the directory that
// it works in, and writes nothing there.
func ignoresContext(c *shell.Command) bool {
	e := c.Effects()
	elsewhere := func(w shell.Word) bool {
		return w.Literal && (path.IsAbs(w.Text) || strings.HasPrefix(w.Text, "~/")) && !strings.Contains(w.Text, "..")
	}
	for _, p := range []shell.Paths{e.Reads, e.Writes} {
		if p.All || p.Tree || slices.ContainsFunc(p.Words, func(w shell.Word) bool { return !elsewhere(w) }) {
			return false
		}
	}
	return e.Known
}

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
		return "an ONBUILD may look at the copied files"
	case "RUN":
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if c.ListsTree() {
				return c.Program + " may see that the Dockerfile, which is copied too, has changed"
			}
		}
	}
	return nil
}
