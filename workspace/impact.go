package workspace

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Impact is what saving a file does to the next run of a build.
type Impact struct {
	Path       string // of the Dockerfile
	Build      Build  // that is predicted
	Several    bool   // the Dockerfile has other builds, too
	Comparison *cache.Comparison
	Err        error    // why there is none: BuildKit refuses the Dockerfile
	Installs   []string // the commands that fetch dependencies, and rerun
	In         string   // what people call the build: the service or target, or the Dockerfile in its workspace
}

// maxImpacts is how many builds are told about.
const maxImpacts = 50

// Impacts predicts what saving a file reruns, for each build of the workspace whose build context holds it. If no
// Dockerfile of that kind is open or found, the nearest one above the file counts. Saving a Dockerfile reruns
// what its unsaved changes do, and what copies the Dockerfile itself.
func (w *Workspace) Impacts(ctx context.Context, path string) []Impact {
	var impacts []Impact
	for _, s := range w.concerned(ctx, path) {
		for _, of := range s.ofBuilds() {
			if ctx.Err() != nil {
				return nil
			}
			if c := of.Context(ctx); len(impacts) >= maxImpacts || s.Path != path && (c == nil || !within(c.Root, path)) {
				continue
			}
			c, err := of.saved(ctx, path)
			i := Impact{Path: s.Path, Build: of.Build(ctx), Several: len(s.views) > 1, Comparison: c, Err: err}
			if i.In = i.Build.Short(); i.In == "" {
				i.In = s.Config.relative(s.Path)
			}
			if err == nil {
				i.Installs = Installs(c, of.Graph())
			}
			impacts = append(impacts, i)
		}
	}
	slices.SortStableFunc(impacts, func(a, b Impact) int { return strings.Compare(a.Path, b.Path) })
	return impacts
}

// concerned are the snapshots of the Dockerfiles whose builds may read the file.
func (w *Workspace) concerned(ctx context.Context, path string) (list []*Snapshot) {
	open := map[string]bool{}
	for _, uri := range w.Dockerfiles() {
		s := w.Snapshot(uri)
		if s == nil || s.Path == "" {
			continue
		}
		if s.Path == path {
			return []*Snapshot{s}
		}
		open[s.Path] = true
		if s.holds(path) {
			list = append(list, s)
		}
	}
	if names.IsDockerfile(path) {
		if s := w.onDisk(path, nil); s != nil {
			return []*Snapshot{s}
		}
	}
	if known := w.Known(path); known != nil {
		lister := new(files.Lister)
		for _, name := range known.Dockerfiles {
			abs := filepath.Join(known.Root, filepath.FromSlash(name))
			if open[abs] || len(list) >= maxImpacts || ctx.Err() != nil {
				continue
			}
			if s := w.onDisk(abs, lister); s != nil && s.holds(path) {
				list = append(list, s)
			}
		}
	}
	if len(list) > 0 {
		return list
	}
	if s := w.nearest(path); s != nil && (s.Path == path || s.holds(path)) {
		return []*Snapshot{s}
	}
	return nil
}

// holds reports whether the build context of one of the builds is a folder that the file lies in.
func (s *Snapshot) holds(path string) bool {
	return slices.ContainsFunc(s.builds, func(b Build) bool { return b.Context != "" && within(b.Context, path) })
}

// nearest is the Dockerfile in the next folder above the file that has one, but not above the root of the repository.
func (w *Workspace) nearest(path string) *Snapshot {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		for _, name := range []string{"Dockerfile", "Containerfile"} {
			if s := w.onDisk(filepath.Join(dir, name), nil); s != nil {
				return s
			}
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || filepath.Dir(dir) == dir {
			return nil
		}
	}
}

const maxDockerfile = 16 << 20 // bytes

// maxClosed is how many Dockerfiles that are not open are remembered.
const maxClosed = 64

// onDisk is the snapshot of a Dockerfile that is not open; nil if it is not there. It is remembered as long as its
// text, its configuration and its build context are the same. The lister looks at folders that are not known; nil
// makes one.
func (w *Workspace) onDisk(path string, lister *files.Lister) *Snapshot {
	src, err := files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxDockerfile)
	if err != nil || names.IsDockerfile(path) && !isOne(path, src) {
		return nil
	}
	w.mu.Lock()
	cfg := w.configOf(&document{path: path})
	last := w.closed[path]
	w.mu.Unlock()
	if last != nil && last.of(src, cfg) && last.snapshot.fresh() {
		return last.snapshot
	}
	s := NewFileSnapshot(path, src, cfg, lister)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.closed) >= maxClosed {
		clear(w.closed)
	}
	w.closed[path] = &closedFile{s, cfg}
	return s
}

// closedFile is a Dockerfile that is not open, with the configuration that was asked with: that of the snapshot may
// have an inferred context besides.
type closedFile struct {
	snapshot *Snapshot
	config   Config
}

func (c *closedFile) of(src string, cfg Config) bool {
	mine, other := c.config, cfg
	if mine.known != other.known {
		return false
	}
	mine.known, other.known = nil, nil // it is the same, and large
	return c.snapshot.File.Src == src && reflect.DeepEqual(mine, other)
}

// fresh reports whether the folders that were listed are as they were.
func (s *Snapshot) fresh() bool {
	listed := false
	for _, l := range s.contexts {
		if c, _ := l.seen(); c != nil {
			if listed = true; c.Stale() {
				return false
			}
		}
	}
	return listed
}

// saved predicts what saving the file reruns.
func (s *Snapshot) saved(ctx context.Context, path string) (*cache.Comparison, error) {
	before, after := s.Subject(ctx), s.Subject(ctx)
	if c := s.Context(ctx); c != nil && within(c.Root, path) {
		rel, _ := filepath.Rel(c.Root, path)
		after.Trees[cache.MainContext], _ = before.Trees[cache.MainContext].Touched([]string{filepath.ToSlash(rel)})
	}
	if path == s.Path {
		if src, err := files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxDockerfile); err == nil && src != s.File.Src {
			was := before
			was.Graph = stages.Resolve(syntax.Parse(src), s.Build(ctx).stageArgs(), nil)
			if c, err := cache.Compare(ctx, was, after); err == nil {
				return c, nil
			} // what is on disk is no valid Dockerfile: compare with the text as it is
		}
	}
	return cache.Compare(ctx, before, after)
}
