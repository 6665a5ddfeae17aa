package server

import (
	"path/filepath"
	"strings"

	"layerwise/build/sources"
	"layerwise/dockerfile/text"
	"layerwise/language/renames"

	"go.lsp.dev/uri"
)

// lookAtSources looks at the files that say how Dockerfiles are built: what they call the files and folders that get other names.
func (r *renaming) lookAtSources() {
	for _, known := range r.s.workspace.Builds() {
		places := map[string]map[text.Span]string{} // by file
		for _, renamed := range known.Renamed(func(name string) (string, bool) { return r.now(known, name) }) {
			path := filepath.Join(known.Root, filepath.FromSlash(renamed.At.File))
			src, ok := r.s.read(path)
			if !ok {
				continue
			}
			if start, end, ok := renamed.Stands(src); ok {
				if places[path] == nil {
					places[path] = map[text.Span]string{}
				}
				places[path][text.Span{Start: start, End: end}] = renamed.New
			}
		}
		for path, in := range places {
			src, _ := r.s.read(path)
			f := fileEdits{document: string(uri.File(path)), lines: text.NewLines(src), edits: renames.In(in)}
			if document, version, open := r.s.workspace.Opened(path); open {
				f.document, f.version = document, &version
			}
			r.sources[path] = f
		}
	}
}

// now is the new path of a file or folder of a workspace, relative to its root; false if it leaves it.
func (r *renaming) now(known *sources.Known, name string) (string, bool) {
	abs := filepath.Join(known.Root, filepath.FromSlash(name))
	old, by := "", ""
	for _, m := range r.moved {
		if len(m.Old) > len(old) && (abs == m.Old || strings.HasPrefix(abs, m.Old+string(filepath.Separator))) {
			old, by = m.Old, m.New
		}
	}
	rel, err := filepath.Rel(known.Root, by+abs[len(old):])
	return filepath.ToSlash(rel), err == nil && (old == "" || filepath.IsLocal(rel))
}
