package workspace

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"layerwise/build/files"
)

// contextKey names a build context: its directory, and the Dockerfile, which may have an ignore
// file of its own.
type contextKey struct{ root, dockerfile string }

// buildContext is the newest listing of a build context. Guarded by Workspace.mu.
type buildContext struct {
	key      contextKey
	users    int            // open documents
	listing  *files.Context // nil if there is none yet, or it cannot be read
	listed   bool           // the first listing has ended
	first    chan struct{}  // closed when listed is set
	stale    bool           // something is known to have changed
	force    bool           // its time stamps are to be looked at
	checked  time.Time      // when it was last found to be up to date
	renewing bool           // a caller of Renew is at work
}

// checkInterval is how often time stamps are looked at while a document is edited. It bounds the
// work in an editor that does not report changes of files.
const checkInterval = 2 * time.Second

// contextRoot is the directory of a Dockerfile's build context: the Dockerfile's own, unless it is
// configured. A relative one, from an editor's settings, is below the Dockerfile's.
func contextRoot(path string, cfg Config) string {
	if filepath.IsAbs(cfg.Context) {
		return filepath.Clean(cfg.Context)
	}
	return filepath.Join(filepath.Dir(path), filepath.FromSlash(cfg.Context))
}

// Renew brings the build context of an open document up to date, if it is not known, if something
// in it is known to have changed, or if its time stamps say so, at which it looks only now and then
// unless force is set. It returns the documents that have a new snapshot for it. It may take long,
// and obeys ctx. progress, which may be nil, is told the number of entries listed so far.
func (w *Workspace) Renew(ctx context.Context, uri string, force bool, progress func(entries int)) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil || d.context == nil {
		return nil
	}
	bc := d.context
	bc.force = bc.force || force
	if bc.renewing {
		return nil // the other caller goes on until nothing is due, and tells about it
	}
	bc.renewing = true
	defer func() { bc.renewing = false }()
	for bc.due() && ctx.Err() == nil {
		if w.renew(ctx, bc, progress) {
			changed = w.refreshAll(bc)
		}
	}
	return changed
}

// renew looks at the disk once, and reports whether the listing is another one then. The caller
// holds mu, which is not held meanwhile.
func (w *Workspace) renew(ctx context.Context, bc *buildContext, progress func(int)) bool {
	old, current := bc.listing, bc.listed && !bc.stale
	bc.stale, bc.force = false, false
	overlay := w.overlay()
	fresh := old
	func() {
		w.mu.Unlock()
		defer w.mu.Lock()
		if !current || old == nil || old.Stale() {
			fresh = list(ctx, bc.key, overlay, progress)
		}
	}()
	if ctx.Err() != nil {
		return false
	}
	bc.checked = time.Now()
	if bc.listed && fresh == old {
		return false
	}
	bc.listing = fresh
	if !bc.listed {
		bc.listed = true
		close(bc.first)
	}
	return true
}

// due reports whether the listing is to be looked at.
func (bc *buildContext) due() bool {
	return !bc.listed || bc.stale || bc.force || time.Since(bc.checked) >= checkInterval
}

// refreshAll has the snapshots of a context's documents made anew. The caller holds mu.
func (w *Workspace) refreshAll(bc *buildContext) (changed []string) {
	for _, d := range w.documents {
		if d.context == bc {
			d.changed = true
			changed = append(changed, d.uri)
		}
	}
	return changed
}

func list(ctx context.Context, key contextKey, overlay map[string]string, progress func(int)) *files.Context {
	c, err := files.Scan(ctx, key.root, files.Options{Dockerfile: key.dockerfile, Overlay: overlay, Progress: progress})
	if err != nil {
		return nil
	}
	return c
}

// NeedsRenewal reports whether Renew would have work to do for the document.
func (w *Workspace) NeedsRenewal(uri string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	return d != nil && d.context != nil && !d.context.renewing && d.context.due()
}

// Touched notes that files changed, by their absolute paths. It returns the open Dockerfiles that
// may be affected: their contexts are to be renewed, and if a configuration file is among the
// paths, their snapshots are new.
func (w *Workspace) Touched(paths ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	affected := map[string]bool{}
	for _, path := range paths {
		if isConfig(path) {
			for _, uri := range w.reconfigure() {
				affected[uri] = true
			}
		}
		w.touch(path, affected)
	}
	return slices.Collect(maps.Keys(affected))
}

// touch marks the contexts that hold the path as out of date. The caller holds mu.
func (w *Workspace) touch(path string, affected map[string]bool) {
	for _, d := range w.documents {
		if d.context == nil {
			continue
		}
		key := d.context.key
		if within(key.root, path) || strings.HasPrefix(path, key.dockerfile+".") {
			d.context.stale = true
			affected[d.uri] = true
		}
	}
}

func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// attach gives a document the build context that belongs to it now. The caller holds mu.
func (w *Workspace) attach(d *document) {
	var key contextKey
	if d.path != "" && d.dockerfile {
		key = contextKey{contextRoot(d.path, d.config), d.path}
	}
	if d.context != nil {
		if d.context.key == key {
			return
		}
		w.detach(d)
	}
	if key.root == "" {
		return
	}
	bc := w.contexts[key]
	if bc == nil {
		bc = &buildContext{key: key, first: make(chan struct{})}
		w.contexts[key] = bc
	}
	bc.users++
	d.context = bc
}

// detach releases the document's build context. The caller holds mu.
func (w *Workspace) detach(d *document) {
	if d.context == nil {
		return
	}
	if d.context.users--; d.context.users == 0 {
		delete(w.contexts, d.context.key)
	}
	d.context = nil
}
