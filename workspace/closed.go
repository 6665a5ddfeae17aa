package workspace

import (
	"maps"
	"path/filepath"
	"reflect"

	"layerwise/build/files"
	"layerwise/dockerfile/names"
)

// Basis is what the findings of a Dockerfile that is not open rest on. It holds no tree, so that it can be kept of
// many.
type Basis struct {
	path     string
	src      string
	config   Config
	contexts []*files.Context
	unread   bool // a folder could not be listed
}

// Closed is the view of a Dockerfile that is not open, as it is on disk now; nil if it is none. Folders are listed by
// the lister. Nothing of it is kept.
func (w *Workspace) Closed(path string, lister *files.Lister) *Snapshot {
	src, err := files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxDockerfile)
	if err != nil || names.IsDockerfile(path) && !isOne(path, src) {
		return nil
	}
	cfg := w.ConfigOf(path)
	snapshot := NewFileSnapshot(path, src, cfg, lister)
	snapshot.given = cfg
	return snapshot
}

// ConfigOf is the configuration of a file that is not open as a Dockerfile.
func (w *Workspace) ConfigOf(path string) Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.configOf(&document{path: path})
}

// BasisOf is what the findings rest on of a snapshot that Closed made. It is asked for when they are known: folders are
// listed for them. The configuration is that of the snapshot: another one may hold by now, of which they know nothing.
func BasisOf(s *Snapshot) *Basis {
	b := &Basis{path: s.Path, src: s.File.Src, config: s.given}
	for _, l := range s.contexts {
		c, err := l.seen()
		if c != nil {
			b.contexts = append(b.contexts, c)
		}
		b.unread = b.unread || err != nil
	}
	return b
}

// Holds reports whether the findings that rest on it are as they were. One caller may ask at a time. stale is asked about each folder that was
// listed: it is (*files.Context).Stale, or remembers what that has said.
func (w *Workspace) Holds(b *Basis, stale func(*files.Context) bool) bool {
	src, err := files.ReadRegular(filepath.Dir(b.path), filepath.Base(b.path), maxDockerfile)
	now := w.ConfigOf(b.path)
	if err != nil || src != b.src || b.unread || !sameConfig(b.config, now, b.path) {
		return false
	}
	b.config = now // so that what was known before is not kept
	for _, c := range b.contexts {
		if stale(c) {
			return false
		}
	}
	return true
}

// sameConfig reports whether two configurations of a Dockerfile say the same, and what builds it is the same.
func sameConfig(before, after Config, path string) bool {
	if before.known != after.known {
		was, _ := before.BuildsOf(path)
		is, _ := after.BuildsOf(path)
		if !sameBuilds(was, is) || !maps.Equal(before.made(), after.made()) || (before.known == nil) != (after.known == nil) {
			return false
		}
	}
	before.known, after.known = nil, nil
	return reflect.DeepEqual(before, after)
}
