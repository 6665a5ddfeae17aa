package workspace

import (
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// maxCommand is how many characters of a command are repeated.
const maxCommand = 60

// Installs are the commands that fetch dependencies and rerun, each once, in one line.
func Installs(c *cache.Comparison, g *stages.Graph) (list []string) {
	again := map[int]bool{}
	for _, e := range c.Effects {
		again[e.Line] = e.State == cache.Rebuilt
	}
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			if s.Instr.Name != "RUN" || !again[g.Line(s)] {
				continue
			}
			for _, cmd := range shell.Commands(s.Instr, s.Shell) {
				text := words.Shorten(strings.Join(strings.Fields(cmd.Span.Of(s.Instr.Text)), " "), maxCommand)
				if inst, ok := cmd.Install(); ok && inst.DepsOnly && !slices.Contains(list, text) {
					list = append(list, text)
				}
			}
		}
	}
	return list
}

// relative is a path as people have it: relative to the workspace.
func (c Config) relative(path string) string {
	if c.known != nil {
		if rel, err := filepath.Rel(c.known.Root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.Base(path)
}
