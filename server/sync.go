package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
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

func (s *Server) didOpen(params *protocol.DidOpenTextDocumentParams) {
	d := params.TextDocument
	affected := s.workspace.Open(string(d.URI), filePath(string(d.URI)), fileName(string(d.URI)),
		string(d.LanguageID), d.Version, strings.Clone(d.Text))
	s.update(string(d.URI))
	s.update(affected...)
	s.renew(string(d.URI), true)
	s.renewAll(affected)
	if s.workspace.Snapshot(string(d.URI)) != nil {
		s.spawn(func(ctx context.Context) { s.pullConfigurationOf(ctx, []string{string(d.URI)}) })
	}
}

// filePath is the absolute path of a document; "" if it is not on disk.
func filePath(document string) string {
	u, err := uri.Parse(document)
	if err != nil || !u.IsFile() || strings.IndexByte(u.Path(), 0) >= 0 {
		return ""
	}
	p := filepath.FromSlash(u.FsPath())
	if !filepath.IsAbs(p) {
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

// didChangeParams is read by hand: the protocol's own type refuses a message with a position that
// is negative or too large, and a change that is dropped leaves the text out of step for good.
type didChangeParams struct {
	TextDocument struct {
		URI     string      `json:"uri"`
		Version json.Number `json:"version"`
	} `json:"textDocument"`
	ContentChanges []contentChange `json:"contentChanges"`
}

type contentChange struct {
	Range *struct {
		Start position `json:"start"`
		End   position `json:"end"`
	} `json:"range"`
	Text string `json:"text"`
}

type position struct {
	Line      float64 `json:"line"`
	Character float64 `json:"character"`
}

// offset finds the position in the text. Positions outside it are moved to its ends.
func (p position) offset(lines *text.Lines, enc text.Encoding) int {
	return lines.Offset(clamp(p.Line), clamp(p.Character), enc)
}

func clamp(n float64) int {
	return int(max(-1, min(n, math.MaxInt32)))
}

func (s *Server) didChange(req *jsonrpc2.Request) error {
	var params didChangeParams
	if err := json.Unmarshal(req.Params(), &params); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	version := int32(0)
	if n, err := params.TextDocument.Version.Int64(); err == nil && n == int64(int32(n)) {
		version = int32(n)
	}
	document := params.TextDocument.URI
	affected := s.workspace.Change(document, version, func(d *workspace.Draft) {
		applyChanges(d, params.ContentChanges, s.client.encoding)
	})
	s.update(document)
	s.update(affected...)
	s.renewAll(affected)
	return nil
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
	limit := 0 // the line of the earliest edit in the batch
	for _, c := range changes {
		if c.Range == nil {
			batch = nil // what they made is gone
			d.Replace(c.Text)
			continue
		}
		last := max(c.Range.Start.Line, c.Range.End.Line)
		if len(batch) > 0 && !(last < float64(limit)) {
			flush()
		}
		lines := d.Lines()
		start, end := c.Range.Start.offset(lines, enc), c.Range.End.offset(lines, enc)
		if end < start {
			start, end = end, start
		}
		limit = lines.Line(start)
		batch = append(batch, text.Edit{Span: text.Span{Start: start, End: end}, New: c.Text})
	}
	flush()
}

func (s *Server) didClose(params *protocol.DidCloseTextDocumentParams) {
	document := string(params.TextDocument.URI)
	affected := s.workspace.Close(document)
	s.refresher.forget(document)
	s.update(document)
	s.update(affected...)
	s.renewAll(affected)
}

// didSave looks at the context's time stamps: what is saved is often more than the Dockerfile.
func (s *Server) didSave(params *protocol.DidSaveTextDocumentParams) {
	s.renew(string(params.TextDocument.URI), true)
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
	affected := s.workspace.Touched(paths...)
	s.update(affected...)
	s.renewAll(affected)
}
