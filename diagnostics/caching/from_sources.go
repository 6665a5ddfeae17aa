package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// takesSources is copiesSources, or that the stage builds what it has copied from a stage which does: its results change with
// the sources all the same. It looks no further than that, or a letter typed in one stage would have all below it looked at
// again.
func takesSources(p *diagnostics.Pass, s *stages.Stage) bool {
	if copiesSources(s) {
		return true
	}
	steps := s.ChainSteps()
	return slices.ContainsFunc(steps, builds) && slices.ContainsFunc(steps, func(step *stages.Step) bool {
		name := folderOf(step)
		if name == "" {
			return false
		}
		from := p.From(name)
		return from != nil && from.Index < s.Index && copiesSources(from)
	})
}

// copiesSources reports whether the stage, or one that it builds on, copies a folder of the build context.
func copiesSources(s *stages.Stage) bool {
	return slices.ContainsFunc(s.ChainSteps(), func(step *stages.Step) bool {
		c, ok := copies.Of(step)
		return ok && c.Whole()
	})
}

// folderOf is the stage of which a COPY takes a folder, as its flag names it; "" if it is none, or takes what an install
// has made.
func folderOf(s *stages.Step) string {
	cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || cmd.From == "" {
		return ""
	}
	for _, source := range cmd.SourcePaths {
		if base := path.Base(source); path.Ext(base) == "" && base != "node_modules" && base != "vendor" && !strings.HasSuffix(base, "venv") {
			return cmd.From
		}
	}
	return ""
}

// builds reports whether the step builds the project.
func builds(s *stages.Step) bool {
	if s.Instr.Name != "RUN" {
		return false
	}
	return slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
		inst, ok := c.Install()
		return ok && inst.Build || c.RunsSources()
	})
}
