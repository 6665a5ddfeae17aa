package workspace

import (
	"context"
	"slices"

	"layerwise/build/cache"
	"layerwise/build/refusals"
	"layerwise/build/shellcheck"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/syntax"
)

// facts are what takes long to find out about one text and its builds. In an editor they come some time
// after the text. Until then, those that are about an instruction which was there before are shown, so that
// they do not come and go while someone types elsewhere.
type facts struct {
	file   *syntax.File
	builds []Build             // those that differ, the default first
	views  []diagnostics.Facts // of each of them
	meant  *syntax.File        // the text as it was last saved
	held   bool                // there would be more of a text that is saved as it is
}

// of reports whether the facts hold for a snapshot. f may be nil.
func (f *facts) of(s *Snapshot) bool {
	return f != nil && f.file == s.File && (!f.held || f.meant == s.meant) && slices.EqualFunc(f.builds, s.views, func(b Build, v *view) bool { return b.Alike(v.build) })
}

// kept are those of the facts of an earlier text that are about instructions which the snapshot has too; nil
// if there are none. f may be nil.
func (f *facts) kept(s *Snapshot) *facts {
	if f == nil || !f.any() || !slices.EqualFunc(f.builds, s.views, func(b Build, v *view) bool { return b.Alike(v.build) }) {
		return nil
	}
	same := sameInstructions(f.file, s.File)
	kept := &facts{builds: f.builds}
	for _, view := range f.views {
		var left diagnostics.Facts
		for _, r := range view.Refusals {
			if i, ok := same[r.Instruction]; ok {
				left.Refusals = append(left.Refusals, refusals.Refusal{Instruction: i, Message: r.Message})
			}
		}
		for _, r := range view.Remarks {
			if i, ok := same[r.Instruction]; ok {
				old, now := f.file.Instructions[r.Instruction], s.File.Instructions[i]
				r.Instruction, r.Span = i, r.Span.Shift(now.Body.Start-old.Body.Start) // comments above may have changed
				left.Remarks = append(left.Remarks, r)
			}
		}
		kept.views = append(kept.views, left)
	}
	return kept
}

// sameInstructions are the places of the old text's instructions in the new one: of those that were not read
// again, and of those that were, as the last one is when a line begins below it, and have the same text.
func sameInstructions(old, now *syntax.File) map[int]int {
	same, read := map[int]int{}, map[*syntax.Instruction]int{}
	for i, instr := range now.Instructions {
		read[instr] = i
	}
	longer := len(now.Instructions) - len(old.Instructions)
	for i, instr := range old.Instructions {
		if at, ok := read[instr]; ok {
			same[i] = at
			continue
		}
		for _, at := range []int{i, i + longer} {
			if 0 <= at && at < len(now.Instructions) && body(now.Instructions[at]) == body(instr) {
				same[i] = at
				break
			}
		}
	}
	return same
}

func body(instr *syntax.Instruction) string { return instr.Body.Of(instr.Text) }

// late are the facts of each build. f may be nil.
func (f *facts) late() []diagnostics.Facts {
	if f == nil {
		return nil
	}
	return f.views
}

// find finds the facts of the snapshot; nil if ctx ends first.
func (s *Snapshot) find(ctx context.Context) *facts {
	found := &facts{file: s.File, meant: s.meant}
	scripts := s.Config.scripts
	if !diagnostics.PassesOn(catalog.Rules(), s.Config.Settings(), diagnostics.ShellCheck) {
		scripts = nil
	}
	for _, v := range s.views {
		g := s.graphOf(v)
		target := v.build.Target
		if g.Find(target, len(g.Stages)) == nil {
			target = "" // as everywhere, the last stage counts then
		}
		platform := v.build.Platform
		if platform == "" {
			platform = cache.PlatformOf(g)
		}
		options := cache.Options(v.build.Args, target, platform)
		for name, where := range v.build.Contexts {
			options["context:"+name] = attribute(name, where)
		}
		found.builds = append(found.builds, v.build)
		found.views = append(found.views, diagnostics.Facts{
			Refusals: refusals.Find(ctx, g, options),
			Remarks:  scripts.Find(ctx, g, s.typed(found)),
		})
		if ctx.Err() != nil {
			return nil
		}
	}
	return found
}

// typed tells of which instructions somebody may be in the middle; nil if that is of none. It notes that something is held
// back for it.
func (s *Snapshot) typed(found *facts) shellcheck.Typed {
	if s.meant == nil {
		return nil
	}
	saved := map[int]bool{}
	for _, now := range sameInstructions(s.meant, s.File) {
		saved[now] = true
	}
	return func(instruction int) bool {
		found.held = found.held || !saved[instruction]
		return !saved[instruction]
	}
}

// any reports whether there is something to tell.
func (f *facts) any() bool { return slices.ContainsFunc(f.views, diagnostics.Facts.Any) }

// tellSame reports whether the facts say the same as others, which may be nil.
func (f *facts) tellSame(others *facts) bool {
	if others == nil {
		return !f.any()
	}
	return slices.EqualFunc(f.views, others.views, func(a, b diagnostics.Facts) bool {
		return slices.Equal(a.Refusals, b.Refusals) && slices.Equal(a.Remarks, b.Remarks)
	})
}

// LacksFacts reports whether FindFacts would have work to do for the document.
func (w *Workspace) LacksFacts(uri string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	return d != nil && d.dockerfile && (d.snapshot == nil || d.changed || !d.facts.of(d.snapshot))
}

// FindFacts finds out what takes long about the newest text of an open document. It reports whether there
// is a new snapshot for it. What it finds of a text that has changed meanwhile is dropped.
func (w *Workspace) FindFacts(ctx context.Context, uri string) (changed bool) {
	s := w.Snapshot(uri)
	if s == nil || !w.LacksFacts(uri) {
		return false
	}
	found := s.find(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if found == nil || d == nil || d.snapshot == nil || d.snapshot.File != s.File || len(d.draft.pending) > 0 {
		return false
	}
	d.facts = found
	if found.tellSame(d.snapshot.facts.Load()) {
		return false // what is shown is right
	}
	d.changed = true
	return true
}
