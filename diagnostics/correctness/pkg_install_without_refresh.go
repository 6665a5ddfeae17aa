package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// The image of a distribution brings no package lists, and who deletes those that a step has fetched has none either. An index
// that another RUN has fetched, and that is still there, is pkg-index-refresh-alone's.
var pkgInstallWithoutRefresh = &diagnostics.Rule{
	Name:      "pkg-install-without-refresh",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"df87631d-1ebb-45d8-9749-2d2ab2bb92f5"}},
	Stage: func(p *diagnostics.Pass) {
		if !p.Says(installKey{}, seeLists, needsLists) {
			return // nearly every step of a long stage may fetch lists
		}
		seen := p.SeeChain(listsKey{}, seeLists)
		first := firstWithoutLists(seen)
		if first == nil || first.Stage != p.Stage {
			return
		}
		if facts, ok := images.Of(p.Stage); !ok || facts.Recalled || facts.Kind != images.OS {
			return
		}
		reportWithoutLists(p, first)
	},
}

type (
	installKey struct{}
	listsKey   struct{}
)

// listsStep is what a step does to the package lists.
type listsStep int

const (
	mayFetchLists listsStep = iota // it fetches them, or may
	needsLists                     // it installs from them, and nothing in it has fetched them
	dropsTheLists                  // after it there are none
)

// firstWithoutLists is the first step that installs where there are no lists; nil if there is none.
func firstWithoutLists(seen []diagnostics.Seen) *stages.Step {
	for i, s := range seen {
		if s.What == needsLists && (i == 0 || seen[i-1].What == dropsTheLists) {
			return s.Step
		}
	}
	return nil
}

func seeLists(s *stages.Step) any {
	switch s.Instr.Name {
	case "FROM", "ARG", "ENV", "LABEL", "USER", "WORKDIR", "SHELL", "CMD", "ENTRYPOINT", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER":
		return nil
	case "COPY", "ADD":
		if n := len(s.Instr.Words); n > 1 && !bringsSystem.MatchString(path.Clean(s.Instr.Words[n-1].Text)) {
			return nil
		}
		return mayFetchLists
	case "RUN":
		return listsOf(s)
	}
	return mayFetchLists
}

func listsOf(s *stages.Step) any {
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown || len(s.Instr.Flags) > 0 {
		return mayFetchLists
	}
	fetches, needs := false, false
	for _, c := range script.Commands {
		os, ok := c.OSPackages()
		if !ok && !c.InstallsNothing() {
			return mayFetchLists
		}
		fetches = fetches || os.Fetches
		needs = needs || namesPackages(c, os)
	}
	switch {
	case fetches:
		return afterFetch(script)
	case needs:
		return needsLists
	}
	return nil
}

// namesPackages reports whether the command installs packages by their names.
func namesPackages(c *shell.Command, os shell.OSPackages) bool {
	return os.Install && os.Lists != "" && !c.LocalPackages() && slices.ContainsFunc(os.Packages, func(w shell.Word) bool { return w.Literal && !strings.Contains(w.Text, "/") })
}

// bringsSystem matches destinations below which package lists may be.
var bringsSystem = lazy.New(`^(/|/var(/lib(/apt.*)?)?|.*\$.*)$`)

// afterFetch tells whether the lists that a RUN has fetched are there after it.
func afterFetch(script *shell.Script) listsStep {
	last := script.Commands[len(script.Commands)-1]
	for _, w := range last.Removes() {
		if shell.ListsIn(w.Text) != "" {
			return dropsTheLists
		}
	}
	return mayFetchLists
}

func reportWithoutLists(p *diagnostics.Pass, s *stages.Step) {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		os, ok := c.OSPackages()
		if !ok || !namesPackages(c, os) {
			continue
		}
		refresh := c.Program + " update"
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(c.Span),
			Message: diagnostics.Plain("No package lists are here, so that " + words.Code(c.Phrase()) + " finds no package and fails; run " + words.Code(refresh) + " before it, in this RUN"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				if script := shell.Of(s.Instr, s.Shell); s.Instr.JSON || c.Top == nil || script.List[0] != c.Top || c.Top.Span.Start != c.Span.Start {
					return nil
				}
				return p.FixBy("Run "+words.Code(refresh)+" first", diagnostics.Suggested, func(change *rewrite.Change) { change.Prepend(s, refresh) })
			},
		})
		return
	}
}
