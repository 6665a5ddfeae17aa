package caching

import (
	"fmt"
	"path"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// checkEmptiedByImage looks for mounts of a cache that the base image empties after each install, if no step can have told it
// to keep the packages. The first is reported: one step mends all.
func checkEmptiedByImage(p *diagnostics.Pass) {
	if !p.Says(mountedInstallKey{}, installsOrSets, mountsAndInstalls) {
		return // nearly every step of a long stage may set something
	}
	seen := p.SeeChain(aptSettingsKey{}, installsOrSets)
	facts, ok := images.Of(p.Stage)
	if !ok || facts.Recalled {
		return
	}
	for _, s := range seen {
		if s.What == maySetPackages {
			return
		}
		for _, m := range copies.CacheMounts(s.Step) {
			for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
				os, _ := cmd.OSPackages()
				if c, emptied := os.EmptiedIn(facts.Family); emptied && os.Install && c.Folder == path.Clean(m.Target) {
					if s.Stage == p.Stage {
						reportEmptiedByImage(p, s.Step, cmd, m, c)
					}
					return
				}
			}
		}
	}
}

type (
	mountedInstallKey struct{}
	aptSettingsKey    struct{}
)

// settingsStep is what a step is to the rule.
type settingsStep int

const (
	mountsAndInstalls settingsStep = iota // packages, with a mounted cache
	maySetPackages                        // it may change how packages are kept
)

func installsOrSets(s *stages.Step) any {
	switch s.Instr.Name {
	case "COPY", "ADD", "ENV", "ARG":
		c, ok := copies.Of(s)
		if shell.SetsPackages(s.Instr.Text) || ok && (copies.Below("/etc/apt/x", c.Dest) || copies.Below(c.Dest, "/etc/apt")) {
			return maySetPackages
		}
	case "RUN":
		script := shell.Of(s.Instr, s.Shell)
		if shell.SetsPackages(s.Instr.Text) || script.Partial || script.Unknown {
			return maySetPackages
		}
		installs := false
		for _, c := range script.Commands {
			os, ok := c.OSPackages()
			if !ok && !c.InstallsNothing() {
				return maySetPackages // a script may do what it likes
			}
			installs = installs || os.Install
		}
		if installs && strings.Contains(s.Instr.FlagText(), "type=cache") {
			return mountsAndInstalls
		}
	}
	return nil
}

func reportEmptiedByImage(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, m copies.CacheMount, c shell.EmptiedCache) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Flags[m.Flag].Span, Severity: diagnostics.Info,
		Message: diagnostics.Plain(fmt.Sprintf("The base image deletes what %s downloads as soon as it is installed, so that the cache at %s stays empty; delete %s in a step above",
			words.Code(cmd.Phrase()), m.Target, c.Settings)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			remove := "rm -f " + c.Settings
			return p.FixBy("Delete "+c.Settings+" above", diagnostics.Suggested, func(change *rewrite.Change) {
				change.Insert(rewrite.Above(s), rewrite.Keyword(s, "RUN")+" "+remove)
			})
		},
	})
}
