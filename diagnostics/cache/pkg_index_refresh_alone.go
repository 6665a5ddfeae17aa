package cache

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var pkgIndexRefreshAlone = &diagnostics.Rule{
	Name:     "pkg-index-refresh-alone",
	Severity: diagnostics.Warning,
	Stage:    checkRefreshAlone,
}

func checkRefreshAlone(p *diagnostics.Pass) {
	for _, step := range p.See(refreshKey{}, refreshes) {
		s := step.Step
		script := shell.Of(s.Instr, s.Shell)
		if script.Partial || script.Unknown || strings.Contains(s.Instr.Text, "/var/lib/apt") {
			continue // half typed, or the lists live in a mount or are taken care of
		}
		for i, c := range script.Commands {
			os, ok := c.OSPackages()
			if !ok || !os.Refresh || usesIndex(script.Commands[i+1:], os.Manager) {
				continue
			}
			reportRefresh(p, s, c, os.Manager)
			break
		}
	}
}

type refreshKey struct{}

func refreshes(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if os, ok := c.OSPackages(); ok && os.Refresh {
			return true
		}
	}
	return nil
}

// usesIndex reports whether a later command of the same RUN uses the index, or may: a script or a
// tool that is called can install too.
func usesIndex(commands []*shell.Command, manager string) bool {
	return slices.ContainsFunc(commands, func(c *shell.Command) bool {
		if os, ok := c.OSPackages(); ok {
			return !os.Refresh && !os.Remove && (!os.Clean || c.DropsLists())
		}
		// Also if the index is deleted again: then none is left to go stale.
		return !neverInstalls(c) || c.Program == "rm" && strings.Contains(argumentsOf(c), "/lists")
	})
}

// neverInstalls reports whether the command surely installs no system packages.
func neverInstalls(c *shell.Command) bool {
	switch c.Program {
	case "[", "cat", "cd", "chmod", "chown", "cp", "date", "echo", "export", "false", "grep", "groupadd", "ln", "locale-gen", "ls", "mkdir",
		"mv", "printf", "rm", "sed", "set", "sleep", "test", "touch", "true", "useradd":
		return true
	}
	return false
}

func argumentsOf(c *shell.Command) (all string) {
	for _, w := range c.Words {
		all += " " + w.Text
	}
	return all
}

func reportRefresh(p *diagnostics.Pass, s *stages.Step, c *shell.Command, manager string) {
	next, unsure := nextInstall(p, s, manager)
	f := diagnostics.Finding{Step: s, Span: c.Span}
	switch {
	case next != nil:
		f.Message = func(p *diagnostics.Pass) string {
			return fmt.Sprintf("The index is cached with this step: when line %d changes, it installs from an old index, and may not find its packages. Refresh and install in one RUN", p.Line(next))
		}
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return joinRuns(p, s, next) }
	case len(p.Children()) > 0 || unsure:
		return // a stage that builds on this one installs, or a script does
	default:
		f.Message = diagnostics.Plain("The index is fetched, stored in a layer and never used")
	}
	p.Report(f)
}

// nextInstall is the first later step of the stage that installs with the manager and does not
// refresh the index itself. unsure says that a step before it, or any if there is none, may install.
func nextInstall(p *diagnostics.Pass, s *stages.Step, manager string) (next *stages.Step, unsure bool) {
	for _, next := range p.Stage.Steps[s.N+1:] {
		if next.Instr.Name != "RUN" {
			continue
		}
		script := shell.Of(next.Instr, next.Shell)
		unsure = unsure || script.Partial || script.Unknown
		for _, c := range script.Commands {
			os, ok := c.OSPackages()
			if !ok || os.Manager != manager {
				unsure = unsure || !ok && !neverInstalls(c) && !ignoresContext(c)
				continue
			}
			if os.Refresh || c.HasFlag("--no-cache", "-U", "--update-cache", "--update") {
				return nil, unsure
			}
			if os.Install {
				return next, unsure
			}
		}
	}
	return nil, unsure
}

// joinRuns joins the refresh with the install. It is safe if they stand next to each other and are
// plain commands joined with &&: then the same commands run in the same order.
func joinRuns(p *diagnostics.Pass, s, next *stages.Step) []diagnostics.Fix {
	if edit, ok := p.JoinRuns(s, next); ok {
		return []diagnostics.Fix{{
			Title: "Join with the RUN that installs", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit},
		}}
	}
	script := shell.Of(s.Instr, s.Shell)
	if !script.Chained() || !shell.Plain(s.Instr, s.Shell) || !shell.Plain(next.Instr, next.Shell) {
		return nil
	}
	refresh := script.Commands
	if len(refresh) > 1 || refresh[0].ChangesShell() || len(s.Instr.Inner) > 0 {
		return nil
	}
	change := p.Change()
	change.MoveComments(s, next)
	for _, comment := range script.Comments {
		change.Comment(next, comment.Of(s.Instr.Text))
	}
	change.Remove(s, rewrite.DropComments)
	change.Prepend(next, refresh[0].Top.Span.Of(s.Instr.Text))
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{
		Title: "Refresh in the RUN that installs",
		Edits: []diagnostics.FileEdit{edit},
	}
	switch {
	case diagnostics.SameFlags(s, next) && next.N == s.N+1:
		fix.Safety = diagnostics.Safe
	case next.N == s.N+1:
		fix.Title += " (check first: the two have different flags)"
	default:
		fix.Title += " (check first: what stands between may use the index)"
	}
	return []diagnostics.Fix{fix}
}
