package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var npmCiNeedsLockfile = &diagnostics.Rule{
	Name:     "npm-ci-needs-lockfile",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		installs := p.See(lockedKey{}, lockedInstall)
		if len(installs) == 0 || p.Context() == nil || p.ContextDoubted() || !p.Context().Complete() {
			return
		}
		for _, step := range installs {
			if c, ok := step.What.(*shell.Command); ok {
				checkLock(p, step.Step, c)
			}
		}
	},
}

type lockedKey struct{}

// lockedInstall is the first command of a RUN that fails without a lock file; or nil.
func lockedInstall(s *stages.Step) any {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) > 0 && strings.Contains(s.Instr.Text, "type=bind") {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if inst, ok := c.Install(); ok && inst.NeedsLock {
			return c
		}
	}
	return nil
}

// lockSearch is what the steps above an install tell of its lock file.
type lockSearch struct {
	bc       *files.Context
	locks    []string
	manifest string
	from     copies.Copy // that brings the manifest; its Step is nil if none does
	source   string      // the manifest in the context
}

func checkLock(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
	inst, _ := c.Install()
	search := lockSearch{bc: p.Context()}
	search.locks, search.manifest = manifests.LockFiles(inst.Ecosystem)
	if len(search.locks) == 0 {
		return
	}
	for _, stage := range p.Stage.Chain() {
		for _, above := range stage.Steps {
			if above.Stage == s.Stage && above.N > s.N {
				break
			}
			if search.mayBring(above, c) {
				return
			}
		}
	}
	if search.from.Step == nil || search.from.Step.Stage != p.Stage {
		return
	}
	lock := path.Join(path.Dir(search.source), search.locks[0])
	what, do := " is not in the build context", "create it, and copy it with "+search.manifest
	switch e, there := search.bc.Lookup(lock); {
	case there && e.Ignored:
		what, do = " is hidden by the ignore file", "take it out there"
	case there:
		what, do = " is not copied before", "copy it with "+search.manifest
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain(words.Code(inst.Phrase) + " fails without a lock file, and " + lock + what + "; " + do),
		Related: []diagnostics.Related{{Step: search.from.Step, Span: diagnostics.Line(search.from.Step.Instr), Message: "the manifest is copied here"}},
		Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return copyLock(p, search, lock) },
	})
}

// mayBring reports whether a step up to the install may put a lock file into the image, and notes the copy of the manifest.
func (l *lockSearch) mayBring(s *stages.Step, install *shell.Command) bool {
	isLock := func(file string) bool { return slices.Contains(l.locks, path.Base(file)) }
	switch s.Instr.Name {
	case "RUN":
		inst, _ := install.Install()
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if c == install {
				return false
			}
			other, ok := c.Install()
			writes := c.Effects().Writes
			if ok && other.Ecosystem == inst.Ecosystem || !c.Effects().Known || writes.All || writes.Tree && !ok || slices.ContainsFunc(c.Words, func(w shell.Word) bool { return isLock(w.Text) }) {
				return true
			}
		}
		return shell.Of(s.Instr, s.Shell).Partial
	case "COPY", "ADD":
		c, ok := copies.Of(s)
		if !ok {
			return true
		}
		for _, taken := range c.Taken(l.bc) {
			e, there := l.bc.Lookup(taken)
			switch {
			case !there || isLock(taken) || e.Link != "":
				return true
			case path.Base(taken) == l.manifest:
				l.from, l.source = c, taken
			case e.Mode.IsDir() && l.hasLock(taken):
				return true
			case e.Mode.IsDir() && l.bc.Exists(path.Join(taken, l.manifest)):
				l.from, l.source = c, path.Join(taken, l.manifest)
			}
		}
	}
	return false
}

// hasLock reports whether a folder of the context, or one below it, has a lock file that is not hidden.
func (l *lockSearch) hasLock(folder string) (found bool) {
	l.bc.All(func(e files.Entry) bool {
		found = !e.Ignored && slices.Contains(l.locks, path.Base(e.Path)) && (folder == "." || strings.HasPrefix(e.Path, folder+"/"))
		return !found
	})
	return found
}

// copyLock takes the lock file along with the manifest, where that is copied by its name.
func copyLock(p *diagnostics.Pass, l lockSearch, lock string) []diagnostics.Fix {
	if e, there := l.bc.Lookup(lock); !there || e.Ignored || !l.from.IsDir {
		return nil
	}
	for _, w := range l.from.Step.Instr.Words {
		if path.Clean(w.Text) != l.source || l.from.Step.Instr.JSON {
			continue
		}
		change := p.Change()
		change.InsertWords(l.from.Step, w.Span, copies.Word(p.Escape(), lock))
		edit, err := change.Edit()
		if err != nil {
			return nil
		}
		return []diagnostics.Fix{{Title: "Copy " + lock + ", too", Edits: []diagnostics.FileEdit{edit}}}
	}
	return nil
}
