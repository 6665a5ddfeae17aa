package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"layerwise/workspace"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// renew brings the build context of a document up to date, beside all else, if it may be out of
// date. Without force it is cheap enough to be called after each keystroke.
func (s *Server) renew(document string, force bool) {
	if !force && !s.workspace.NeedsRenewal(document) {
		return
	}
	s.spawn(func(ctx context.Context) {
		p := s.startProgress(ctx, "Listing the build context")
		defer p.end()
		changed := s.workspace.Renew(ctx, document, force, p.report)
		s.changed(changed...)
		for _, document := range changed {
			s.tellGap(ctx, document)
		}
	})
}

// tellGap tells the user once why rules are silent: the build context, or the file, is too large, or it
// cannot be read. A folder that is not there is no mistake unless it is configured: the file may not be saved yet.
func (s *Server) tellGap(ctx context.Context, document string) {
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil {
		return
	}
	about, gap := snapshot.Gap(ctx)
	if err := snapshot.ContextError(ctx); err != nil && !(snapshot.Build(ctx).Certainty == workspace.Supposed && errors.Is(err, fs.ErrNotExist)) {
		about, gap = snapshot.ContextRoot(ctx), "the build context cannot be read: "+err.Error()
	}
	if gap != "" {
		s.tell(about + ": " + gap)
	}
}

func (s *Server) renewAll(documents []string) {
	for _, document := range documents {
		s.renew(document, true)
	}
}

// refresher asks a client that pulls diagnostics to do so again. Guarded by mu.
type refresher struct {
	mu      sync.Mutex
	given   map[string]uint64 // by URI: the snapshot that the client has the diagnostics of
	sources map[string]string // by URI of a source of builds: the diagnostics that the client has
	running bool
	again   bool
}

func (r *refresher) gave(document string, snapshot uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.given == nil {
		r.given = map[string]uint64{}
	}
	r.given[document] = snapshot
}

// gaveSource notes the diagnostics of a source of builds, or of what may be one when more is known.
func (r *refresher) gaveSource(document string, list []protocol.Diagnostic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sources == nil {
		r.sources = map[string]string{}
	}
	r.sources[document] = texts(list)
}

func (r *refresher) forget(document string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.given, document)
	delete(r.sources, document)
}

// refresh tells a client that pulls about changes that it cannot know of. One that has not yet
// asked for a document's diagnostics will do so anyway.
func (s *Server) refresh(documents ...string) {
	if !s.client.pull || !s.client.pullRefresh {
		return
	}
	r := &s.refresher
	r.mu.Lock()
	defer r.mu.Unlock()
	news := false
	for _, document := range documents {
		given, ok := r.given[document]
		snapshot := s.workspace.Snapshot(document)
		news = news || ok && snapshot != nil && snapshot.ID() != given
		if had, ok := r.sources[document]; ok && snapshot == nil && !news {
			list, _ := s.sourceDiagnostics(document)
			news = texts(list) != had
		}
	}
	if !news {
		return
	}
	if r.running {
		r.again = true
		return
	}
	r.running = true
	s.spawn(s.askForPull)
}

func (s *Server) askForPull(ctx context.Context) {
	r := &s.refresher
	for {
		if _, err := s.conn.Call(ctx, protocol.MethodWorkspaceDiagnosticRefresh, nil, nil); err != nil {
			s.log.Debug("refresh", zap.Error(err))
		}
		r.mu.Lock()
		if !r.again {
			r.running = false
			r.mu.Unlock()
			return
		}
		r.again = false
		r.mu.Unlock()
	}
}

// progressDelay is how long work lasts before the user is told about it.
const progressDelay = 500 * time.Millisecond

// progress shows the user that long work is under way.
type progress struct {
	entries atomic.Int64
	done    chan struct{}
}

var lastToken atomic.Int64

func (s *Server) startProgress(ctx context.Context, title string) *progress {
	p := &progress{done: make(chan struct{})}
	if s.client.progress {
		s.spawn(func(ctx context.Context) { s.showProgress(ctx, title, p) })
	}
	return p
}

func (p *progress) report(entries int) { p.entries.Store(int64(entries)) }

func (p *progress) end() { close(p.done) }

func (s *Server) showProgress(ctx context.Context, title string, p *progress) {
	select {
	case <-p.done:
		return
	case <-ctx.Done():
		return
	case <-time.After(progressDelay):
	}
	token := protocol.String(fmt.Sprintf("%s-%d", Name, lastToken.Add(1)))
	create := &protocol.WorkDoneProgressCreateParams{Token: token}
	if _, err := s.conn.Call(ctx, protocol.MethodWindowWorkDoneProgressCreate, create, nil); err != nil {
		return // the client does not want it after all
	}
	notify := func(value any) {
		raw, err := protocol.Marshal(value)
		if err != nil {
			return
		}
		_ = s.conn.Notify(ctx, protocol.MethodProgress, &protocol.ProgressParams{Token: token, Value: raw})
	}
	notify(&protocol.WorkDoneProgressBegin{Kind: "begin", Title: title})
	tick := time.NewTicker(progressDelay)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			message := fmt.Sprintf("%d entries", p.entries.Load())
			notify(&protocol.WorkDoneProgressReport{Kind: "report", Message: &message})
		case <-p.done:
			notify(&protocol.WorkDoneProgressEnd{Kind: "end"})
			return
		case <-ctx.Done():
			return
		}
	}
}
