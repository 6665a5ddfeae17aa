package workspace

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/sources"
)

// sourceName is the path of an open document as sources have it, if it may say how Dockerfiles are built. The caller
// holds mu.
func (w *Workspace) sourceName(d *document) (b *builders, name string, ok bool) {
	if d == nil || d.dockerfile || d.path == "" {
		return nil, "", false
	}
	if b = w.buildersOf(d.path); b == nil {
		return nil, "", false
	}
	rel, err := filepath.Rel(b.index.Root, d.path)
	name = filepath.ToSlash(rel)
	return b, name, err == nil && filepath.IsLocal(rel) && sources.IsSource(name)
}

// Source is what is known of the workspace that an open document belongs to, and the document's path there, if the
// document is a source of builds and the workspace was read.
func (w *Workspace) Source(uri string) (known *sources.Known, name string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, name, ok := w.sourceName(w.documents[uri])
	if !ok || b.known == nil {
		return nil, "", false
	}
	return b.known, name, true
}

// SourceMistakes are what an open source says of builds that is not so. ok is false for another document.
func (w *Workspace) SourceMistakes(uri string) (mistakes []sources.Note, ok bool) {
	known, name, ok := w.Source(uri)
	if !ok {
		return nil, false
	}
	all := append(Mistakes(known.About(name), w.text), known.Notes...)
	for _, n := range all {
		if n.File == name && n.Wrong {
			mistakes = append(mistakes, n)
		}
	}
	return mistakes, true
}

// Indent is the number of blanks that a line of an open document begins with, counted from 1; 0 without such a line.
func (w *Workspace) Indent(uri string, line int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil {
		return 0
	}
	n := 0
	for text := range strings.Lines(d.draft.String()) {
		if n++; n == line {
			return len(text) - len(strings.TrimLeft(text, " \t"))
		}
	}
	return 0
}

// text is the text of a Dockerfile: as it stands in the editor, or else on disk.
func (w *Workspace) text(abs string) (string, error) {
	w.mu.Lock()
	for _, d := range w.documents {
		if d.dockerfile && d.path == abs {
			text := d.draft.String()
			w.mu.Unlock()
			return text, nil
		}
	}
	w.mu.Unlock()
	return files.ReadRegular(filepath.Dir(abs), filepath.Base(abs), maxDockerfile)
}

// Sources are the URIs of the open documents that may say how Dockerfiles are built, sorted.
func (w *Workspace) Sources() (uris []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for uri, d := range w.documents {
		if _, _, ok := w.sourceName(d); ok {
			uris = append(uris, uri)
		}
	}
	slices.Sort(uris)
	return uris
}

// HasSources reports whether there are any. It is quick.
func (w *Workspace) HasSources() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.documents {
		if _, _, ok := w.sourceName(d); ok {
			return true
		}
	}
	return false
}

// Counter counts the findings of Dockerfiles. A folder that several of them are built with is looked at once.
type Counter struct {
	w      *Workspace
	lister files.Lister
}

// Counter is one that looks at the disk as it is now.
func (w *Workspace) Counter() *Counter { return &Counter{w: w} }

// Of is the number of findings in a Dockerfile, open or not; false if it cannot be read.
func (c *Counter) Of(ctx context.Context, abs string) (n int, ok bool) {
	if uri, _, open := c.w.Opened(abs); open {
		if s := c.w.Snapshot(uri); s != nil {
			return len(s.Diagnostics(ctx)), ctx.Err() == nil
		}
	}
	s := c.w.onDisk(abs, &c.lister)
	if s == nil {
		return 0, false
	}
	return len(s.Diagnostics(ctx)), ctx.Err() == nil
}

// Builds is what is known of each workspace that was read, in the order of their roots.
func (w *Workspace) Builds() (all []*sources.Known) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, root := range slices.Sorted(maps.Keys(w.builders)) {
		if known := w.builders[root].known; known != nil {
			all = append(all, known)
		}
	}
	return all
}
