package workspace

import (
	"context"
	"maps"
	"path/filepath"
	"sync"
	"sync/atomic"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/gitignore"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
)

// view is a snapshot as one of its builds sees it.
type view struct {
	build Build
	names []string // of all the builds that are alike
	once  sync.Once
	chose decision // set by once

	graph   atomic.Pointer[stages.Graph]
	results atomic.Pointer[diagnostics.Results]
	weighed atomic.Pointer[copies.Weighing] // of an inherited context

	// The newest that was computed for an earlier state of the document: new ones share what did not change. It is
	// dropped as soon as its successor exists, so that no chain of them lives on.
	prevGraph atomic.Pointer[stages.Graph]

	// The newest results of any state of the document, which its states share: the first check of a large file takes
	// so long that the next states begin before it ends.
	newest *atomic.Pointer[diagnostics.Results]
}

// decision is a build with its context decided.
type decision struct {
	build   Build
	context *files.Context
	err     error // why there is no context
}

// lookup is a folder that may be listed.
type lookup struct {
	once    sync.Once
	looked  atomic.Bool                                   // once is over
	scan    func(context.Context) (*files.Context, error) // nil: context is all there is
	context *files.Context
	err     error
	pending bool // in an editor: it is not listed yet
}

func (l *lookup) get(ctx context.Context) (*files.Context, error) {
	if l.scan != nil {
		l.once.Do(func() {
			l.context, l.err = l.scan(ctx)
			l.looked.Store(true)
		})
	}
	return l.context, l.err
}

// seen is what get has given; nil if nobody has asked yet, or nothing is there. Others may be asking.
func (l *lookup) seen() (*files.Context, error) {
	if l.scan != nil && !l.looked.Load() {
		return nil, nil
	}
	return l.context, l.err
}

// maxViews is how many builds of a Dockerfile the rules run for: each of them takes as long as the others, after each
// keystroke.
const maxViews = 12

// viewsOf makes one view for all builds that are alike. The default build is seen as it is; of the others that the
// workspace's files say, those that differ in their arguments alone are seen as one, in which these are not known: a
// matrix of twenty versions is looked at twice, and nothing is said that is not true of all. unseen are those that
// differ from all of too many.
func viewsOf(builds []Build) (views []*view, unseen int) {
	for _, b := range builds {
		known := false
		for i, v := range views {
			switch {
			case v.build.Alike(b):
			case i > 0 && v.build.Certainty == Found && b.Certainty == Found && v.build.sameBut(b):
				v.build = v.build.common(b)
			default:
				continue
			}
			known = true
			v.build = v.build.exportsToo(b)
			v.names = append(v.names, b.label())
			break
		}
		switch {
		case known:
		case len(views) == maxViews:
			unseen++
		default:
			views = append(views, &view{build: b, names: []string{b.label()}, newest: new(atomic.Pointer[diagnostics.Results])})
		}
	}
	return views, unseen
}

// ByBuild is the snapshot as each of its builds that differ sees it, the default one first. all is false if there are
// too many to look at.
func (s *Snapshot) ByBuild() (list []*Snapshot, all bool) { return s.ofBuilds(), s.unseen == 0 }

// ofBuilds are the snapshot as each of its builds that differ sees it, the default one first.
func (s *Snapshot) ofBuilds() (list []*Snapshot) {
	for _, v := range s.views {
		of := &Snapshot{
			Path: s.Path, URI: s.URI, Version: s.Version, File: s.File, Config: s.Config, id: s.id, lister: s.lister, overlay: s.overlay,
			contexts: s.contexts, listed: s.listed, waits: s.waits, purpose: s.purpose, builds: []Build{v.build}, all: []*view{v}, views: []*view{v},
		}
		list = append(list, of)
	}
	return list
}

// roots are the folders that the snapshot's builds may need.
func (s *Snapshot) roots() map[folder]bool {
	roots := map[folder]bool{}
	for _, v := range s.all {
		for _, root := range v.build.roots() {
			roots[root] = true
		}
	}
	return roots
}

// decided settles which folder is the view's context. One that a configuration above says for all
// Dockerfiles yields to the Dockerfile's own folder, if that has all that the file names and the other
// has not.
func (s *Snapshot) decided(ctx context.Context, v *view) decision {
	v.once.Do(func() {
		b := v.build
		own := s.contexts[b.own().folder()]
		said := s.contexts[b.folder()]
		v.chose.build = b
		if said == nil {
			return
		}
		if b.Certainty == Inherited && own != nil && own != said {
			if said.pending || own.pending {
				return
			}
			if s.yields(ctx, v, own, said) {
				v.chose.build, said = b.own(), own
			}
		}
		v.chose.context, v.chose.err = said.get(ctx)
		if b.Kind == Git && v.chose.context != nil {
			v.chose.context = gitignore.Commit(v.chose.context)
		}
	})
	return v.chose
}

func (s *Snapshot) yields(ctx context.Context, v *view, own, said *lookup) bool {
	there, _ := said.get(ctx)
	if there == nil {
		return false
	}
	g := s.graphOf(v)
	before := v.weighed.Load()
	var changes *stages.Changes
	if before != nil {
		changes = stages.Between(before.Graph, g)
	}
	w := copies.Weigh(there, g, before, changes)
	v.weighed.Store(w)
	if !w.Together().Lacks {
		return false
	}
	here, _ := own.get(ctx)
	if here == nil {
		return false
	}
	e := copies.Weigh(here, g, nil, nil).Together()
	return e.Shows && !e.Lacks
}

func (s *Snapshot) graphOf(v *view) *stages.Graph {
	if g := v.graph.Load(); g != nil {
		return g
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := v.graph.Load(); g != nil {
		return g
	}
	g := stages.Resolve(s.File, v.build.stageArgs(), v.prevGraph.Load())
	v.graph.Store(g)
	v.prevGraph.Store(nil)
	return g
}

// stageArgs are what the stages depend on.
func (b Build) stageArgs() stages.Args {
	return stages.Args{Build: b.Args, Unknown: b.Unknown, Target: b.Target, Image: images.Base, Platform: b.Platform}
}

// name is the path of the Dockerfile in its workspace, with /; its name alone if that is not known.
func (s *Snapshot) name() string {
	name := filepath.Base(s.Path)
	if s.Config.known != nil {
		if rel, err := filepath.Rel(s.Config.known.Root, s.Path); err == nil && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
	}
	return name
}

// check runs the rules for the build of a view. It is nil if ctx is done before.
func (s *Snapshot) check(ctx context.Context, n int) *diagnostics.Results {
	v := s.all[n]
	if r := v.results.Load(); r != nil {
		return r
	}
	in := s.input(ctx, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := v.results.Load(); r != nil {
		return r
	}
	r := diagnostics.Run(ctx, in, v.newest.Load())
	if r == nil {
		return nil // interrupted
	}
	v.results.Store(r)
	v.newest.Store(r)
	return r
}

// input is what the nth view is checked with.
func (s *Snapshot) input(ctx context.Context, n int) diagnostics.Input {
	v := s.all[n]
	d := s.decided(ctx, v)
	dev, testData := s.purpose()
	b := diagnostics.Build{
		Names: v.names, Context: d.context, Named: d.build.Certainty > Inferred, Contexts: maps.Clone(d.build.Contexts),
		Changing: d.build.Changing, Export: d.build.Export, Made: s.Config.made(), Dev: d.build.Dev || dev && !d.build.Published, Published: d.build.Published, TestData: testData,
	}
	if d.build.Certainty == Inferred {
		b.Inferred, b.Guessed = s.Config.called(d.build.Context), s.Config.guessed
	}
	return diagnostics.Input{
		Rules: catalog.Rules(), Path: s.Path, Graph: s.graphOf(v), Build: b, Settings: s.Config.Settings(),
		Try: func(src string, files map[string]string, only func(*diagnostics.Rule) bool) *diagnostics.Results {
			next := s.With(src, files)
			in := next.input(context.Background(), n)
			in.Only = only
			return diagnostics.Run(context.Background(), in, next.all[n].newest.Load())
		},
	}
}

func (v *view) newestGraph() *stages.Graph {
	if g := v.graph.Load(); g != nil {
		return g
	}
	return v.prevGraph.Load()
}

// inherit lets v share what was computed for an earlier state of the document.
func (v *view) inherit(old *view) {
	v.prevGraph.Store(old.newestGraph())
	v.newest = old.newest
	v.weighed.Store(old.weighed.Load())
}
