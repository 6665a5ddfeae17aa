package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"sync"

	"layerwise/build/files"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// survey knows the diagnostics of the Dockerfiles of the open folders that are not open themselves. One caller at a
// time looks at the disk, so that it takes no more than one processor from whoever types.
type survey struct {
	server *Server
	work   sync.Mutex // held while a Dockerfile is looked at; guards the next two
	lister *files.Lister
	kept   map[string]*report // by path

	bell      bell // rings when the disk, the folders or the configuration may have changed
	streaming sync.Mutex
	end       context.CancelFunc // ends the answer that goes on; nil if there is none; guarded by streaming
}

// report is what is known of one Dockerfile that is not open.
type report struct {
	basis *workspace.Basis
	items []protocol.Diagnostic
	id    string // differs when the items do, also between processes
}

func (v *survey) start(s *Server) {
	v.server, v.kept = s, map[string]*report{}
	v.bell.next = make(chan struct{})
}

// of is the report of a Dockerfile that is not open; nil if it is none. looked is what this look at the disk has found
// out already.
func (v *survey) of(ctx context.Context, path string, looked *look) *report {
	v.work.Lock()
	defer v.work.Unlock()
	w := v.server.workspace
	if r := v.kept[path]; r != nil {
		if w.Holds(r.basis, looked.stale) {
			return r
		}
		delete(v.kept, path)
	}
	if v.lister == nil || looked.changed {
		v.lister, looked.changed = new(files.Lister), false
	}
	snapshot := w.Closed(path, v.lister)
	if snapshot == nil {
		return nil
	}
	r := &report{items: []protocol.Diagnostic{}}
	if !snapshot.Config.FindingsOfOpen() {
		r.items = v.server.diagnosticsOf(ctx, snapshot, string(uri.File(path)))
	}
	if ctx.Err() != nil {
		return nil // they may not be whole
	}
	r.basis, r.id = workspace.BasisOf(snapshot), contentID(r.items)
	v.kept[path] = r
	return r
}

// stream is the context of an answer that goes on as long as the session, of which there is one: the one before ends.
func (v *survey) stream(ctx context.Context) (context.Context, context.CancelFunc) {
	v.streaming.Lock()
	defer v.streaming.Unlock()
	if v.end != nil {
		v.end()
	}
	ctx, v.end = context.WithCancel(ctx)
	return ctx, v.end
}

// contentID is a result id that says what the diagnostics are.
func contentID(items []protocol.Diagnostic) string {
	text, err := json.Marshal(items)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return "disk-" + hex.EncodeToString(sum[:12])
}

// look is one look at the disk, in which no folder is looked at twice.
type look struct {
	known   map[*files.Context]bool
	changed bool // a folder has changed, so that another lister is due
}

func newLook() *look { return &look{known: map[*files.Context]bool{}} }

func (l *look) stale(c *files.Context) bool {
	stale, known := l.known[c]
	if !known {
		stale = c.Stale()
		l.known[c] = stale
		l.changed = l.changed || stale
	}
	return stale
}

// forget drops what is not there any more.
func (v *survey) forget(stays map[string]bool) {
	v.work.Lock()
	defer v.work.Unlock()
	for path := range v.kept {
		if !stays[path] {
			delete(v.kept, path)
		}
	}
}

// closedDiagnostic is the answer to a client that asks for the diagnostics of a Dockerfile which is not open: VS Code
// does so when one is closed, and shows them from then on. ok is false for what is no such file.
func (s *Server) closedDiagnostic(ctx context.Context, document, previous string) (answer any, ok bool) {
	path := filePath(document)
	if path == "" || !s.workspace.IsMember(path) {
		return nil, false
	}
	if _, _, open := s.workspace.Opened(path); open {
		return nil, false
	}
	r := s.survey.of(ctx, path, newLook())
	if r == nil {
		return nil, false
	}
	if r.id == previous {
		return unchanged(r.id), true
	}
	return full(r.id, r.items), true
}

func full(id string, items []protocol.Diagnostic) *protocol.RelatedFullDocumentDiagnosticReport {
	report := &protocol.RelatedFullDocumentDiagnosticReport{
		FullDocumentDiagnosticReport: protocol.FullDocumentDiagnosticReport{Kind: string(protocol.DocumentDiagnosticReportKindFull), Items: items},
	}
	if id != "" {
		report.ResultID = &id
	}
	return report
}

func unchanged(id string) *protocol.RelatedUnchangedDocumentDiagnosticReport {
	return &protocol.RelatedUnchangedDocumentDiagnosticReport{
		UnchangedDocumentDiagnosticReport: protocol.UnchangedDocumentDiagnosticReport{
			Kind: string(protocol.DocumentDiagnosticReportKindUnchanged), ResultID: id,
		},
	}
}

// resultID is that of the diagnostics of an open document.
func (s *Server) resultID(snapshot *workspace.Snapshot) string {
	return s.session + strconv.FormatUint(snapshot.ID(), 10)
}

// bell wakes those who wait for something that may change what they have told.
type bell struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next ring; guarded by mu
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// rung is closed at the next ring.
func (b *bell) rung() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}
