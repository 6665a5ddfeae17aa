package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var pkgIndexRefreshAlone = &diagnostics.Rule{
	Name:      "pkg-index-refresh-alone",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0017"}, Checkov: []string{"CKV_DOCKER_5"}, KICS: []string{"9bae49be-0aa3-4de5-bab2-4c3a069e40cd", "df87631d-1ebb-45d8-9749-2d2ab2bb92f5"}},
	Stage:     checkRefreshAlone,
}

// checkRefreshAlone goes through the RUNs of the chain that have to do with system packages, the oldest
// first, and keeps in mind which of them has fetched the index that is there. It reports refreshes that no
// command of their RUN uses, and installs that use the index of another RUN, which may be as old as the cache.
func checkRefreshAlone(p *diagnostics.Pass) {
	fetched := map[string]*stages.Step{} // by manager: the RUN of which the index is
	for _, step := range p.SeeChain(indexKey{}, usesOfIndex) {
		s, commands := step.Step, shell.Of(step.Instr, step.Shell).Commands
		uses, _ := step.What.([]indexUse)
		for i, use := range uses {
			switch {
			case use.fetches:
				if use.alone && s.Stage == p.Stage {
					reportRefresh(p, s, commands[use.at], use.manager)
				}
				// Where a script may use the index, one may also know how to renew it.
				fetched[use.manager] = nil
				if use.used {
					fetched[use.manager] = s
				} else if use.alone && s.Stage != p.Stage {
					fetched[use.manager] = s // a refresh of this stage is reported itself
				}
			case use.installs:
				from := fetched[use.manager]
				if from != nil && from != s && s.Stage == p.Stage && !slices.ContainsFunc(uses[:i], func(u indexUse) bool { return u.manager == use.manager }) {
					reportOld(p, s, commands[use.at], from)
				}
			case use.drops:
				delete(fetched, use.manager)
			}
		}
	}
}

type indexKey struct{}

// indexUse is what a command of a RUN does with the package index.
type indexUse struct {
	at                       int // which command fetches or installs
	manager                  string
	fetches, installs, drops bool
	alone                    bool // nothing behind it in the RUN uses the index that it fetches, or may
	used                     bool // a command of the RUN is known to use it
}

// usesOfIndex are the uses of the index by the RUN: a list of indexUse, or nil.
func usesOfIndex(s *stages.Step) any {
	if list := indexUses(s); list != nil {
		return list
	}
	return nil // not a list of a type, which would be something
}

func indexUses(s *stages.Step) (list []indexUse) {
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown {
		return nil
	}
	if manager := shell.ListsIn(s.Instr.Text); manager != "" && !slices.ContainsFunc(script.Commands, dropsLists) {
		return []indexUse{{manager: manager, drops: true}} // the lists live in a mount, or are taken care of
	}
	for i, c := range script.Commands {
		os, ok := c.OSPackages()
		switch {
		case !ok:
			for _, w := range c.Removes() {
				if manager := shell.ListsIn(w.Text); manager != "" {
					list = append(list, indexUse{at: i, manager: manager, drops: true})
				}
			}
			if !c.InstallsNothing() {
				return list // what follows may find an index that this one has fetched
			}
		case os.Fetches && !c.RefreshesItself() || os.Refresh:
			rest := script.Commands[i+1:]
			use := indexUse{at: i, manager: os.Manager, fetches: true, used: os.Install && os.KeepsIndex}
			use.alone = !os.Install && !usesIndex(rest, os.Manager)
			for _, other := range rest {
				o, ok := other.OSPackages()
				use.used = use.used || ok && o.Manager == os.Manager && (o.Install || o.Upgrade)
			}
			list = append(list, use)
		case os.Install && !c.RefreshesItself():
			list = append(list, indexUse{at: i, manager: os.Manager, installs: true})
		case os.Clean && os.DropsLists:
			list = append(list, indexUse{at: i, manager: os.Manager, drops: true})
		}
	}
	return list
}

// dropsLists reports whether the command deletes the package lists.
func dropsLists(c *shell.Command) bool {
	return slices.ContainsFunc(c.Removes(), func(w shell.Word) bool { return shell.ListsIn(w.Text) != "" })
}

// usesIndex reports whether a later command of the same RUN uses the index, or may: a script or a
// tool that is called can install too.
func usesIndex(commands []*shell.Command, manager string) bool {
	return slices.ContainsFunc(commands, func(c *shell.Command) bool {
		if os, ok := c.OSPackages(); ok {
			return !os.Refresh && !os.Remove && (!os.Clean || c.DropsLists())
		}
		// Also if the index is deleted again: then none is left to go stale.
		return !c.InstallsNothing() || dropsLists(c)
	})
}

func reportRefresh(p *diagnostics.Pass, s *stages.Step, c *shell.Command, manager string) {
	f := diagnostics.Finding{Step: s, Span: c.Span}
	if c.RefreshesItself() {
		f.Severity = diagnostics.Info
		f.Message = diagnostics.Plain("This only stores the package index in a layer: " + words.Code(c.Program) + " downloads a new one by itself when it installs")
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			if len(shell.Commands(s.Instr, s.Shell)) == 1 {
				change.Remove(s, rewrite.DropComments)
			} else {
				change.DropCommand(s, c)
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Remove this index update", Edits: []diagnostics.FileEdit{edit}}}
		}
		p.Report(f)
		return
	}
	next, unsure := nextInstall(p, s, manager)
	switch {
	case next != nil:
		f.Message = func(p *diagnostics.Pass) string {
			return fmt.Sprintf("This step's package index stays in the cache: when line %d changes, it installs from an old index and may fail; update and install in one RUN", p.Line(next))
		}
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return joinRuns(p, s, next) }
	case len(p.Children()) > 0 || unsure || upgrades(c):
		return // a stage that builds on this one installs, or a script does; or it has its own use
	default:
		f.Message = diagnostics.Plain("This package index is downloaded and stored in a layer, but never used")
	}
	p.Report(f)
}

func upgrades(c *shell.Command) bool {
	os, _ := c.OSPackages()
	return os.Upgrade
}

// reportOld reports an install from the index that another RUN has fetched for an install of its own, or that
// a stage has fetched on which this one builds.
func reportOld(p *diagnostics.Pass, s *stages.Step, c *shell.Command, from *stages.Step) {
	p.Report(diagnostics.Finding{
		Step: s, Span: c.Span,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("This installs from the package index of line %d, which stays in the cache: when this line changes, the index is old and the install may fail; update the index in this RUN too", p.Line(from))
		},
		Related: []diagnostics.Related{{Step: from, Span: diagnostics.Line(from.Instr), Message: "downloaded here"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			refresh := refreshOf(from)
			if refresh == "" || c.Top == nil || c.Top.Span.Start != c.Span.Start || shell.Of(s.Instr, s.Shell).List[0] != c.Top {
				return nil
			}
			change := p.Change()
			change.Prepend(s, refresh)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Run " + words.Code(refresh) + " here too", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

// refreshOf is the command by which the RUN refreshes the index, if it does nothing else.
func refreshOf(s *stages.Step) string {
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, ok := c.OSPackages(); ok && os.Refresh && c.Depth == 0 && len(c.Redirects) == 0 {
			if text := c.Span.Of(s.Instr.Text); !strings.Contains(text, "\n") {
				return text
			}
		}
	}
	return ""
}

// nextInstall is the first later step of the stage that installs with the manager and does not
// refresh the index itself. unsure says that a step before it, or any if there is none, may install.
func nextInstall(p *diagnostics.Pass, s *stages.Step, manager string) (next *stages.Step, unsure bool) {
	for _, later := range p.See(mayInstallKey{}, mayInstall) {
		if later.N <= s.N {
			continue
		}
		may, _ := later.What.(installsAny)
		unsure = unsure || may.unsure
		for _, c := range shell.Of(later.Instr, later.Shell).Commands {
			os, ok := c.OSPackages()
			switch {
			case !ok || os.Manager != manager:
			case os.Fetches:
				return nil, unsure
			case os.Install:
				return later.Step, unsure
			}
		}
	}
	return nil, unsure
}

type mayInstallKey struct{}

// installsAny is said of a RUN that installs system packages or refreshes the index, or may.
type installsAny struct{ unsure bool }

// mayInstall is the installsAny of a step, or nil.
func mayInstall(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	known := false
	unsure := script.Partial || script.Unknown
	for _, c := range script.Commands {
		_, ok := c.OSPackages()
		known = known || ok
		unsure = unsure || !ok && !c.InstallsNothing()
	}
	if known || unsure {
		return installsAny{unsure}
	}
	return nil
}

// joinRuns makes one RUN of the refresh and the install.
func joinRuns(p *diagnostics.Pass, s, next *stages.Step) []diagnostics.Fix {
	if edit, ok := p.JoinRuns(s, next); ok {
		return []diagnostics.Fix{{
			Title: "Join this RUN with the one that installs", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit},
		}}
	}
	script := shell.Of(s.Instr, s.Shell)
	if len(script.List) != 1 || len(script.Commands) != 1 || len(s.Instr.Inner) > 0 {
		return nil
	}
	v := moves.Judge{}.RunInto(s, next)
	if v.Answer == moves.Never {
		return nil
	}
	change := p.Change()
	change.MoveComments(s, next)
	for _, comment := range script.Comments {
		change.Comment(next, comment.Of(s.Instr.Text))
	}
	change.Remove(s, rewrite.DropComments)
	change.Prepend(next, script.List[0].Span.Of(s.Instr.Text))
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{Title: "Update the index in the RUN that installs", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
	if v.Answer == moves.Doubtful {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: " + v.Why + ")"
	}
	return []diagnostics.Fix{fix}
}
