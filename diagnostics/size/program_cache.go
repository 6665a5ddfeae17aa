package size

import (
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file finds the caches that package managers of languages leave in the layers of RUNs.

// filled are the commands of the RUN that fill a cache which stays in the layer.
type filled struct {
	commands []*shell.Command
	shell.CacheFill
}

// fillsCache is what the RUN leaves in the cache of a tool that the rule is about. RUNs that are not understood, that mount
// a cache there, or that delete it leave nothing.
func fillsCache(s *stages.Step, of func(shell.CacheFill) bool) (f filled, ok bool) {
	script, known := understood(s)
	if !known {
		return f, false
	}
	for _, c := range script.Commands {
		fill, fills := c.FillsCache()
		switch {
		case fills && fill.Purges && fill.Tool == f.Tool:
			f = filled{}
		case fills && !fill.Purges && of(fill):
			if !keepsNone(s, script, c, fill) && !cacheMounted(s, fill) {
				f.commands, f.CacheFill = append(f.commands, c), fill
			}
		case slices.ContainsFunc(c.Removes(), func(w shell.Word) bool {
			return strings.Contains(w.Text, ".cache") || f.In != "" && strings.Contains(w.Text, f.In)
		}):
			f = filled{}
		}
	}
	return f, len(f.commands) > 0
}

// keepsNone reports whether a variable says that no cache is kept.
func keepsNone(s *stages.Step, script *shell.Script, c *shell.Command, fill shell.CacheFill) bool {
	named := func(a shell.Assign) bool { return a.Name == fill.Variable }
	if fill.Variable == "" {
		return false
	}
	_, above := copies.Variable(s, fill.Variable)
	_, ofBase := s.Vars.Lookup(fill.Variable)
	return above || ofBase || slices.ContainsFunc(c.Assigns, named) || slices.ContainsFunc(script.SetBefore(c), named)
}

// cacheMounted reports whether a mount of the RUN may hold the cache, in whosever home.
func cacheMounted(s *stages.Step, fill shell.CacheFill) bool {
	mounts, known := mountsOf(s)
	if !known {
		return true
	}
	return slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
		return (m.Type == instructions.MountTypeCache || m.Type == instructions.MountTypeTmpfs) &&
			(strings.Contains(m.Target, fill.In) || strings.Contains(m.Target, "cache") || strings.Count(strings.TrimSuffix(m.Target, "/"), "/") <= 1)
	})
}

// inSettings reports whether the step may set the tool's settings for those below it.
func inSettings(s *stages.Step, fill shell.CacheFill) bool {
	return strings.Contains(s.Instr.Text, fill.Setting) || s.Instr.Name == "RUN" && slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
		return len(c.Operands()) > 1 && slices.ContainsFunc(c.Operands(), func(w shell.Word) bool { return w.Text == "config" }) && strings.Contains(c.Span.Of(s.Instr.Text), "cache")
	})
}

// reportFills goes through the chain, and reports the RUNs of the stage that fill a cache, unless settings above decide it.
func reportFills(p *diagnostics.Pass, key any, of func(shell.CacheFill) bool, report func(s *stages.Step, f filled)) {
	found := p.SeeChain(key, func(s *stages.Step) any {
		if _, ok := fillsCache(s, of); ok {
			return true
		}
		return nil
	})
	if len(found) == 0 || !p.Exported() {
		return
	}
	for _, seen := range found {
		if seen.Stage != p.Stage {
			continue
		}
		f, ok := fillsCache(seen.Step, of)
		if ok && !settled(p.Stage, f.CacheFill) {
			report(seen.Step, f)
		}
	}
}

// settled reports whether a step of the chain may have settings in which no cache is kept.
func settled(stage *stages.Stage, fill shell.CacheFill) bool {
	for _, st := range stage.Chain() {
		if slices.ContainsFunc(st.Steps, func(s *stages.Step) bool { return inSettings(s, fill) }) {
			return true
		}
	}
	return false
}
