package workspace

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Snapshot is an immutable view of one Dockerfile and of all that belongs to it. What is derived
// from it is computed once, on demand. It may be used by several goroutines.
type Snapshot struct {
	Path    string // absolute; "" for a document that is not on disk
	URI     string // as the client spells it; "" outside an editor
	Version int32
	File    *syntax.File
	Config  Config

	id         uint64
	lister     *files.Lister                                 // lists the context of texts that are tried; nil in an editor
	overlay    map[string]string                             // texts of other files, in place of those on disk; nil outside With
	scan       func(context.Context) (*files.Context, error) // nil: context is all there is
	scanned    sync.Once
	context    *files.Context
	contextErr error
	listed     <-chan struct{} // closed when the build context is known; nil if it always was

	waits bool                  // its diagnostics wait for the facts, outside an editor
	facts atomic.Pointer[facts] // nil if they are not known yet

	mu      sync.Mutex // guards the computation of graph and results
	graph   atomic.Pointer[stages.Graph]
	results atomic.Pointer[diagnostics.Results]

	// The newest that was computed for an earlier state of the document: new results share what did
	// not change. Each is dropped as soon as its successor exists, so that no chain of them lives on.
	prevGraph   atomic.Pointer[stages.Graph]
	prevResults atomic.Pointer[diagnostics.Results]
}

var lastID atomic.Uint64

func newSnapshot(path, uri string, version int32, file *syntax.File, cfg Config) *Snapshot {
	return &Snapshot{Path: path, URI: uri, Version: version, File: file, Config: cfg, id: lastID.Add(1)}
}

// NewFileSnapshot is the view of one text outside an editor. path is absolute, or "" for a text that
// belongs to no file. The build context is listed when it is first asked for, by the lister, which is
// shared with other Dockerfiles; nil makes one.
func NewFileSnapshot(path, src string, cfg Config, lister *files.Lister) *Snapshot {
	s := newSnapshot(path, "", 0, syntax.Parse(src), cfg)
	if lister == nil {
		lister = new(files.Lister)
	}
	s.lister, s.waits = lister, true
	s.scan = func(ctx context.Context) (*files.Context, error) { return s.list(ctx, nil) }
	return s
}

// Afresh is the same view outside an editor with nothing derived yet, so that it takes little memory.
func (s *Snapshot) Afresh() *Snapshot {
	fresh := newSnapshot(s.Path, "", 0, s.File, s.Config)
	fresh.lister, fresh.waits = s.lister, s.waits
	fresh.scan = func(ctx context.Context) (*files.Context, error) { return fresh.list(ctx, nil) }
	return fresh
}

// With is the view of another text of the same document, with the texts of other files, by absolute
// path, in place of what is on disk. It is how fixes are tried: the disk is not looked at again.
func (s *Snapshot) With(src string, overlay map[string]string) *Snapshot {
	next := newSnapshot(s.Path, s.URI, s.Version, replace(s.File, src), s.Config)
	next.prevGraph.Store(s.newestGraph())
	if next.lister = s.lister; next.lister == nil {
		next.lister = s.context.Lister()
	}
	if next.overlay = s.overlay; len(overlay) > 0 {
		overlay = over(s.overlay, overlay)
		next.overlay = overlay
		next.scan = func(ctx context.Context) (*files.Context, error) { return next.list(ctx, overlay) }
		return next
	}
	next.scan = s.listing
	next.prevResults.Store(s.newestResults())
	return next
}

func over(below, above map[string]string) map[string]string {
	all := maps.Clone(below)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, above)
	return all
}

// Earlier is the view of an earlier state: another text, in a build context in which the paths of before
// were different.
func (s *Snapshot) Earlier(src string, before map[string]files.Old) *Snapshot {
	return NewFileSnapshot(s.Path, src, s.Config, files.Earlier(before))
}

// list lists the build context, with texts in place of what is on disk; nil if there is none, because
// the Dockerfile is not on disk.
func (s *Snapshot) list(ctx context.Context, overlay map[string]string) (*files.Context, error) {
	if s.Path == "" {
		return nil, nil
	}
	return s.lister.List(ctx, s.ContextRoot(), files.Options{Dockerfile: s.Path, Overlay: overlay})
}

// ID differs between any two snapshots of this process.
func (s *Snapshot) ID() uint64 { return s.id }

// Listed is closed when the build context of an open document has been listed for the first time:
// then there is a newer snapshot. It is nil if this one knows it already.
func (s *Snapshot) Listed() <-chan struct{} { return s.listed }

// Graph is the stage graph.
func (s *Snapshot) Graph() *stages.Graph {
	if g := s.graph.Load(); g != nil {
		return g
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.graphLocked()
}

func (s *Snapshot) graphLocked() *stages.Graph {
	if g := s.graph.Load(); g != nil {
		return g
	}
	g := stages.Resolve(s.File, s.args(), s.prevGraph.Load())
	s.graph.Store(g)
	s.prevGraph.Store(nil)
	return g
}

// args is what the build is started with, as far as the configuration says it.
func (s *Snapshot) args() stages.Args {
	return stages.Args{Build: s.Config.BuildArgs, Target: s.Config.Target, Image: images.Base}
}

// Lines finds lines and columns in the text.
func (s *Snapshot) Lines() *text.Lines { return s.File.Lines() }

// Context is the build context; nil if the document is not on disk, if it cannot be read, or if
// it is not listed yet. Outside an editor the first call lists it; the listing obeys ctx.
func (s *Snapshot) Context(ctx context.Context) *files.Context {
	c, _ := s.listing(ctx)
	return c
}

// ContextError is why the build context could not be listed.
func (s *Snapshot) ContextError(ctx context.Context) error {
	_, err := s.listing(ctx)
	return err
}

// ContextRoot is the directory of the build context of a Dockerfile that is on disk.
func (s *Snapshot) ContextRoot() string { return contextRoot(s.Path, s.Config) }

// Gap says why rules are silent that would have something to say: about this file, or about a build
// context that is too large. It is empty if there is no reason.
func (s *Snapshot) Gap(ctx context.Context) (about, why string) {
	c := s.Context(ctx)
	switch {
	case diagnostics.TooLong(s.Graph()):
		return s.Path, "only the syntax was checked: a stage, with those that it builds on, has too many steps"
	case c != nil && !c.Complete():
		return s.ContextRoot(), "not all of the build context was looked at: " + c.Stop
	case diagnostics.TooMuch(s.Graph(), c):
		return s.ContextRoot(), "the build context was not looked at: it has too many files for all the patterns of the Dockerfile"
	}
	return "", ""
}

func (s *Snapshot) listing(ctx context.Context) (*files.Context, error) {
	if s.scan != nil {
		s.scanned.Do(func() { s.context, s.contextErr = s.scan(ctx) })
	}
	return s.context, s.contextErr
}

// Diagnostics are the findings, sorted by place, suppressed ones left out. Those that need facts which take
// long are among them if the facts are known, or always outside an editor. There are none if ctx is done.
func (s *Snapshot) Diagnostics(ctx context.Context) []diagnostics.Diagnostic {
	r := s.Results(ctx)
	if r == nil {
		return nil
	}
	known := s.facts.Load()
	if known == nil && s.waits {
		known = s.find(ctx)
		s.facts.Store(known)
	}
	if known == nil {
		return r.Diagnostics
	}
	return r.WithFacts(known.Facts)
}

// Results are the findings but for those that need facts which take long, with the rules that have crashed. They are nil if ctx is done before.
func (s *Snapshot) Results(ctx context.Context) *diagnostics.Results {
	if r := s.results.Load(); r != nil {
		return r
	}
	c := s.Context(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.results.Load(); r != nil {
		return r
	}
	r := diagnostics.Run(ctx, diagnostics.Input{
		Rules: catalog.Rules(), Path: s.Path, Graph: s.graphLocked(), Context: c, Settings: s.Config.Settings(), Try: s.try,
	}, s.prevResults.Load())
	if r == nil {
		return nil // interrupted
	}
	s.results.Store(r)
	s.prevResults.Store(nil)
	return r
}

// try checks another text: it is how fixes are tried.
func (s *Snapshot) try(src string, files map[string]string) *diagnostics.Results {
	return s.With(src, files).Results(context.Background())
}

func (s *Snapshot) newestGraph() *stages.Graph {
	if g := s.graph.Load(); g != nil {
		return g
	}
	return s.prevGraph.Load()
}

func (s *Snapshot) newestResults() *diagnostics.Results {
	if r := s.results.Load(); r != nil {
		return r
	}
	return s.prevResults.Load()
}

// inherit lets s share what was computed for an earlier state of the document.
func (s *Snapshot) inherit(old *Snapshot) {
	if old == nil {
		return
	}
	s.prevGraph.Store(old.newestGraph())
	s.prevResults.Store(old.newestResults())
}
