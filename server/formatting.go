package server

import (
	"context"
	"slices"

	"layerwise/dockerfile/text"
	"layerwise/language/formatting"
	"layerwise/workspace"
)

// format answers with the edits that format a document. What the client says of tabs is not asked: each editor has
// another default, and the same file must not look different in each.
func (s *Server) format(params *documentParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	return s.formatted(snapshot, func() []text.Edit { return formatting.Document(snapshot.File, formatOptions(snapshot)) })
}

func (s *Server) formatRange(params *rangesParams) work {
	params.Ranges = []textRange{params.Range}
	return s.formatRanges(params)
}

func (s *Server) formatRanges(params *rangesParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	return s.formatted(snapshot, func() (edits []text.Edit) {
		options := formatOptions(snapshot)
		for _, r := range params.Ranges {
			for _, e := range formatting.Range(snapshot.File, options, r.span(snapshot.Lines(), s.client.encoding)) {
				if !slices.Contains(edits, e) { // two ranges may touch one line
					edits = append(edits, e)
				}
			}
		}
		return text.Sorted(edits)
	})
}

// formatTyped answers after a new line was begun, or the escape character was typed.
func (s *Server) formatTyped(params *typedParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	return s.formatted(snapshot, func() []text.Edit {
		offset := params.Position.offset(snapshot.Lines(), s.client.encoding)
		if params.Character == "\n" {
			return formatting.OnNewline(snapshot.File, formatOptions(snapshot), offset)
		}
		return formatting.OnEscape(snapshot.File, formatOptions(snapshot), offset)
	})
}

// formatOptions are how the document is to be formatted.
func formatOptions(snapshot *workspace.Snapshot) formatting.Options {
	return formatting.Options(snapshot.Config.FormatOf(snapshot.Path))
}

// formatted is the work of a request for edits; nil if there is no such document.
func (s *Server) formatted(snapshot *workspace.Snapshot, edits func() []text.Edit) work {
	if snapshot == nil {
		return nil
	}
	return func(context.Context) (any, error) {
		return s.client.textEdits(snapshot.Lines(), edits()), nil
	}
}
