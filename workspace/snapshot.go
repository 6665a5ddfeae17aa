package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
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

	purpose func() (dev, testData bool) // what its path says that it is for

	given Config // of a file that is not open: its Config before the build context was inferred

	id       uint64
	lister   *files.Lister      // lists the contexts of texts that are tried; nil in an editor
	overlay  map[string]string  // texts of other files, in place of those on disk; nil outside With
	contexts map[folder]*lookup // those of all builds
	listed   <-chan struct{}    // closed when the build context is known; nil if it always was

	waits bool                  // its diagnostics wait for the facts, outside an editor
	facts atomic.Pointer[facts] // nil if they are not known yet
	meant *syntax.File          // of a document in an editor: its text as it was opened or last saved

	builds []Build
	mu     sync.Mutex // guards the computation of graphs and results
	all    []*view    // one for each of the builds that differ: those that are asked about, the default first, and then the others
	views  []*view    // those that are asked about: all, unless a build is named
	unseen int        // how many builds the rules do not run for, because there are too many
	unsafe bool       // there are builds that are not even looked at to see whether a fix is safe
	merged atomic.Pointer[[]diagnostics.Diagnostic]
	edits  atomic.Pointer[[]SourceEdit]
}

var lastID atomic.Uint64

func newSnapshot(path, uri string, version int32, file *syntax.File, cfg Config) *Snapshot {
	s := &Snapshot{Path: path, URI: uri, Version: version, File: file, Config: cfg, id: lastID.Add(1), contexts: map[folder]*lookup{}}
	var others []Build
	s.builds, others, _ = cfg.buildsOf(path) // whoever names a build asks for the error
	s.views, s.unseen = viewsOf(s.builds)
	beside, more := viewsOf(slices.DeleteFunc(others, func(b Build) bool {
		return slices.ContainsFunc(s.views, func(v *view) bool { return v.build.Alike(b) })
	}))
	s.all, s.unsafe = slices.Concat(s.views, beside), s.unseen+more > 0
	name := s.name()
	s.purpose = sync.OnceValues(func() (dev, testData bool) {
		return names.DockerfileForDevelopers(name), names.IsTestData(name)
	})
	return s
}

// NewFileSnapshot is the view of one text outside an editor. path is absolute, or "" for a text that
// belongs to no file. Build contexts are listed when they are first asked for, by the lister, which is
// shared with other Dockerfiles; nil makes one.
func NewFileSnapshot(path, src string, cfg Config, lister *files.Lister) *Snapshot {
	if lister == nil {
		lister = new(files.Lister)
	}
	file := syntax.Parse(src)
	cfg, g := cfg.inferring(path, file, lister)
	s := newSnapshot(path, "", 0, file, cfg)
	for _, v := range s.all {
		v.prevGraph.Store(g) // mostly it is the same
	}
	s.waits = true
	s.listWith(lister, nil)
	return s
}

// listWith has the snapshot's contexts listed, with texts in place of what is on disk.
func (s *Snapshot) listWith(lister *files.Lister, overlay map[string]string) {
	s.lister = lister
	for root := range s.roots() {
		s.contexts[root] = &lookup{scan: func(ctx context.Context) (*files.Context, error) {
			return lister.List(ctx, root.root, root.options(s.Path, overlay))
		}}
	}
}

// Afresh is the same view outside an editor with nothing derived yet, so that it takes little memory.
func (s *Snapshot) Afresh() *Snapshot {
	fresh := newSnapshot(s.Path, "", 0, s.File, s.Config)
	fresh.waits = s.waits
	fresh.listWith(s.lister, nil)
	return fresh
}

// With is the view of another text of the same document, with the texts of other files, by absolute
// path, in place of what is on disk. It is how fixes are tried: the disk is not looked at again.
func (s *Snapshot) With(src string, overlay map[string]string) *Snapshot {
	next := newSnapshot(s.Path, s.URI, s.Version, replace(s.File, src), s.Config)
	next.purpose = s.purpose
	if len(overlay) == 0 {
		next.lister, next.overlay, next.contexts = s.lister, s.overlay, s.contexts
		next.inherit(s)
		return next
	}
	overlay = over(s.overlay, overlay)
	next.overlay = overlay
	for i, v := range s.all {
		next.all[i].prevGraph.Store(v.newestGraph())
	}
	if s.lister != nil {
		next.listWith(s.lister, overlay)
		return next
	}
	for root, l := range s.contexts {
		next.contexts[root] = &lookup{scan: func(ctx context.Context) (*files.Context, error) {
			c, _ := l.get(ctx)
			return c.Lister().List(ctx, root.root, root.options(s.Path, overlay))
		}}
	}
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

// ID differs between any two snapshots of this process.
func (s *Snapshot) ID() uint64 { return s.id }

// Listed is closed when the build context of an open document has been listed for the first time:
// then there is a newer snapshot. It is nil if this one knows it already.
func (s *Snapshot) Listed() <-chan struct{} { return s.listed }

// Builds are the ways in which the file is built, the default one first. Their contexts are as they were
// said: Build has what the file itself tells.
func (s *Snapshot) Builds() []Build { return s.builds }

// Build is the default build. Its context is decided, for which the folders are listed outside an editor;
// the listing obeys ctx.
func (s *Snapshot) Build(ctx context.Context) Build { return s.decided(ctx, s.views[0]).build }

// Graph is the stage graph of the default build.
func (s *Snapshot) Graph() *stages.Graph { return s.graphOf(s.views[0]) }

// Lines finds lines and columns in the text.
func (s *Snapshot) Lines() *text.Lines { return s.File.Lines() }

// Context is the context of the default build; nil if the document is not on disk, if it cannot be read,
// or if it is not listed yet. Outside an editor the first call lists it; the listing obeys ctx.
func (s *Snapshot) Context(ctx context.Context) *files.Context {
	return s.decided(ctx, s.views[0]).context
}

// ContextDoubted reports whether the file tells that Context is not the folder that it is built with, so
// that what the context holds says nothing.
func (s *Snapshot) ContextDoubted(ctx context.Context) bool {
	r := s.check(ctx, 0)
	return r != nil && r.ContextDoubted()
}

// ContextError is why the build context could not be listed.
func (s *Snapshot) ContextError(ctx context.Context) error { return s.decided(ctx, s.views[0]).err }

// ContextRoot is the directory of the build context of a Dockerfile that is on disk.
func (s *Snapshot) ContextRoot(ctx context.Context) string { return s.Build(ctx).Context }

// Gap says why rules are silent that would have something to say: about this file, or about a build
// context that is too large. It is empty if there is no reason.
func (s *Snapshot) Gap(ctx context.Context) (about, why string) {
	c := s.Context(ctx)
	switch {
	case s.Path != "" && s.Build(ctx).Context != "" && !s.Build(ctx).listable():
		return s.ContextRoot(ctx), "the build context was not looked at, because it is a home folder or a whole file system; set `context` in .layerwise.yaml to look at it anyway"
	case s.unseen > 0:
		return s.Path, fmt.Sprintf("only %d of its builds were checked: %d more differ from these; name one with --build, or choose it with build in .layerwise.yaml", len(s.views), s.unseen)
	case diagnostics.TooLong(s.Graph()):
		return s.Path, "only the syntax was checked: a stage, with those that it builds on, has too many steps"
	case c != nil && !c.Complete():
		return s.ContextRoot(ctx), "not all of the build context was looked at: " + c.Stop
	case diagnostics.TooMuch(s.Graph(), c):
		return s.ContextRoot(ctx), "the build context was not looked at: it has too many files for all the patterns of the Dockerfile"
	}
	return "", ""
}

// Diagnostics are the findings for all builds, sorted by place, suppressed ones left out. Those that need
// facts which take long are among them if the facts are known, or always outside an editor. There are none if
// ctx is done.
func (s *Snapshot) Diagnostics(ctx context.Context) []diagnostics.Diagnostic {
	if found := s.merged.Load(); found != nil {
		return *found
	}
	results := s.Results(ctx)
	if results == nil {
		return nil
	}
	known := s.facts.Load()
	if known == nil && s.waits {
		known = s.find(ctx)
		s.facts.Store(known)
		if known == nil {
			return nil // interrupted
		}
	}
	others := s.checked(ctx, len(s.views), len(s.all))
	if len(others) < len(s.all)-len(s.views) {
		return nil // interrupted
	}
	found := diagnostics.Merge(s.Graph(), results, others, known.late())
	if s.unsafe {
		diagnostics.Suggest(found)
	}
	s.merged.Store(&found)
	return found
}

// Results are the findings for each build that differs, the default first, but for those that need facts
// which take long, with the rules that have crashed. They are nil if ctx is done before.
func (s *Snapshot) Results(ctx context.Context) (results []*diagnostics.Results) {
	return s.checked(ctx, 0, len(s.views))
}

func (s *Snapshot) checked(ctx context.Context, from, to int) (results []*diagnostics.Results) {
	for i := from; i < to; i++ {
		r := s.check(ctx, i)
		if r == nil {
			return nil
		}
		results = append(results, r)
	}
	return results
}

// Failures are the rules that have crashed, each once. There are none if ctx is done.
func (s *Snapshot) Failures(ctx context.Context) (failures []error) {
	told := map[string]bool{}
	for _, r := range s.Results(ctx) {
		for _, err := range r.Failures() {
			if !told[err.Error()] {
				told[err.Error()] = true
				failures = append(failures, err)
			}
		}
	}
	return failures
}

// inherit lets s share what was computed for an earlier state of the document.
func (s *Snapshot) inherit(old *Snapshot) {
	if old == nil {
		return
	}
	for i, v := range s.all {
		if i < len(old.all) {
			v.inherit(old.all[i])
		}
	}
}
