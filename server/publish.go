package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// longestBurst is how long diagnostics may wait because the client goes on sending.
const longestBurst = 20 * time.Millisecond

// firstWait is how long diagnostics wait for the first listing of a build context. When it takes
// longer they are given without it, and once more when it is there.
const firstWait = 50 * time.Millisecond

// publisher sends diagnostics to a client that does not ask for them. Each document has at most one
// goroutine at it, which always works on the newest snapshot: while the client is slow to read, or a
// text is large, the states between are never looked at.
type publisher struct {
	server *Server
	mu     sync.Mutex
	dirty  map[string]bool   // by URI of the documents with a goroutine: there is news for it
	sent   map[string]uint64 // by URI: the snapshot whose diagnostics the client has
	told   map[string]string // by URI of a source of builds: the diagnostics that the client has, if any
	owed   map[string]bool   // by URI of documents that changed while more messages were there
	since  time.Time         // of the first of these
}

func (p *publisher) start(s *Server) {
	p.server = s
	p.dirty = map[string]bool{}
	p.sent = map[string]uint64{}
	p.told = map[string]string{}
	p.owed = map[string]bool{}
}

// update makes the diagnostics of documents known after a change, to a client that wants to be told.
func (s *Server) update(documents ...string) {
	if s.client.pull {
		return
	}
	for _, document := range documents {
		s.publisher.schedule(document)
	}
}

// schedule makes a document's diagnostics known on a goroutine of its own, unless one is at it.
func (p *publisher) schedule(document string) {
	if p.claim(document) {
		p.server.spawn(func(ctx context.Context) { p.run(ctx, document) })
	}
}

// owe puts a document's diagnostics off until all that the client has sent is read. It does not if that
// goes on for long.
func (p *publisher) owe(document string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(p.owed) == 0:
		p.since = time.Now()
	case time.Since(p.since) > longestBurst:
		return false
	}
	p.owed[document] = true
	return true
}

// flush makes known what is owed.
func (p *publisher) flush() {
	p.mu.Lock()
	owed := slices.Collect(maps.Keys(p.owed))
	clear(p.owed)
	p.mu.Unlock()
	for _, document := range owed {
		p.schedule(document)
	}
}

// claim reports whether the caller is to run for the document. Otherwise one that does is told that
// there is news.
func (p *publisher) claim(document string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.owed, document)
	_, running := p.dirty[document]
	p.dirty[document] = running
	if !running {
		p.server.answers.begin()
	}
	return !running
}

// run makes the diagnostics of a claimed document known until there is no news.
func (p *publisher) run(ctx context.Context, document string) {
	defer p.server.answers.end()
	for again := true; again; again = p.again(document) {
		p.publish(ctx, document)
	}
}

// again reports whether there is news, and ends the goroutine's term if there is none.
func (p *publisher) again(document string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dirty[document] {
		p.dirty[document] = false
		return true
	}
	delete(p.dirty, document)
	return false
}

func (p *publisher) publish(ctx context.Context, document string) {
	s := p.server
	defer s.recovered("diagnostics of " + document)
	snapshot := s.settled(ctx, document)
	if snapshot == nil {
		p.publishSource(ctx, document)
	}
	if !p.isNews(document, snapshot) {
		return
	}
	params := &protocol.PublishDiagnosticsParams{URI: uri.URI(document), Diagnostics: []protocol.Diagnostic{}}
	if snapshot != nil {
		params.Version.Set(snapshot.Version)
		params.Diagnostics = s.diagnostics(ctx, snapshot)
		defer s.renew(document, false)
		defer s.seekFacts(document)
		defer s.renewSources()
	}
	if ctx.Err() != nil {
		return // the findings may not be whole
	}
	if err := s.conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, params); err != nil {
		s.log.Debug("publish", zap.Error(err))
	}
}

// publishSource makes known what a source of builds says that is not so, and that it says nothing of the kind any more.
func (p *publisher) publishSource(ctx context.Context, document string) {
	s := p.server
	list, _ := s.sourceDiagnostics(document)
	p.mu.Lock()
	news := texts(list) != p.told[document]
	p.told[document] = texts(list)
	if len(list) == 0 {
		delete(p.told, document)
	}
	p.mu.Unlock()
	if !news || ctx.Err() != nil {
		return
	}
	params := &protocol.PublishDiagnosticsParams{URI: uri.URI(document), Diagnostics: list}
	if err := s.conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, params); err != nil {
		s.log.Debug("publish", zap.Error(err))
	}
}

// texts tells lists of diagnostics of sources apart; it is "" for an empty one.
func texts(list []protocol.Diagnostic) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%d %v\n", d.Range.Start.Line, d.Message)
	}
	return b.String()
}

// isNews reports whether the client has not got this snapshot's diagnostics, and notes that it will.
// Without a snapshot, when the document is closed or no Dockerfile, it had better get none.
func (p *publisher) isNews(document string, snapshot *workspace.Snapshot) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent, ok := p.sent[document]
	if snapshot == nil {
		delete(p.sent, document)
		return ok
	}
	p.sent[document] = snapshot.ID()
	return !ok || sent != snapshot.ID()
}

// settled is the newest snapshot of a document. It waits a moment for the first listing of the
// build context, so that opening a document mostly shows all findings at once.
func (s *Server) settled(ctx context.Context, document string) *workspace.Snapshot {
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil || snapshot.Listed() == nil {
		return snapshot
	}
	limit := time.NewTimer(firstWait)
	defer limit.Stop()
	for snapshot != nil && snapshot.Listed() != nil { // more than once if it turns out to have another context
		select {
		case <-snapshot.Listed():
		case <-limit.C:
			return s.workspace.Snapshot(document)
		case <-ctx.Done():
			return snapshot
		}
		snapshot = s.workspace.Snapshot(document)
	}
	return snapshot
}

// diagnostic answers a client that asks for diagnostics.
func (s *Server) diagnostic(params *diagnosticParams) work {
	document := params.TextDocument.URI
	snapshot := s.workspace.Snapshot(document)
	return func(ctx context.Context) (any, error) {
		if snapshot != nil && snapshot.Listed() != nil {
			if newer := s.settled(ctx, document); newer != nil && newer.Version == snapshot.Version {
				snapshot = newer
			}
		}
		if snapshot == nil {
			if answer, ok := s.closedDiagnostic(ctx, document, params.PreviousResultID); ok {
				return answer, nil
			}
			items, _ := s.sourceDiagnostics(document)
			s.refresher.gaveSource(document, items)
			s.renew(document, false)
			return full("", items), nil
		}
		id := s.resultID(snapshot)
		if id == params.PreviousResultID {
			return unchanged(id), nil
		}
		items := s.diagnostics(ctx, snapshot)
		s.refresher.gave(document, snapshot.ID())
		s.renew(document, false)
		s.seekFacts(document)
		s.renewSources()
		return full(id, items), nil
	}
}
