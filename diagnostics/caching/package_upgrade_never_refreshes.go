package caching

import (
	"slices"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// With a digest in FROM nothing above the install ever changes by itself. Where the tag moves, a new base image reruns it.
var packageUpgradeNeverRefreshes = &diagnostics.Rule{
	Name:       "package-upgrade-never-refreshes",
	Code:       "C15",
	Severity:   diagnostics.Hint,
	Off:        true,
	Production: true,
	Stage: func(p *diagnostics.Pass) {
		root := p.Stage.Root()
		if !root.Base.Known || p.Stage.Parent != nil {
			return
		}
		if ref, err := images.Parse(root.Base.Text); err != nil || ref.Digest == "" {
			return
		}
		installs := p.See(osInstallKey{}, installsPackages)
		n := slices.IndexFunc(installs, func(s diagnostics.Seen) bool { return s.What != nil })
		if n < 0 || !p.Exported() {
			return
		}
		first := installs[n]
		at := first.What.(int)
		cmd := shell.Of(first.Instr, first.Shell).Commands[at]
		stage := "STAGE"
		if p.Stage.Name != "" {
			stage = p.Stage.Name
		}
		p.Report(diagnostics.Finding{
			Step: first.Step, Span: first.Instr.FirstLine(cmd.Span),
			Message: diagnostics.Plain("The base image is pinned and this line stays the same, so a builder that has it in its cache never installs newer packages, not even those that mend a security hole; build with " +
				words.Code("--no-cache-filter "+stage) + " at fixed times, or have a tool renew the digest"),
		})
	},
}

type osInstallKey struct{}

// installsPackages is the place of the first command of a RUN that installs packages of the operating system without a
// version; nil if there is none.
func installsPackages(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	n := slices.IndexFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		return ok && os.Install && len(os.Unpinned) > 0
	})
	if n < 0 {
		return nil
	}
	return n
}
