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
		if s.Instr.Name == "ONBUILD" {
			doubts = append(doubts, "an ONBUILD may look at the copied files")
		}
		if s.Instr.Name != "RUN" {
			continue
		}
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if c.ListsTree() {
				doubts = append(doubts, c.Program+" may see that the Dockerfile, which is copied too, has changed")
			}
		}
	}
	return doubts
}
