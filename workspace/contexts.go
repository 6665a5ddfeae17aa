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

// buildContext is a directory that is the build context of open Dockerfiles. Guarded by Workspace.mu.
type buildContext struct {
	root     string
	listings map[listingKey]*listing
	lister   *files.Lister // has seen the directory as the listings show it; nil if nothing has
	stale    bool          // something is known to have changed
	force    bool          // its time stamps are to be looked at
	checked  time.Time     // when it was last found to be up to date
	renewing bool          // a caller of Renew is at work
}

// listingKey says for which Dockerfile a folder is listed, and how: it may have an ignore file of its own.
type listingKey struct {
	dockerfile string
	how        folder
}

// listing is the newest listing of a build context for one Dockerfile, which may have an ignore file
// of its own. Guarded by Workspace.mu.
type listing struct {
	users   int            // open documents
	context *files.Context // nil if there is none yet, or it cannot be read
	err     error          // why it cannot be read
	listed  bool           // the first attempt has ended
	first   chan struct{}  // closed when listed is set
}

// checkInterval is how often time stamps are looked at while a document is edited. It bounds the
// work in an editor that does not report changes of files.
const checkInterval = 2 * time.Second

// Renew brings the build context of an open document up to date, if it is not known, if something
// in it is known to have changed, or if its time stamps say so, at which it looks only now and then
// unless force is set. It returns the documents that have a new snapshot for it. It may take long,
// and obeys ctx. progress, which may be nil, is told the number of entries listed so far.
func (w *Workspace) Renew(ctx context.Context, uri string, force bool, progress func(entries int)) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil {
		return nil
	}
	changed = append(w.renewBuilders(ctx, d, force), w.infer(d)...)
	for _, at := range slices.Clone(d.attached) {
		changed = append(changed, w.renewAll(ctx, at.context, force, progress)...)
	}
	return w.listFolders(ctx, changed)
}

// listFolders has the folders listed of documents that are built otherwise now, so that they are not told about without, and
// returns all documents that have a new snapshot, each once. The caller holds mu.
func (w *Workspace) listFolders(ctx context.Context, documents []string) (changed []string) {
	changed = slices.Clone(documents)
	for _, uri := range documents {
		d := w.documents[uri]
		if d == nil {
			continue
		}
		for _, at := range slices.Clone(d.attached) {
			if at.context.unlisted() {
				changed = append(changed, w.renewAll(ctx, at.context, false, nil)...)
			}
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// renewAll looks at a folder until nothing is due.
func (w *Workspace) renewAll(ctx context.Context, bc *buildContext, force bool, progress func(int)) (changed []string) {
	bc.force = bc.force || force
	if bc.renewing {
		return nil // the other caller goes on until nothing is due, and tells about it
	}
	bc.renewing = true
	defer func() { bc.renewing = false }()
	for bc.due() && ctx.Err() == nil {
		changed = append(changed, w.renew(ctx, bc, progress)...)
	}
	return changed
}

// renew looks at the disk once, and returns the documents whose listings are others then. The caller
// holds mu, which is not held meanwhile.
func (w *Workspace) renew(ctx context.Context, bc *buildContext, progress func(int)) (changed []string) {
	lister, before, overlay := bc.lister, map[listingKey]listing{}, w.overlay()
	if old := time.Since(bc.checked) >= checkInterval; bc.stale || old && bc.unlisted() {
		lister = nil // who opens a document wants to see what there is; but many are opened at a time
	}
	bc.stale, bc.force = false, false
	for dockerfile, l := range bc.listings {
		before[dockerfile] = *l
	}
	var after map[listingKey]listed
	func() {
		w.mu.Unlock()
		defer w.mu.Lock()
		lister, after = relist(ctx, bc.root, lister, before, files.Options{Overlay: overlay, Progress: progress})
	}()
	if ctx.Err() != nil {
		return nil
	}
	bc.checked, bc.lister = time.Now(), lister
	for dockerfile, now := range after {
		l := bc.listings[dockerfile]
		if l == nil || l.listed && l.context == now.context && message(l.err) == message(now.err) {
			continue
		}
		l.context, l.err = now.context, now.err
		if !l.listed {
			l.listed = true
			close(l.first)
		}
		changed = append(changed, w.refreshAll(l)...)
	}
	return changed
}

// listed is what a look at the disk gave.
type listed struct {
	context *files.Context
	err     error
}

func list(ctx context.Context, lister *files.Lister, root string, opts files.Options) listed {
	c, err := lister.List(ctx, root, opts)
	return listed{c, err}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// relist looks at the disk anew if there is no lister, or if a listing does not hold any more, and lists
// the build context for all Dockerfiles then. Otherwise it does so for those that have no listing.
func relist(ctx context.Context, root string, lister *files.Lister, before map[listingKey]listing, opts files.Options) (*files.Lister, map[listingKey]listed) {
	fresh := lister == nil
	for _, l := range before {
		fresh = fresh || l.context != nil && l.context.Stale()
	}
	if fresh {
		lister = new(files.Lister)
	}
	after := map[listingKey]listed{}
	for key, l := range before {
		opts.Dockerfile, opts.NoIgnore, opts.IgnoreFile = key.dockerfile, key.how.noIgnore, key.how.ignoreFile
		switch {
		case fresh || !l.listed:
			after[key] = list(ctx, lister, root, opts)
		case l.context == nil: // perhaps it can be read now
			after[key] = list(ctx, new(files.Lister), root, opts)
		default:
			after[key] = listed{l.context, l.err}
		}
	}
	return lister, after
}

// due reports whether a listing is to be looked at.
func (bc *buildContext) due() bool {
	return bc.unlisted() || bc.stale || bc.force || time.Since(bc.checked) >= checkInterval
}

// unlisted reports whether there is a Dockerfile that the context was not listed for yet.
func (bc *buildContext) unlisted() bool {
	for _, l := range bc.listings {
		if !l.listed {
			return true
		}
	}
	return false
}

// refreshAll has the snapshots of a listing's documents made anew. The caller holds mu.
func (w *Workspace) refreshAll(l *listing) (changed []string) {
	for _, d := range w.documents {
		if slices.ContainsFunc(d.attached, func(at attachment) bool { return at.listing == l }) {
			d.changed = true
			changed = append(changed, d.uri)
		}
	}
	return changed
}

// NeedsRenewal reports whether Renew would have work to do for the document.
func (w *Workspace) NeedsRenewal(uri string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil {
		return false
	}
	if _, _, source := w.sourceName(d); !d.dockerfile && !source {
		return false
	}
	if b := w.buildersOf(d.path); b != nil && (!b.renewing && b.due() || b.known != nil && d.asked > d.answered) {
		return true
	}
	return slices.ContainsFunc(d.attached, func(at attachment) bool { return !at.context.renewing && at.context.due() })
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
	for _, b := range w.builders {
		if b.index.Touches(path) || b.comesOrGoes(path) {
			b.stale, b.touched = true, append(b.touched, path)
		}
		if b.holdsFolder(path) {
			b.stale, b.force = true, true
		}
	}
	for _, d := range w.documents {
		_, _, source := w.sourceName(d)
		if b := w.buildersOf(d.path); (d.dockerfile || source) && b != nil && b.stale {
			affected[d.uri] = true
		}
		for _, at := range d.attached {
			if within(at.context.root, path) || strings.HasPrefix(path, d.path+".") {
				at.context.stale = true
				affected[d.uri] = true
			}
		}
	}
}

func within(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// attachment is a folder that a document's builds may need, and its listing for the document.
type attachment struct {
	how     folder
	context *buildContext
	listing *listing
}

// attach gives a document the folders that its builds may need now. The caller holds mu.
func (w *Workspace) attach(d *document) {
	var roots []folder
	if d.path != "" && d.dockerfile {
		builds, _ := d.config.BuildsOf(d.path)
		for _, b := range builds {
			for _, root := range b.roots() {
				if !slices.Contains(roots, root) {
					roots = append(roots, root)
				}
			}
		}
	}
	old := d.attached
	d.attached = nil
	for _, root := range roots { // before the old ones go: they may be the same
		d.attached = append(d.attached, w.attachment(d, root))
	}
	for _, at := range old {
		w.release(d, at)
	}
}

func (w *Workspace) attachment(d *document, how folder) attachment {
	bc := w.contexts[how.root]
	if bc == nil {
		bc = &buildContext{root: how.root, listings: map[listingKey]*listing{}}
		w.contexts[how.root] = bc
	}
	key := listingKey{d.path, how}
	l := bc.listings[key]
	if l == nil {
		l = &listing{first: make(chan struct{})}
		bc.listings[key] = l
	}
	l.users++
	return attachment{how, bc, l}
}

// detach releases the document's folders. The caller holds mu.
func (w *Workspace) detach(d *document) {
	for _, at := range d.attached {
		w.release(d, at)
	}
	d.attached = nil
}

func (w *Workspace) release(d *document, at attachment) {
	if at.listing.users--; at.listing.users == 0 {
		delete(at.context.listings, listingKey{d.path, at.how})
		if !at.listing.listed {
			close(at.listing.first) // nobody is to wait for it any more
			at.listing.listed = true
		}
	}
	if len(at.context.listings) == 0 {
		delete(w.contexts, at.context.root)
	}
}
