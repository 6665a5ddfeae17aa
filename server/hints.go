package server

import (
	"context"
	"slices"
	"sync"

	"layerwise/language/hints"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"
)

// hintClient is what the client can do with hints.
type hintClient struct {
	wanted  bool
	refresh bool // it asks for hints anew when told to
}

// hintBook knows of which documents the client has hints.
type hintBook struct {
	mu    sync.Mutex
	given map[string]bool // by URI; guarded by mu
}

func (b *hintBook) gave(document string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.given == nil {
		b.given = map[string]bool{}
	}
	b.given[document] = true
}

func (b *hintBook) forget(document string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.given, document)
}

// has reports whether the client has hints of one of the documents.
func (b *hintBook) has(documents []string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(documents, func(d string) bool { return b.given[d] })
}

// inlayHint answers with those hints of a part of a document that the configuration asks for. Some editors show hints
// unasked, and the tooltip of a hint behind a COPY then stands where its hover would.
func (s *Server) inlayHint(params *rangesParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	s.hints.gave(params.TextDocument.URI)
	return func(ctx context.Context) (any, error) {
		lines := snapshot.Lines()
		on := func(kind hints.Kind) bool { return snapshot.Config.Hints[string(kind)] }
		out := []protocol.InlayHint{}
		for _, h := range hints.In(s.document(ctx, snapshot), params.Range.span(lines, s.client.encoding), on) {
			out = append(out, protocol.InlayHint{Position: s.client.position(lines, h.Offset), Label: protocol.String(h.Label),
				Tooltip: protocol.String(h.Tooltip), PaddingLeft: ref(true)})
		}
		return out, ctx.Err()
	}
}

// refreshHints has the client ask for hints anew: what they tell of the build, or of its context, may be different now.
func (s *Server) refreshHints(documents ...string) {
	if !s.client.hints.refresh || !s.hints.has(documents) {
		return
	}
	s.spawn(func(ctx context.Context) {
		if _, err := s.conn.Call(ctx, protocol.MethodWorkspaceInlayHintRefresh, nil, nil); err != nil {
			s.log.Debug("refresh of hints", zap.Error(err))
		}
	})
}
