package workspace

import (
	"context"
	"path/filepath"
	"slices"

	"layerwise/dockerfile/names"
)

// Folders says which folders are open in the editor, by their absolute paths. It returns the open documents that
// have a new snapshot for it, and those that are to be renewed, since they belong to another workspace now.
func (w *Workspace) Folders(folders []string) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.rootOf
	w.folders, w.rootOf = folders, map[string]string{}
	used := map[*builders]bool{}
	for _, folder := range folders {
		used[w.buildersOf(inFolder(folder))] = true
	}
	for uri, d := range w.documents {
		if d.path == "" {
			continue
		}
		used[w.buildersOf(d.path)] = true
		dir := filepath.Dir(d.path)
		if root, known := before[dir]; d.dockerfile && known && root != w.rootOf[dir] {
			w.rebuild(d)
			changed = append(changed, uri)
		}
	}
	for root, b := range w.builders {
		if !used[b] {
			delete(w.builders, root)
		}
	}
	for folder := range w.scopedFolders {
		if !slices.Contains(folders, folder) {
			delete(w.scopedFolders, folder)
		}
	}
	clear(w.closed)
	return changed
}

// inFolder is the path of a file in the folder, which need not be there: a folder has the workspace of its files.
func inFolder(folder string) string { return filepath.Join(folder, "Dockerfile") }

// OpenFolders are the folders that are open in the editor.
func (w *Workspace) OpenFolders() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.folders)
}

// folderOf is the innermost open folder that a file lies in; "" if it lies in none. The caller holds mu.
func (w *Workspace) folderOf(path string) (inner string) {
	for _, folder := range w.folders {
		if path != "" && within(folder, path) && len(folder) > len(inner) {
			inner = folder
		}
	}
	return inner
}

// ConfigureFolder sets the editor's settings for what lies in a folder that is open. It returns the Dockerfiles that
// have another configuration now: those that have no settings of their own.
func (w *Workspace) ConfigureFolder(folder string, cfg Config) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.folders, folder) {
		return nil
	}
	w.scopedFolders[folder] = cfg
	for uri, d := range w.documents {
		if _, own := w.scoped[uri]; d.dockerfile && !own && w.folderOf(d.path) == folder && w.reconfigureDocument(d) {
			changed = append(changed, uri)
		}
	}
	return changed
}

const (
	maxMembers = 1000 // Dockerfiles of the open folders that are looked at without being open
	maxNested  = 50   // repositories among them that are looked through
)

// Members are the Dockerfiles in the folders that are open, open themselves or not, by their absolute paths, sorted.
// It reads what builds them where that is not up to date. changed are the open documents that are built otherwise
// then. There are none if ctx is done before. It may take long.
func (w *Workspace) Members(ctx context.Context) (paths, changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	nested := 0
	for _, folder := range slices.Clone(w.folders) {
		if w.buildersOf(inFolder(folder)) == nil {
			continue // too broad
		}
		changed = append(changed, w.renewBuilders(ctx, &document{path: inFolder(folder)}, false)...)
		b := w.buildersOf(inFolder(folder))
		if b == nil || b.known == nil {
			continue
		}
		for _, name := range b.known.Dockerfiles {
			path := filepath.Join(b.index.Root, filepath.FromSlash(name))
			if !within(folder, path) || len(paths) >= maxMembers {
				continue
			}
			paths = append(paths, path)
			if of := w.buildersOf(path); of != nil && of.known == nil && nested < maxNested {
				nested++
				changed = append(changed, w.renewBuilders(ctx, &document{path: path}, false)...)
			}
		}
	}
	if ctx.Err() != nil {
		return nil, changed
	}
	slices.Sort(paths)
	return slices.Compact(paths), w.listFolders(ctx, changed)
}

// IsMember reports whether a file lies in a folder that is open, and is a Dockerfile by its name or because something
// builds it.
func (w *Workspace) IsMember(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	folder := w.folderOf(path)
	if folder == "" {
		return false
	}
	if names.IsDockerfile(path) {
		return true
	}
	b := w.buildersOf(inFolder(folder))
	if b == nil || b.known == nil {
		return false
	}
	rel, err := filepath.Rel(b.index.Root, path)
	return err == nil && slices.ContainsFunc(b.known.Dockerfiles, func(name string) bool {
		return name == filepath.ToSlash(rel)
	})
}
