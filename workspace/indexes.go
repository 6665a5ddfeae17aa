package workspace

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"layerwise/build/sources"
	"layerwise/dockerfile/names"
)

// builders is what is known of a workspace folder: which files build its Dockerfiles. Guarded by Workspace.mu.
type builders struct {
	index    *sources.Index
	known    *sources.Known // nil until the files were read for the first time
	first    chan struct{}  // closed when the first look at them has ended
	stale    bool           // a file is known to have changed
	touched  []string       // the files that are known to have changed
	force    bool           // they are to be looked at
	checked  time.Time      // when it was last found to be up to date
	renewing bool           // a caller of Renew is at work
}

// due reports whether the files are to be looked at.
func (b *builders) due() bool {
	return b.known == nil || b.stale || b.force || time.Since(b.checked) >= checkInterval
}

// comesOrGoes reports whether a file is a Dockerfile that is new in the workspace, or one that is gone.
func (b *builders) comesOrGoes(path string) bool {
	rel, err := filepath.Rel(b.index.Root, path)
	if err != nil || !filepath.IsLocal(rel) || b.known == nil {
		return false
	}
	_, known := slices.BinarySearch(b.known.Dockerfiles, filepath.ToSlash(rel))
	if !known && !names.IsDockerfile(path) {
		return false
	}
	info, err := os.Stat(path)
	return known != (err == nil && info.Mode().IsRegular())
}

// holdsFolder reports whether a path of the workspace is a folder, or was one that Dockerfiles or sources lay in.
func (b *builders) holdsFolder(path string) bool {
	if !within(b.index.Root, path) || b.known == nil {
		return false
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return true
	}
	rel, err := filepath.Rel(b.index.Root, path)
	if err != nil {
		return false
	}
	folder := filepath.ToSlash(rel) + "/"
	return slices.ContainsFunc(b.known.Dockerfiles, func(name string) bool { return strings.HasPrefix(name, folder) }) ||
		slices.ContainsFunc(b.known.Builds, func(found sources.Build) bool { return strings.HasPrefix(found.Place.File, folder) })
}

// buildersOf are those of the folder that a document belongs to; nil for one that is not on disk. The
// caller holds mu.
func (w *Workspace) buildersOf(path string) *builders {
	if path == "" {
		return nil
	}
	root, known := w.rootOf[filepath.Dir(path)]
	if !known {
		root = RootOf(path, w.folders...)
		w.rootOf[filepath.Dir(path)] = root
	}
	if root == "" {
		return nil
	}
	b := w.builders[root]
	if b == nil {
		b = &builders{index: sources.NewIndex(root), first: make(chan struct{})}
		w.builders[root] = b
	}
	return b
}

// renewBuilders reads what builds the Dockerfiles of a document's workspace, until nothing is due, and returns the
// open documents that are built otherwise now, and the sources that may say something else. The caller holds
// mu, which is not held meanwhile.
func (w *Workspace) renewBuilders(ctx context.Context, d *document, force bool) (changed []string) {
	b := w.buildersOf(d.path)
	if b == nil {
		return nil
	}
	b.force = b.force || force
	if b.renewing { // the other caller goes on until nothing is due, and tells about it
		w.awaitFirst(ctx, b)
		return nil
	}
	b.renewing = true
	defer func() {
		if b.renewing = false; !b.looked() {
			close(b.first)
		}
	}()
	for b.due() && ctx.Err() == nil {
		for _, uri := range w.readBuilders(ctx, b) {
			if !slices.Contains(changed, uri) {
				changed = append(changed, uri)
			}
		}
	}
	return changed
}

// Look brings up to date what is known of the builds of a file's workspace, if one of its Dockerfiles is open or it is
// open as a folder. It returns the documents that have a new snapshot for it, and may take long.
func (w *Workspace) Look(ctx context.Context, path string) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	root := w.rootOf[filepath.Dir(path)]
	if w.builders[root] == nil && !slices.ContainsFunc(w.folders, func(f string) bool { return within(f, path) }) {
		return nil
	}
	return w.listFolders(ctx, w.renewBuilders(ctx, &document{path: path}, false))
}

// looked reports whether the first look at the files has ended.
func (b *builders) looked() bool {
	select {
	case <-b.first:
		return true
	default:
		return false
	}
}

// awaitFirst waits for the first look at the files, so that no Dockerfile is told about a build context that it turns
// out not to have. The caller holds mu, which is not held meanwhile.
func (w *Workspace) awaitFirst(ctx context.Context, b *builders) {
	w.mu.Unlock()
	defer w.mu.Lock()
	select {
	case <-b.first:
	case <-ctx.Done():
	}
}

// readBuilders looks at the files once. The caller holds mu, which is not held meanwhile.
func (w *Workspace) readBuilders(ctx context.Context, b *builders) (changed []string) {
	told := b.known != nil && b.stale && !b.force && time.Since(b.checked) < checkInterval // what has changed
	touched := b.touched
	b.stale, b.force, b.touched = false, false, nil
	overlay := w.overlay()
	var known *sources.Known
	func() {
		w.mu.Unlock()
		defer w.mu.Lock()
		if told { // a folder that cannot be read says nothing
			known, _ = b.index.Changed(ctx, overlay, touched...)
		} else {
			known, _ = b.index.Update(ctx, overlay)
		}
	}()
	if ctx.Err() != nil {
		return nil
	}
	if !told {
		b.checked = time.Now()
	}
	if known == nil {
		known = &sources.Known{Root: b.index.Root}
	}
	news := known != b.known
	b.known = known
	var own []*document
	for _, other := range w.documents {
		if other.dockerfile && w.buildersOf(other.path) == b && (news || !told) {
			other.asked++
			own = append(own, other)
		}
	}
	changed = w.infer(own...)
	if !news {
		return changed
	}
	for _, other := range w.documents {
		if other.dockerfile && w.buildersOf(other.path) == b && w.rebuild(other) {
			changed = append(changed, other.uri)
		}
		if of, _, ok := w.sourceName(other); ok && of == b {
			changed = append(changed, other.uri) // what it says may be right, or wrong, now
		}
	}
	return changed
}

// rebuild gives a document the configuration and the folders that it has now. It reports whether the document is
// built otherwise than before. The caller holds mu.
func (w *Workspace) rebuild(d *document) bool {
	before, _ := d.config.BuildsOf(d.path)
	d.config = w.configOf(d)
	after, _ := d.config.BuildsOf(d.path)
	if sameBuilds(before, after) {
		return false
	}
	d.changed = true
	w.attach(d)
	return true
}

func sameBuilds(before, after []Build) bool {
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		b, a := before[i], after[i]
		found := b.Source.Kind == FromSource || a.Source.Kind == FromSource // people are told where it stands
		if !b.Alike(a) || b.Export != a.Export || !slices.Equal(b.Changing, a.Changing) || b.Name != a.Name || b.Certainty != a.Certainty ||
			found && (b.Source != a.Source || b.TargetAt != a.TargetAt || !maps.Equal(b.ContextsAt, a.ContextsAt)) {
			return false
		}
	}
	return true
}

// Choose makes one of the builds that were found for a Dockerfile its default one, by its name; "" takes that
// back. It reports the documents that are affected.
func (w *Workspace) Choose(path, build string) (affected []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if build == "" {
		delete(w.chosen, path)
	} else {
		w.chosen[path] = build
	}
	for _, d := range w.documents {
		if d.dockerfile && d.path == path && w.rebuild(d) {
			affected = append(affected, d.uri)
		}
	}
	return affected
}

// Chosen is the name of the build that the user chose for a Dockerfile; "" if there is none.
func (w *Workspace) Chosen(path string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.chosen[path]
}

// Known is what the files of a document's workspace say about builds; nil if they were not read yet.
func (w *Workspace) Known(path string) *sources.Known {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.buildersOf(path); b != nil {
		return b.known
	}
	return nil
}
