package server

import (
	"context"

	"layerwise/hover"

	"go.lsp.dev/protocol"
)

func (s *Server) hover(params *placeParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		lines := snapshot.Lines()
		markdown, span, ok := hover.At(s.document(ctx, snapshot), params.Position.offset(lines, s.client.encoding))
		if !ok {
			return nil, nil
		}
		contents := &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: markdown}
		if !s.client.markdown {
			contents = &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: plainText(markdown)}
		}
		at := s.client.span(lines, span)
		return &protocol.Hover{Contents: contents, Range: &at}, nil
	}
}
