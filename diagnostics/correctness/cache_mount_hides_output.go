package correctness

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var cacheMountHidesOutput = &diagnostics.Rule{
	Name:     "cache-mount-hides-output",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(fromStageKey{}, copiesFromStage) {
			from, ok := seen.What.(string)
			if !ok {
				continue
			}
			source := p.From(from)
			if source == nil {
				continue
			}
			if _, known := images.Of(source); known { // others may have it from the image
				checkHidden(p, seen.Step, source)
			}
		}
	},
}

type fromStageKey struct{}

// copiesFromStage is the name of the stage that a COPY takes from, or nil.
func copiesFromStage(s *stages.Step) any {
	if c, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok && c.From != "" && !strings.Contains(c.From, "$") {
		return c.From
	}
	return nil
}

// checkHidden looks for sources of the COPY that the other stage has only in a cache mount.
func checkHidden(p *diagnostics.Pass, s *stages.Step, from *stages.Stage) {
	c := s.Instr.Cmd().(*instructions.CopyCommand)
	for _, word := range c.SourcePaths {
		source := s.Expand(word)
		if !source.Known || strings.ContainsAny(source.Text, "*?[") {
			continue
		}
		name := path.Clean("/" + source.Text)
		run, target, ok := onlyInCache(from, name)
		if !ok {
			continue
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: diagnostics.Line(s.Instr),
			Message: func(p *diagnostics.Pass) string {
				return fmt.Sprintf("%s is not in %s: line %d makes it in the cache that is mounted at %s, which is in no layer; copy it to a folder outside in that RUN", name, from.Name, p.Line(run), target)
			},
			Related: []diagnostics.Related{{Step: run, Span: diagnostics.Line(run.Instr), Message: "the cache is mounted here"}},
		})
		return
	}
}

// onlyInCache is the last RUN of the stage that has a cache mounted over the path, if no other step may bring what is there.
func onlyInCache(from *stages.Stage, name string) (run *stages.Step, target string, ok bool) {
	steps := from.ChainSteps()
	for _, s := range steps {
		if at := mountOver(s, name); at != "" {
			run, target = s, at
		}
	}
	if run == nil || slices.ContainsFunc(steps, func(s *stages.Step) bool { return mountOver(s, name) == "" && mayBring(s, name) }) {
		return nil, "", false
	}
	return run, target, true
}

// mountOver is the target of the cache mount of the RUN in which the path lies.
func mountOver(s *stages.Step, name string) string {
	for _, m := range copies.CacheMounts(s) {
		if copies.Below(name, m.Target) && m.Target != "/" && !copies.BelowUnknown(m.Target) && name != m.Target {
			return m.Target
		}
	}
	return ""
}

// mayBring reports whether a step may put something at the path, or above it.
func mayBring(s *stages.Step, name string) bool {
	dest := ""
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		dest = c.DestPath
	case *instructions.AddCommand:
		dest = c.DestPath
	case *instructions.RunCommand:
		script := shell.Of(s.Instr, s.Shell)
		return script.Partial || script.Unknown || slices.ContainsFunc(script.Commands, func(cmd *shell.Command) bool { return !leaves(s, cmd, name) })
	default:
		return false
	}
	to := s.Join(s.Expand(dest).Text)
	if !to.Known {
		return true
	}
	// What is copied to a folder above is the project: it has no outputs, unless they are named.
	return copies.Below(to.Text, path.Dir(name)) || to.Text == "/"
}

// leaves reports whether a command surely makes nothing at the path.
func leaves(s *stages.Step, cmd *shell.Command, name string) bool {
	if os, ok := cmd.OSPackages(); ok {
		return os.Manager != ""
	}
	e := cmd.Effects()
	if _, builds := cmd.Install(); builds || !e.Known || e.Writes.All || e.Writes.Tree {
		return false
	}
	return !slices.ContainsFunc(e.Writes.Words, func(w shell.Word) bool {
		to := s.Join(w.Text)
		return !w.Literal || !to.Known || copies.Below(name, path.Clean(to.Text)) || copies.Below(path.Clean(to.Text), path.Dir(name))
	})
}
