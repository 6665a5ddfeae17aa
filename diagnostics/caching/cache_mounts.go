package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// These three rules look at the cache mounts of a RUN and at what its programs do with them.

var cacheMountWrongTarget = &diagnostics.Rule{
	Name:     "cache-mount-wrong-target",
	Code:     "C19",
	Severity: diagnostics.Warning,
	Step:     checkCacheTargets,
}

var cacheMountDefeated = &diagnostics.Rule{
	Name:     "cache-mount-defeated",
	Severity: diagnostics.Warning,
	Step:     checkCacheDefeated,
	Stage:    checkEmptiedByImage,
}

var cacheMountUnlocked = &diagnostics.Rule{
	Name:     "cache-mount-unlocked",
	Severity: diagnostics.Warning,
	Step:     checkCacheLocks,
}

// checkCacheTargets looks for mounts at a place where a program of the RUN would keep its cache for another user, or
// without the variables that are set.
func checkCacheTargets(p *diagnostics.Pass, s *stages.Step) {
	mounts := copies.CacheMounts(s)
	for _, m := range mounts {
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			if place := placeInstead(s, cmd, m, mounts); place != "" {
				reportTarget(p, s, cmd, m, place)
				break
			}
		}
	}
}

// placeInstead is where the program of the command keeps the cache for which the mount is meant; "" if it is there, or
// that is not known.
func placeInstead(s *stages.Step, cmd *shell.Command, m copies.CacheMount, all []copies.CacheMount) string {
	if len(cmd.Assigns) > 0 || len(cmd.Wrappers) > 0 || cmd.Cost() == shell.Cheap || namesElsewhere(s, m) {
		return ""
	}
	actual := copies.CachesOf(s, cmd.Program)
	usual := shell.Caches(cmd.Program, anyHome, func(string) (string, bool) { return "", false })
	for i, u := range usual {
		rest, inHome := strings.CutPrefix(u.Path, anyHome)
		if !inHome || !strings.HasSuffix(m.Target, rest) || len(actual) != len(usual) {
			continue
		}
		mounted := slices.ContainsFunc(all, func(m copies.CacheMount) bool { return copies.Below(actual[i].Path, m.Target) })
		used := slices.ContainsFunc(actual, func(a shell.Cache) bool { return copies.Below(a.Path, m.Target) || copies.Below(m.Target, a.Path) })
		if !mounted && !used {
			return actual[i].Path
		}
	}
	return ""
}

// anyHome stands for the home of some user.
const anyHome = "/\x00home"

// namesElsewhere reports whether something else of the RUN, or a variable, names the target, so that a program may have
// been told to use it.
func namesElsewhere(s *stages.Step, m copies.CacheMount) bool {
	if strings.Count(s.Instr.Text, m.Target) > 1 || strings.Contains(s.Instr.Text, "HOME=") {
		return true
	}
	named := false
	s.Vars.All(func(v *stages.Scope) bool {
		named = named || !v.Value.Known && v.Step != nil || path.IsAbs(v.Value.Text) && v.Name != "PATH" && v.Name != "HOME" && copies.Below(m.Target, path.Clean(v.Value.Text))
		return !named
	})
	return named
}

func reportTarget(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, m copies.CacheMount, place string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Flags[m.Flag].Span,
		Message: diagnostics.Plain(fmt.Sprintf("%s keeps its cache in %s here, so the one that is mounted at %s stays empty; mount %s", words.Code(cmd.Phrase()), place, m.Target, place)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			flag := s.Instr.Flags[m.Flag].Span.Of(s.Instr.Text)
			if strings.Count(flag, m.Target) != 1 {
				return nil
			}
			change := p.Change()
			change.ReplaceFlag(s, s.Instr.Flags[m.Flag], strings.Replace(flag, m.Target, place, 1))
			return suggest(change.Edit, "Mount the cache at "+place)
		},
	})
}

func suggest(edit func() (diagnostics.FileEdit, error), title string) []diagnostics.Fix {
	e, err := edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{e}}}
}

// checkCacheDefeated looks for commands that use no cache although one is mounted, or empty it.
func checkCacheDefeated(p *diagnostics.Pass, s *stages.Step) {
	mounts := copies.CacheMounts(s)
	if len(mounts) == 0 {
		return
	}
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		m, ok := mountFor(s, cmd, mounts)
		if w, off := cmd.WithoutCache(); ok && off {
			p.Report(diagnostics.Finding{
				Step: s, Span: w.Span,
				Message: diagnostics.Plain(fmt.Sprintf("With %s, %s leaves the cache unused that is mounted at %s; leave the option out", words.Code(w.Text), words.Code(cmd.Phrase()), m.Target)),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					change := p.Change()
					change.DropWord(s, w.Span)
					return suggest(change.Edit, "Remove "+words.Code(w.Text))
				},
			})
		} else if name := offByVariable(s, cmd); ok && name != "" && cmd.Cost() > shell.Cheap {
			p.Report(diagnostics.Finding{
				Step: s, Span: cmd.Span,
				Message: diagnostics.Plain(fmt.Sprintf("With %s set, %s leaves the cache unused that is mounted at %s; do not set it", name, words.Code(cmd.Phrase()), m.Target)),
			})
		}
		if ok && cmd.EmptiesCache() {
			reportEmptied(p, s, cmd, m.Target)
		}
		for _, w := range cmd.Removes() {
			gone := path.Clean(strings.TrimRight(w.Text, "*"))
			for _, m := range mounts {
				if path.IsAbs(w.Text) && (copies.Below(m.Target, gone) || gone == m.Target || isListOfCache(gone, m)) {
					reportEmptied(p, s, cmd, m.Target)
				}
			}
		}
	}
}

// isListOfCache reports whether the folder is, or holds, what some program keeps in the mounted cache.
func isListOfCache(gone string, m copies.CacheMount) bool {
	return gone != m.Target && path.Dir(gone) == m.Target && strings.HasPrefix(m.Target, "/var/")
}

// mountFor is the mount that holds a cache of the command's program.
func mountFor(s *stages.Step, cmd *shell.Command, mounts []copies.CacheMount) (copies.CacheMount, bool) {
	for _, c := range copies.CachesOf(s, cmd.Program) {
		for _, m := range mounts {
			if copies.Below(c.Path, m.Target) {
				return m, true
			}
		}
	}
	return copies.CacheMount{}, false
}

// offByVariable is the variable that makes the command use no cache; "" if none is set.
func offByVariable(s *stages.Step, cmd *shell.Command) string {
	for _, name := range cmd.WithoutCacheVars() {
		if v, ok := s.Vars.Lookup(name); ok && v.Value.Known && v.Value.Text != "" && !slices.Contains([]string{"0", "false", "off", "no"}, strings.ToLower(v.Value.Text)) {
			return name
		}
	}
	return ""
}

func reportEmptied(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, target string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: cmd.Span,
		Message: diagnostics.Plain(fmt.Sprintf("%s empties the cache that is mounted at %s, so the next build finds nothing in it; leave it out, since the cache is in no layer", words.Code(commandOf(s, cmd)), target)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			change.DropCommand(s, cmd)
			return suggest(change.Edit, "Remove "+words.Code(commandOf(s, cmd)))
		},
	})
}

func commandOf(s *stages.Step, cmd *shell.Command) string {
	return words.Shorten(strings.Join(strings.Fields(cmd.Span.Of(s.Instr.Text)), " "), 40)
}

// checkCacheLocks looks for caches that two builds must not use at once, and that may be.
func checkCacheLocks(p *diagnostics.Pass, s *stages.Step) {
	for _, m := range copies.CacheMounts(s) {
		if m.CacheSharing != "" && m.CacheSharing != instructions.MountSharingShared {
			continue
		}
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			if slices.ContainsFunc(copies.CachesOf(s, cmd.Program), func(c shell.Cache) bool { return c.Locked && copies.Below(c.Path, m.Target) && m.Target != "/" }) && cmd.Cost() > shell.Cheap {
				reportUnlocked(p, s, cmd, m)
				break
			}
		}
	}
}

func reportUnlocked(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, m copies.CacheMount) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.Flags[m.Flag].Span,
		Message: diagnostics.Plain(fmt.Sprintf("Two builds at once share the cache at %s, and %s fails or damages it; add %s", m.Target, words.Code(cmd.Phrase()), words.Code("sharing=locked"))),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			flag := s.Instr.Flags[m.Flag].Span.Of(s.Instr.Text)
			change := p.Change()
			switch {
			case strings.ContainsAny(flag, `"'`+"\n"):
				return nil
			case strings.Contains(flag, "sharing=shared"):
				change.ReplaceFlag(s, s.Instr.Flags[m.Flag], strings.Replace(flag, "sharing=shared", "sharing=locked", 1))
			case strings.Contains(flag, "sharing="):
				return nil
			default:
				change.ReplaceFlag(s, s.Instr.Flags[m.Flag], flag+",sharing=locked")
			}
			fixes := suggest(change.Edit, "Add "+words.Code("sharing=locked"))
			for i := range fixes {
				fixes[i].Safety = diagnostics.Safe
			}
			return fixes
		},
	})
}
