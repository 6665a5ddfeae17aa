package server

import (
	"context"
	"strconv"
	"sync"

	"layerwise/language"
	"layerwise/language/tokens"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
)

// tokenWishes are what a client wants of semantic tokens.
type tokenWishes struct {
	full, delta, part bool // whole documents, what has changed since, and parts of documents
	legend            tokens.Legend
	types, modifiers  []string // the names that it is told, in the order of their numbers
}

func (w *tokenWishes) read(caps protocol.SemanticTokensClientCapabilities) {
	switch full := caps.Requests.Full.(type) {
	case protocol.Boolean:
		w.full = bool(full)
	case *protocol.ClientSemanticTokensRequestFullDelta:
		w.full, w.delta = true, is(full.Delta)
	}
	switch part := caps.Requests.Range.(type) {
	case protocol.Boolean:
		w.part = bool(part)
	case *protocol.SemanticTokensOptionsRange:
		w.part = true
	}
	types := caps.TokenTypes
	if len(types) == 0 { // it asks for tokens, so it shows some, and does not say which
		types = tokens.TypeNames
	}
	w.legend, w.types, w.modifiers = tokens.NewLegend(types, caps.TokenModifiers)
}

// provider says what is answered; nil if the client asks for nothing, or knows none of the types.
func (w *tokenWishes) provider() protocol.SemanticTokensProvider {
	if !w.full && !w.part || len(w.types) == 0 {
		return nil
	}
	options := &protocol.SemanticTokensOptions{Legend: protocol.SemanticTokensLegend{TokenTypes: w.types, TokenModifiers: w.modifiers}}
	if w.part {
		options.Range = protocol.Boolean(true)
	}
	switch {
	case w.delta:
		options.Full = &protocol.SemanticTokensFullDelta{Delta: ref(true)}
	case w.full:
		options.Full = protocol.Boolean(true)
	}
	return options
}

// tokenBook keeps the tokens that were sent last of each document, to tell what has changed.
type tokenBook struct {
	mu    sync.Mutex
	count uint64          // guarded by mu, as the rest
	sent  map[string]sent // by document
}

type sent struct {
	id    string
	whole *tokens.Whole
}

// last is what was sent last of a document; nil if that is nothing.
func (b *tokenBook) last(document string) *tokens.Whole {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent[document].whole
}

// turn takes the tokens that are sent now, gives them an id, and returns what was sent before.
func (b *tokenBook) turn(session, document string, whole *tokens.Whole) (id string, before sent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent == nil {
		b.sent = map[string]sent{}
	}
	b.count++
	id = session + strconv.FormatUint(b.count, 10)
	before = b.sent[document]
	b.sent[document] = sent{id, whole}
	return id, before
}

func (b *tokenBook) forget(document string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sent, document)
}

// tokensOf are all tokens of a document, as they are sent.
func (s *Server) tokensOf(ctx context.Context, snapshot *workspace.Snapshot, uri string) *tokens.Whole {
	doc := s.document(ctx, snapshot)
	return tokens.Next(s.tokens.last(uri), language.Settled(doc.Graph), doc.Contexts, &s.client.tokens.legend, s.client.encoding)
}

func (s *Server) semanticTokens(params *documentParams) work {
	document := params.TextDocument.URI
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		whole := s.tokensOf(ctx, snapshot, document)
		answer := &protocol.SemanticTokens{Data: whole.Data}
		if s.client.tokens.delta {
			id, _ := s.tokens.turn(s.session, document, whole)
			answer.ResultID = &id
		}
		return answer, nil
	}
}

// semanticTokensDelta answers with what has changed since the answer that the client has, or with all if that is
// not the last one.
func (s *Server) semanticTokensDelta(params *deltaParams) work {
	document := params.TextDocument.URI
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		whole := s.tokensOf(ctx, snapshot, document)
		id, before := s.tokens.turn(s.session, document, whole)
		if before.id == "" || before.id != params.PreviousResultID {
			return &protocol.SemanticTokens{ResultID: &id, Data: whole.Data}, nil
		}
		answer := &protocol.SemanticTokensDelta{ResultID: &id, Edits: []protocol.SemanticTokensEdit{}}
		if start, n, insert := tokens.Difference(before.whole.Data, whole.Data); n > 0 || len(insert) > 0 {
			answer.Edits = append(answer.Edits, protocol.SemanticTokensEdit{Start: uint32(start), DeleteCount: uint32(n), Data: insert})
		}
		return answer, nil
	}
}

func (s *Server) semanticTokensRange(params *rangesParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		lines := snapshot.Lines()
		span := params.Range.span(lines, s.client.encoding)
		doc := s.document(ctx, snapshot)
		return &protocol.SemanticTokens{Data: tokens.Encode(language.Settled(doc.Graph), doc.Contexts, &s.client.tokens.legend, s.client.encoding,
			lines.Line(span.Start), lines.Line(span.End))}, nil
	}
}
