package server

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"layerwise/dockerfile/text"
	"layerwise/language/outline"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// maxSymbols is how many symbols of a workspace are told of at once.
const maxSymbols = 100

// maxNamed is how many files the names are kept of.
const maxNamed = 2000

type workspaceSymbolParams struct {
	Query string `json:"query"`
}

// symbolBook keeps the names in the Dockerfiles that are not open, as long as these are as they were: while someone
// types a query, nothing is read. Guarded by mu.
type symbolBook struct {
	mu   sync.Mutex
	kept map[string]namesOf // by path
}

type namesOf struct {
	size    int64
	changed time.Time
	names   []outline.Symbol
	lines   *text.Lines
}

// workspaceSymbol answers with the stages and global ARGs of all Dockerfiles that fit a query.
func (s *Server) workspaceSymbol(params *workspaceSymbolParams) work {
	return func(ctx context.Context) (any, error) {
		search := outline.Search[place]{Query: params.Query, Limit: maxSymbols}
		for _, document := range s.workspace.Dockerfiles() {
			if snapshot := s.workspace.Snapshot(document); snapshot != nil {
				search.Add(s.called(snapshot.Path), place{document, snapshot.Lines()}, outline.Names(snapshot.Graph()))
			}
		}
		paths, changed := s.workspace.Members(ctx)
		s.changed(changed...)
		for _, path := range paths {
			if _, _, open := s.workspace.Opened(path); open || ctx.Err() != nil {
				continue
			}
			if n, ok := s.names.of(s, path); ok {
				search.Add(s.called(path), place{string(uri.File(path)), n.lines}, n.names)
			}
		}
		symbols := []protocol.SymbolInformation{}
		for _, f := range search.Best() {
			symbol := protocol.SymbolInformation{Location: protocol.Location{URI: uri.URI(f.Of.document), Range: s.client.span(f.Of.lines, f.Symbol.Selection)}}
			symbol.Name, symbol.Kind = f.Symbol.Name, symbolKinds[f.Symbol.Kind]
			if f.Path != "" {
				symbol.ContainerName = ref(f.Path)
			}
			symbols = append(symbols, symbol)
		}
		return symbols, nil
	}
}

// place is where the symbols of a file are.
type place struct {
	document string
	lines    *text.Lines
}

// of are the names in a Dockerfile that is not open; false if it is none.
func (b *symbolBook) of(s *Server, path string) (namesOf, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return namesOf{}, false
	}
	b.mu.Lock()
	known, ok := b.kept[path]
	b.mu.Unlock()
	if ok && known.size == info.Size() && known.changed.Equal(info.ModTime()) {
		return known, true
	}
	snapshot := s.workspace.Closed(path, nil)
	if snapshot == nil {
		return namesOf{}, false
	}
	known = namesOf{info.Size(), info.ModTime(), outline.Names(snapshot.Graph()), snapshot.Lines()}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil || len(b.kept) >= maxNamed {
		b.kept = map[string]namesOf{}
	}
	b.kept[path] = known
	return known, true
}

// called is a file as people call it: relative to the open folder that it lies in, whose name it begins with if
// there are several.
func (s *Server) called(path string) string {
	folders := s.workspace.OpenFolders()
	for _, folder := range folders {
		rel, err := filepath.Rel(folder, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if len(folders) > 1 {
			rel = filepath.Join(filepath.Base(folder), rel)
		}
		return strings.TrimPrefix(filepath.ToSlash(rel), "./")
	}
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}
