package server

import (
	"context"
	"slices"

	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/outline"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

var symbolKinds = map[outline.Kind]protocol.SymbolKind{
	outline.Stage:    protocol.SymbolKindNamespace,
	outline.Step:     protocol.SymbolKindMethod,
	outline.Variable: protocol.SymbolKindVariable,
	outline.Constant: protocol.SymbolKindConstant,
	outline.Start:    protocol.SymbolKindFunction,
	outline.Property: protocol.SymbolKindProperty,
	outline.Text:     protocol.SymbolKindString,
}

// documentSymbol answers with the tree of stages and steps, or with a list, for clients that show no tree.
func (s *Server) documentSymbol(params *documentParams) work {
	document := params.TextDocument.URI
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil {
		return nil
	}
	return func(context.Context) (any, error) {
		symbols, lines := outline.Symbols(language.Settled(snapshot.Graph())), snapshot.Lines()
		if s.client.symbolTree {
			return s.client.symbolTreeOf(lines, symbols), nil
		}
		return s.client.symbolList(document, lines, symbols, ""), nil
	}
}

func (c *client) symbolTreeOf(lines *text.Lines, list []outline.Symbol) []protocol.DocumentSymbol {
	out := make([]protocol.DocumentSymbol, len(list))
	for i, s := range list {
		out[i] = protocol.DocumentSymbol{Name: s.Name, Kind: symbolKinds[s.Kind], Tags: c.symbolTags(s),
			Range: c.span(lines, s.Span), SelectionRange: c.span(lines, s.Selection)}
		if s.Detail != "" {
			out[i].Detail = ref(s.Detail)
		}
		if len(s.Children) > 0 {
			out[i].Children = c.symbolTreeOf(lines, s.Children)
		}
	}
	return out
}

func (c *client) symbolList(document string, lines *text.Lines, list []outline.Symbol, container string) []protocol.SymbolInformation {
	out := []protocol.SymbolInformation{}
	for _, s := range list {
		symbol := protocol.SymbolInformation{Location: protocol.Location{URI: uri.URI(document), Range: c.span(lines, s.Span)}}
		symbol.Name, symbol.Kind, symbol.Tags = s.Name, symbolKinds[s.Kind], c.symbolTags(s)
		if container != "" {
			symbol.ContainerName = ref(container)
		}
		out = append(append(out, symbol), c.symbolList(document, lines, s.Children, s.Name)...)
	}
	return out
}

func (c *client) symbolTags(s outline.Symbol) []protocol.SymbolTag {
	if s.Deprecated && c.deprecatedSymbols {
		return []protocol.SymbolTag{protocol.SymbolTagDeprecated}
	}
	return nil
}

// foldingRange answers with whole lines, which all clients can fold. Where a client wants only some, it gets those
// that fold the most.
func (s *Server) foldingRange(params *documentParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(context.Context) (any, error) {
		lines := snapshot.Lines()
		out := []protocol.FoldingRange{}
		for _, f := range outline.Folds(language.Settled(snapshot.Graph())) {
			first, last := lines.Line(f.Span.Start), lines.Line(f.Span.End)
			out = append(out, protocol.FoldingRange{StartLine: uint32(first), EndLine: uint32(last), Kind: protocol.FoldingRangeKind(f.Kind)})
		}
		if most := s.client.foldLimit; most != nil && len(out) > *most {
			slices.SortStableFunc(out, func(a, b protocol.FoldingRange) int { return length(b) - length(a) })
			out = out[:*most]
			slices.SortStableFunc(out, func(a, b protocol.FoldingRange) int { return int(a.StartLine) - int(b.StartLine) })
		}
		return out, nil
	}
}

func length(f protocol.FoldingRange) int { return int(f.EndLine) - int(f.StartLine) }

// selectionRange answers, for each position, with what is selected when the selection grows.
func (s *Server) selectionRange(params *selectionParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(context.Context) (any, error) {
		lines := snapshot.Lines()
		out := make([]protocol.SelectionRange, len(params.Positions))
		for i, p := range params.Positions {
			offset := p.offset(lines, s.client.encoding)
			spans := outline.Selection(snapshot.Graph(), offset)
			if len(spans) == 0 { // an answer for each position is due
				spans = []text.Span{{Start: offset, End: offset}}
			}
			var outer *protocol.SelectionRange
			for _, span := range slices.Backward(spans) {
				outer = &protocol.SelectionRange{Range: s.client.span(lines, span), Parent: outer}
			}
			out[i] = *outer
		}
		return out, nil
	}
}
