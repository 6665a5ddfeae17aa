package size

import (
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

// This file finds what package managers leave in the layers of RUNs, for the rules that ask for a clean-up.

// leftover is a command whose downloads stay in the layer of its RUN.
type leftover struct {
	cmd *shell.Command
	os  shell.OSPackages
}

// leavesOf is the last command of the RUN that leaves its downloads in the layer, among those of which the rule speaks:
// nothing after it deletes them, and no mount takes them. A RUN that is not understood leaves nothing.
func leavesOf(s *stages.Step, of func(shell.OSPackages) bool) (l leftover, ok bool) {
	script, known := understood(s)
	if !known {
		return l, false
	}
	for _, c := range script.Commands {
		os, isOS := c.OSPackages()
		switch {
		case isOS && len(os.Leaves) > 0 && of(os) && !c.InSubst && !mounted(s, os.Leaves) && !linked(s, script):
			l, ok = leftover{c, os}, true
		case ok && (isOS && os.Manager == l.os.Manager && cleans(os) || c.EmptiesAny(l.os.Leaves, copies.Dir(s))):
			l, ok = leftover{}, false
		}
	}
	if ok && script.Functions && slices.ContainsFunc(script.Commands, func(c *shell.Command) bool { return c.EmptiesAny(l.os.Leaves, copies.Dir(s)) }) {
		return l, false // in a function, which may be called at the end
	}
	return l, ok
}

// understood is the script of a RUN, if all of it is understood.
func understood(s *stages.Step) (script *shell.Script, ok bool) {
	if s.Instr.Name != "RUN" {
		return nil, false
	}
	script = shell.Of(s.Instr, s.Shell)
	return script, !script.Partial && !script.Unknown
}

// mountsOf are the mounts of a RUN, if all of them are understood.
func mountsOf(s *stages.Step) (mounts []*instructions.Mount, ok bool) {
	mounts, err := s.Mounts()
	return mounts, err == nil && (len(mounts) > 0 || !strings.Contains(s.Instr.FlagText(), "mount"))
}

// cleans reports whether the command of a package manager deletes what this or another one has left. Of lists that
// Dockerfiles delete with rm, clean deletes nothing.
func cleans(os shell.OSPackages) bool {
	return os.DropsLists || os.CleansAll && os.Lists == ""
}

// mounted reports whether a mount of the RUN holds one of the folders, so that what is written there is in no layer. A
// mount that is not understood may.
func mounted(s *stages.Step, folders []string) bool {
	mounts, known := mountsOf(s)
	if !known {
		return true
	}
	for _, m := range mounts {
		target := path.Clean(m.Target)
		if slices.ContainsFunc(folders, func(f string) bool { return f == target || strings.HasPrefix(f, strings.TrimSuffix(target, "/")+"/") }) {
			return true
		}
	}
	return false
}

// linked reports whether the RUN links something into one of its mounts: what is written there is in no layer.
func linked(s *stages.Step, script *shell.Script) bool {
	mounts, _ := mountsOf(s)
	return slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
		return slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
			return len(c.Links()) > 0 && slices.ContainsFunc(c.Operands(), func(w shell.Word) bool { return w.Text == m.Target || strings.HasPrefix(w.Text, m.Target+"/") })
		})
	})
}

// cleanLater reports whether a later step of the stage deletes the same: that is what rm-in-later-layer tells.
func cleanLater(p *diagnostics.Pass, s *stages.Step, folders []string) bool {
	for _, later := range p.See(removesKey{}, removesAny) {
		if later.N > s.N && removesAny(later.Step) != nil && slices.ContainsFunc(shell.Commands(later.Instr, later.Shell), func(c *shell.Command) bool {
			return len(c.Removes()) > 0 && c.EmptiesAny(folders, copies.Dir(later.Step))
		}) {
			return true
		}
	}
	return false
}

// usedLater reports whether a later RUN installs from the package lists that this one fetches: without them that would fail.
// That it should be one RUN is what pkg-index-refresh-alone tells.
func usedLater(p *diagnostics.Pass, s *stages.Step, os shell.OSPackages) bool {
	only := os.Refresh && !installsOS(s, os.Manager)
	for _, later := range p.See(installsKey{}, installsAny) {
		if later.N > s.N && installsOS(later.Step, os.Manager) {
			return only || os.Lists != "" && !refreshes(later.Step, os.Manager)
		}
	}
	return false
}

// refreshes reports whether the RUN fetches package lists before it installs something.
func refreshes(s *stages.Step, manager string) bool {
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, ok := c.OSPackages(); ok && os.Manager == manager && (os.Fetches || os.Install) {
			return os.Fetches
		}
	}
	return true // by a command that is not understood
}

type installsKey struct{}

func installsAny(s *stages.Step) any {
	if installsOS(s, "") {
		return true
	}
	return nil
}

// installsOS reports whether the RUN installs packages with the manager, or with any if none is named.
func installsOS(s *stages.Step, manager string) bool {
	return s.Instr.Name == "RUN" && slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		return ok && os.Install && (manager == "" || os.Manager == manager)
	})
}

type removesKey struct{}

func removesAny(s *stages.Step) any {
	if s.Instr.Name == "RUN" && slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), func(c *shell.Command) bool { return len(c.Removes()) > 0 }) {
		return true
	}
	return nil
}

// cleanUp is the check of the rules that ask for a clean-up at the end of a RUN: of is true for the commands that the
// rule is about, what is what stays, and key names of.
func cleanUp(key any, of func(shell.OSPackages) bool, what string) func(*diagnostics.Pass) {
	see := func(s *stages.Step) any {
		if _, ok := leavesOf(s, of); ok {
			return true
		}
		return nil
	}
	return func(p *diagnostics.Pass) {
		found := p.See(key, see)
		if len(found) == 0 || !p.Exported() {
			return
		}
		for _, seen := range found {
			s := seen.Step
			if l, ok := leavesOf(s, of); ok && !cleanLater(p, s, l.os.Leaves) && !usedLater(p, s, l.os) {
				p.Report(diagnostics.Finding{
					Step: s, Span: l.cmd.Span,
					Message: diagnostics.Plain("This leaves " + what + " in the layer, which makes every pull of the image larger; end the RUN with " + words.Code(l.os.CleanUp)),
					Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return appendCleanUp(p, s, l) },
				})
			}
		}
	}
}

// appendCleanUp puts the clean-up at the end of the RUN. It is not safe: a step below may use what it deletes. There is
// none for a command that runs as another user: the clean-up had to do so, too.
func appendCleanUp(p *diagnostics.Pass, s *stages.Step, l leftover) []diagnostics.Fix {
	if len(l.cmd.Wrappers) > 0 {
		return nil
	}
	change := p.Change()
	change.Append(s, l.os.CleanUp)
	return suggest(change.Edit())("End the RUN with " + words.Code(l.os.CleanUp))
}

// suggest makes a fix of an edit, if it can be made, for a title.
func suggest(edit diagnostics.FileEdit, err error) func(title string) []diagnostics.Fix {
	return func(title string) []diagnostics.Fix {
		if err != nil {
			return nil
		}
		return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
	}
}
