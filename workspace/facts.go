package workspace

import (
	"context"
	"maps"

	"layerwise/build/cache"
	"layerwise/build/refusals"
	"layerwise/diagnostics"
	"layerwise/dockerfile/syntax"
)

// facts are what takes long to find out about one text, and what else they depend on. In an editor they
// come some time after the text, and are gone when it changes.
type facts struct {
	file   *syntax.File
	config Config
	diagnostics.Facts
}

// of reports whether the facts hold for a text with a configuration. f may be nil.
func (f *facts) of(file *syntax.File, config Config) bool {
	return f != nil && f.file == file && f.config.Target == config.Target && maps.Equal(f.config.BuildArgs, config.BuildArgs)
}

// find finds the facts of the snapshot; nil if ctx ends first.
func (s *Snapshot) find(ctx context.Context) *facts {
	g := s.Graph()
	target := s.Config.Target
	if g.Find(target, len(g.Stages)) == nil {
		target = "" // as everywhere, the last stage counts then
	}
	options := cache.Options(s.Config.BuildArgs, target, cache.PlatformOf(g))
	found := &facts{file: s.File, config: s.Config, Facts: diagnostics.Facts{Refusals: refusals.Find(ctx, g, options)}}
	if ctx.Err() != nil {
		return nil
	}
	return found
}

// LacksFacts reports whether FindFacts would have work to do for the document.
func (w *Workspace) LacksFacts(uri string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	return d != nil && d.dockerfile && (d.snapshot == nil || d.changed || !d.facts.of(d.snapshot.File, d.snapshot.Config))
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
	if len(found.Refusals) == 0 {
		return false
	}
	d.changed = true
	return true
}
