package workspace

import (
	"context"
	"slices"

	"layerwise/build/cache"
	"layerwise/build/refusals"
	"layerwise/diagnostics"
	"layerwise/dockerfile/syntax"
)

// facts are what takes long to find out about one text and its builds. In an editor they come some time
// after the text, and are gone when it changes.
type facts struct {
	file   *syntax.File
	builds []Build             // those that differ, the default first
	views  []diagnostics.Facts // of each of them
}

// of reports whether the facts hold for a snapshot. f may be nil.
func (f *facts) of(s *Snapshot) bool {
	return f != nil && f.file == s.File && slices.EqualFunc(f.builds, s.views, func(b Build, v *view) bool { return b.alike(v.build) })
}

// late are the facts of each build. f may be nil.
func (f *facts) late() []diagnostics.Facts {
	if f == nil {
		return nil
	}
	return f.views
}

// find finds the facts of the snapshot; nil if ctx ends first.
func (s *Snapshot) find(ctx context.Context) *facts {
	found := &facts{file: s.File}
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
			if !Fetched(where) {
				where = "local:" + name
			}
			options["context:"+name] = where
		}
		found.builds = append(found.builds, v.build)
		found.views = append(found.views, diagnostics.Facts{Refusals: refusals.Find(ctx, g, options)})
		if ctx.Err() != nil {
			return nil
		}
	}
	return found
}

// any reports whether there is something to tell.
func (f *facts) any() bool {
	return slices.ContainsFunc(f.views, func(facts diagnostics.Facts) bool { return len(facts.Refusals) > 0 })
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
	if found == nil || d == nil || d.snapshot != s || len(d.draft.pending) > 0 {
		return false
	}
	d.facts = found
	if !found.any() {
		return false
	}
	d.changed = true
	return true
}
