package cache

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var pkgIndexRefreshAlone = &diagnostics.Rule{
	Name:     "pkg-index-refresh-alone",
	Severity: diagnostics.Warning,
	Stage:    checkRefreshAlone,
}

func checkRefreshAlone(p *diagnostics.Pass) {
	for _, s := range p.Stage.Steps {
		if s.Instr.Name != "RUN" {
			continue
		}
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

// usesIndex reports whether a later command of the same RUN uses the index, or may: a script that
// is called can install too.
func usesIndex(commands []*shell.Command, manager string) bool {
	for _, c := range commands {
		os, ok := c.OSPackages()
		if ok && !os.Refresh && !os.Remove || c.Program == "apt-cache" || c.Program == "rm" && strings.Contains(argumentsOf(c), "/lists") {
			return true // also if the index is deleted again: then none is left to go stale
		}
		if !ok && strings.Contains(strings.ToLower(c.Program), "install") {
			return true
		}
		if !ok && (strings.HasSuffix(c.Program, ".sh") || c.Program == "" || c.Program == "." || c.Program == "source" || c.Program == "sh" || c.Program == "bash") {
			return true
		}
		for _, w := range c.Words {
			if !ok && w.Text == manager {
				return true // xargs apt-get install
			}
		}
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
	next := nextInstall(p, s, manager)
	f := diagnostics.Finding{Step: s, Span: c.Span}
	switch {
	case next != nil:
		f.Format = "The index is cached with this step: when line %v changes, it installs from an old index, and may not find its packages. Refresh and install in one RUN"
		f.Args = []any{next}
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return joinRuns(p, s, next) }
	case p.Children > 0:
		return // a stage that builds on this one installs
	default:
		f.Format = "The index is fetched, stored in a layer and never used"
	}
	p.Report(f)
}

// nextInstall is the first later step of the stage that installs with the manager and does not
// refresh the index itself.
func nextInstall(p *diagnostics.Pass, s *stages.Step, manager string) *stages.Step {
	for _, next := range p.Stage.Steps[s.N+1:] {
		if next.Instr.Name != "RUN" {
			continue
		}
		for _, c := range shell.Of(next.Instr, next.Shell).Commands {
			os, ok := c.OSPackages()
			if !ok || os.Manager != manager && !(manager == "apt" && os.Manager == "apt-get") {
				continue
			}
			if os.Refresh {
				return nil
			}
			if os.Install {
				return next
			}
		}
	}
	return nil
}

// joinRuns joins the refresh with the install on the next line. It is safe if both are plain
// commands joined with &&: then the same commands run in the same order.
func joinRuns(p *diagnostics.Pass, s, next *stages.Step) []diagnostics.Fix {
	if next.N != s.N+1 || !plain(s) || !plain(next) || flagTexts(s) != flagTexts(next) {
		return nil
	}
	a, b := s.Instr, next.Instr
	gap := text.Span{Start: a.Body.End, End: p.Graph.Offset(next) - p.Graph.Offset(s) + b.Args.Start}
	if len(b.Comments) > 0 {
		return nil
	}
	escape := string(p.Graph.File.Escape)
	return []diagnostics.Fix{{
		Title: "Join with the RUN that installs", Safety: diagnostics.Safe,
		Edits: []diagnostics.FileEdit{diagnostics.Edit(p.At(s, gap, " && "+escape+"\n    "))},
	}}
}

// plain reports whether the RUN is a list of simple commands joined with &&.
func plain(s *stages.Step) bool {
	script := shell.Of(s.Instr, s.Shell)
	if script.Exec || script.Partial || script.Unknown || len(s.Instr.Heredocs) > 0 || len(script.Commands) == 0 {
		return false
	}
	for i, c := range script.Commands {
		if c.Depth > 0 || c.InSubst || c.Pipe != 0 || i > 0 && c.Op != "&&" || c.Program == "" {
			return false
		}
	}
	return true
}

func flagTexts(s *stages.Step) (all string) {
	for _, f := range s.Instr.Flags {
		all += f.Span.Of(s.Instr.Text) + " "
	}
	return all
}
