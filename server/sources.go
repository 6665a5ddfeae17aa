package server

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"layerwise/build/sources"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// maxSourceLenses is how many builds of a source are told about.
const maxSourceLenses = 50

// sourceLenses tell of each build of a source how its Dockerfile fares. One that several builds share is told at
// each of them.
func (s *Server) sourceLenses(ctx context.Context, known *sources.Known, place string) []protocol.CodeLens {
	lenses := []protocol.CodeLens{}
	type lens struct {
		line       int
		dockerfile string
	}
	told := map[lens]bool{}
	counts := s.workspace.Counter()
	for _, b := range known.Builds {
		if at := (lens{b.Place.Line, b.Dockerfile}); b.Place.File == place && b.Dockerfile != "" && !b.Elsewhere && b.Missing == "" && !told[at] && len(lenses) < maxSourceLenses && ctx.Err() == nil {
			told[at] = true
			abs := filepath.Join(known.Root, filepath.FromSlash(b.Dockerfile))
			if n, ok := counts.Of(ctx, abs); ok {
				title := fmt.Sprintf("%s in %s", words.Count(n, "finding"), b.Dockerfile)
				lenses = append(lenses, lensAt(b.Place.Line-1, title, commandOpenFile, string(uri.File(abs))))
			}
		}
	}
	return lenses
}

// lensBook knows which lenses the client has. Guarded by mu.
type lensBook struct {
	mu    sync.Mutex
	given map[string]string // by URI of the document: the lenses, as JSON
}

func (l *lensBook) gave(document string, lenses []protocol.CodeLens) {
	text, _ := json.Marshal(lenses) // texts that differ are all that it is for
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.given == nil {
		l.given = map[string]string{}
	}
	l.given[document] = string(text)
}

func (l *lensBook) forget(document string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.given, document)
}

// differ reports whether the client has other lenses of a document. One that has not asked for any will do so anyway.
func (l *lensBook) differ(document string, lenses []protocol.CodeLens) bool {
	text, _ := json.Marshal(lenses)
	l.mu.Lock()
	defer l.mu.Unlock()
	given, ok := l.given[document]
	return ok && given != string(text)
}

// asked are the documents of which the client has lenses.
func (l *lensBook) asked() (documents []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for document := range l.given {
		documents = append(documents, document)
	}
	return documents
}

// refreshLenses asks a client to ask for lenses anew, if those of one of these documents are others now.
func (s *Server) refreshLenses(documents ...string) {
	if !s.client.lensRefresh || len(documents) == 0 || len(s.lenses.asked()) == 0 {
		return
	}
	s.spawn(func(ctx context.Context) {
		for _, document := range documents {
			lenses := s.lensesOf(ctx, document)
			if ctx.Err() != nil || !s.lenses.differ(document, lenses) {
				continue
			}
			if _, err := s.conn.Call(ctx, protocol.MethodWorkspaceCodeLensRefresh, nil, nil); err != nil {
				s.log.Debug("refresh of lenses", zap.Error(err))
			}
			return
		}
	})
}

// sourceDiagnostics are what a source says of builds that is not so; ok is false for a document that is none.
func (s *Server) sourceDiagnostics(document string) (list []protocol.Diagnostic, ok bool) {
	notes, ok := s.workspace.SourceMistakes(document)
	list = []protocol.Diagnostic{}
	for _, n := range notes {
		list = append(list, protocol.Diagnostic{
			Range:    s.rangeOf(document, n),
			Severity: protocol.DiagnosticSeverityWarning,
			Code:     protocol.String("build"),
			Source:   protocol.NewOptional(Name),
			Message:  protocol.String(n.Message),
		})
	}
	return list, ok
}

// rangeOf is the word of an open source that a note is about, or else its line.
func (s *Server) rangeOf(document string, n sources.Note) protocol.Range {
	if src, open := s.workspace.OpenText(filePath(document)); open && n.Word != "" {
		at := sources.Text{Line: n.Line, Text: n.Word}
		if start, end, ok := at.In(src); ok {
			return s.client.span(text.NewLines(src), text.Span{Start: start, End: end})
		}
	}
	line := uint32(max(0, n.Line-1))
	return protocol.Range{Start: protocol.Position{Line: line, Character: uint32(s.workspace.Indent(document, n.Line))}, End: protocol.Position{Line: line, Character: longLine}}
}

// longLine stands for the end of a line: clients cut it there.
const longLine = 1000

// sourcesWait is how long a Dockerfile rests before the sources that are open are looked at anew: whether they are right,
// and how many findings they tell, depends on it.
const sourcesWait = 250 * time.Millisecond

// afterwards looks at the open sources anew when nothing has changed for a while. Guarded by mu.
type afterwards struct {
	mu    sync.Mutex
	timer *time.Timer
}

// renewSources makes known what a change of a Dockerfile does to the open sources, some time after the last change.
func (s *Server) renewSources() {
	if !s.workspace.HasSources() {
		return
	}
	a := &s.afterwards
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer != nil {
		a.timer.Stop()
	}
	a.timer = time.AfterFunc(sourcesWait, func() {
		defer s.recovered("sources of builds")
		if s.ctx.Err() == nil {
			s.changed(s.workspace.Sources()...)
		}
	})
}
