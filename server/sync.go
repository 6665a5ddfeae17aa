package server

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"layerwise/dockerfile/text"
	"layerwise/workspace"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

func (s *Server) didOpen(params *didOpenParams) {
	d := params.TextDocument
	affected := s.workspace.Open(d.URI, filePath(d.URI), fileName(d.URI), d.LanguageID, int32(toInt32(d.Version)), strings.Clone(d.Text))
	s.opened(d.URI)
	s.filesChanged(affected)
	s.survey.bell.ring()
}

// opened looks at what a document says that has just become known.
func (s *Server) opened(document string) {
	s.update(document)
	s.renew(document, true)
	s.spawn(s.showProblems)
	if s.workspace.Snapshot(document) != nil {
		s.spawn(func(ctx context.Context) { s.pullConfigurationOf(ctx, []string{document}) })
	}
}

// maxPath is the longest path that Linux opens. All folders above a file are looked at, so that a
// longer one would take long to find out that nothing is there.
const maxPath = 4096

// filePath is the absolute path of a document; "" if it is not on disk.
func filePath(document string) string {
	u, err := uri.Parse(document)
	if err != nil || !u.IsFile() || strings.IndexByte(u.Path(), 0) >= 0 {
		return ""
	}
	p := filepath.FromSlash(u.FsPath())
	if !filepath.IsAbs(p) || len(p) > maxPath {
		return ""
	}
	return filepath.Clean(p)
}

// fileName is the last part of a document's URI.
func fileName(document string) string {
	u, err := uri.Parse(document)
	if err != nil {
		return ""
	}
	return path.Base(u.Path())
}

func (s *Server) didChange(ctx context.Context, params *didChangeParams) {
	document := params.TextDocument.URI
	s.seeker.giveUp(document)
	s.collector.typed()
	affected, became := s.workspace.Change(document, int32(toInt32(params.TextDocument.Version)), func(d *workspace.Draft) {
		applyChanges(d, params.ContentChanges, s.client.encoding)
	})
	s.filesChanged(affected)
	if became {
		s.opened(document)
	}
	switch {
	case s.client.pull:
	case s.more() && s.publisher.owe(document):
		// Of a burst, the last state counts.
	case s.publisher.claim(document):
		// The reading goes on elsewhere, and the diagnostics are made here: for the one who types, a
		// change of goroutines is a good part of the wait.
		jsonrpc2.Async(ctx)
		s.publisher.run(s.ctx, document)
	}
}

// filesChanged makes it known that files changed that these Dockerfiles may depend on.
func (s *Server) filesChanged(affected []string) {
	if len(affected) == 0 {
		return
	}
	s.spawn(s.showProblems)
	s.reconfigured(affected...)
	s.survey.bell.ring()
}

// applyChanges makes the changes one after the other, as the protocol wants it. As long as each lies
// before the one made last, as those of several cursors mostly do, their positions are the same in
// the old text, and they are made together.
func applyChanges(d *workspace.Draft, changes []contentChange, enc text.Encoding) {
	var batch []text.Edit
	flush := func() {
		if len(batch) > 0 {
			d.Edit(batch...)
			batch = nil
		}
	}
	limit := 0.0 // the line of the earliest edit in the batch
	for _, c := range changes {
		if c.Range == nil {
			batch = nil // what they made is gone
			d.Replace(c.Text)
			continue
		}
		if max(c.Range.Start.Line, c.Range.End.Line) >= limit {
			flush()
		}
		span := c.Range.span(d.Buffer(), enc)
		limit = float64(d.Buffer().Line(span.Start))
		batch = append(batch, text.Edit{Span: span, New: c.Text})
	}
	flush()
}

func (s *Server) didClose(params *documentParams) {
	document := params.TextDocument.URI
	affected := s.workspace.Close(document)
	s.refresher.forget(document)
	s.lenses.forget(document)
	s.hints.forget(document)
	s.tokens.forget(document)
	s.update(document)
	s.filesChanged(affected)
	s.survey.bell.ring()
}

// didSave looks at the context's time stamps: what is saved is often more than the Dockerfile.
func (s *Server) didSave(params *documentParams) {
	s.renew(params.TextDocument.URI, true)
	if s.workspace.Saved(params.TextDocument.URI) {
		s.update(params.TextDocument.URI)
		s.refresh(params.TextDocument.URI)
	}
	s.survey.bell.ring()
}

func (s *Server) didChangeWatchedFiles(params *protocol.DidChangeWatchedFilesParams) {
	var paths []string
	for _, change := range params.Changes {
		if p := filePath(string(change.URI)); p != "" {
			paths = append(paths, p)
		} else {
			s.log.Debug("change of a file that is not on disk", zap.String("uri", string(change.URI)))
		}
	}
	s.touched(paths...)
}

// touched makes known what follows from changes of files, by their paths.
func (s *Server) touched(paths ...string) {
	s.filesChanged(s.workspace.Touched(paths...))
	s.survey.bell.ring()
}
