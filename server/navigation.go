package server

import (
	"context"

	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/navigation"
	"layerwise/workspace"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// at answers a request about a place in a document; null if the document is none of ours.
func (s *Server) at(p *placeParams, answer func(*workspace.Snapshot, *language.Document, int) (any, error)) work {
	snapshot := s.workspace.Snapshot(p.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		return answer(snapshot, s.document(ctx, snapshot), p.Position.offset(snapshot.Lines(), s.client.encoding))
	}
}

func (s *Server) definition(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		origin, targets := navigation.Definition(doc, offset)
		return s.client.targets(snapshot, doc, origin, targets, s.client.definitionLinks), nil
	})
}

func (s *Server) declaration(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		origin, targets := navigation.Declaration(doc, offset)
		return s.client.targets(snapshot, doc, origin, targets, s.client.declarationLinks), nil
	})
}

// targets are places as the client takes them: with what they are of, if it takes links.
func (c *client) targets(snapshot *workspace.Snapshot, doc *language.Document, origin text.Span, targets []navigation.Target, links bool) any {
	if len(targets) == 0 {
		return nil
	}
	lines := snapshot.Lines()
	var locations []protocol.Location
	var linked []protocol.LocationLink
	for _, t := range targets {
		link := protocol.LocationLink{OriginSelectionRange: ref(c.span(lines, origin)), TargetURI: uri.URI(snapshot.URI)}
		if t.Path != "" {
			link.TargetURI = uri.File(t.Path)
			if t.Line > 0 {
				link.TargetRange = c.rangeIn(doc, t.Path, t.Line, t.Span)
				link.TargetSelectionRange = link.TargetRange
			}
		} else {
			link.TargetRange, link.TargetSelectionRange = c.span(lines, t.Full), c.span(lines, t.Span)
		}
		linked = append(linked, link)
		locations = append(locations, protocol.Location{URI: link.TargetURI, Range: link.TargetSelectionRange})
	}
	if links {
		return linked
	}
	return locations
}

func (s *Server) references(params *referencesParams) work {
	return s.at(&params.placeParams, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		var locations []protocol.Location
		for _, span := range navigation.References(doc, offset, params.Context.IncludeDeclaration) {
			locations = append(locations, protocol.Location{URI: uri.URI(snapshot.URI), Range: s.client.span(snapshot.Lines(), span)})
		}
		locations = append(locations, s.client.targetsOf(doc, navigation.Targets(doc, offset))...)
		if locations == nil {
			return nil, nil
		}
		return locations, nil
	})
}

// targetsOf are the places where builds name a stage or a named context.
func (c *client) targetsOf(doc *language.Document, targets []navigation.BuildTarget) (list []protocol.Location) {
	for _, t := range targets {
		list = append(list, protocol.Location{URI: uri.File(t.Path), Range: c.rangeIn(doc, t.Path, t.Line, t.Span)})
	}
	return list
}

// rangeIn is a span of another file, or, if that is empty, the beginning of the line, which counts from 1.
func (c *client) rangeIn(doc *language.Document, path string, line int, span text.Span) (r protocol.Range) {
	if src, ok := doc.Text(path); ok && span.Len() > 0 {
		return c.span(text.NewLines(src), span)
	}
	r.Start.Line = uint32(line - 1)
	r.End = r.Start
	return r
}

func (s *Server) highlight(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		var list []protocol.DocumentHighlight
		for _, h := range navigation.Highlights(doc, offset) {
			kind := protocol.DocumentHighlightKindRead
			if h.Write {
				kind = protocol.DocumentHighlightKindWrite
			}
			list = append(list, protocol.DocumentHighlight{Range: s.client.span(snapshot.Lines(), h.Span), Kind: kind})
		}
		if list == nil {
			return nil, nil
		}
		return list, nil
	})
}

func (s *Server) prepareRename(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		span, name, err := navigation.Renameable(doc, offset)
		if err != nil {
			return nil, refused(err)
		}
		return &protocol.PrepareRenamePlaceholder{Range: s.client.span(snapshot.Lines(), span), Placeholder: name}, nil
	})
}

// refused is the error of a request that was understood, for people.
func refused(err error) error {
	return jsonrpc2.NewError(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), err.Error())
}

func (s *Server) rename(params *renameParams) work {
	return s.at(&params.placeParams, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		change, err := navigation.Rename(doc, offset, params.NewName)
		if err != nil {
			return nil, refused(err)
		}
		return s.renameEdit(snapshot, doc, change), nil
	})
}

// renameNote is the identifier of the annotation of a rename.
const renameNote = "rename"

// renameEdit is the edit of a rename, with what has to be known beside it if the client shows that.
func (s *Server) renameEdit(snapshot *workspace.Snapshot, doc *language.Document, change navigation.Change) *protocol.WorkspaceEdit {
	c := &s.client
	annotation := protocol.ChangeAnnotationIdentifier("")
	edit := &protocol.WorkspaceEdit{}
	if c.changeAnnotations && change.Note != "" {
		annotation = renameNote
		edit.ChangeAnnotations = map[protocol.ChangeAnnotationIdentifier]protocol.ChangeAnnotation{
			renameNote: {Label: "Rename", Description: &change.Note},
		}
	}
	if len(change.Edits) > 0 || len(change.Elsewhere) == 0 {
		c.addEdits(edit, snapshot.URI, &snapshot.Version, c.textEdits(snapshot.Lines(), change.Edits), annotation)
	}
	for _, other := range change.Elsewhere {
		document, version := string(uri.File(other.Path)), (*int32)(nil)
		if open, v, ok := s.workspace.Opened(other.Path); ok {
			document, version = open, &v
		}
		if src, ok := doc.Text(other.Path); ok {
			c.addEdits(edit, document, version, c.textEdits(text.NewLines(src), other.Edits), annotation)
		}
	}
	return edit
}

// addEdits adds the edits of a file, all with an annotation if there is one.
func (c *client) addEdits(edit *protocol.WorkspaceEdit, document string, version *int32, edits []protocol.TextEdit, annotation protocol.ChangeAnnotationIdentifier) {
	if !c.documentChanges {
		if edit.Changes == nil {
			edit.Changes = map[uri.URI][]protocol.TextEdit{}
		}
		edit.Changes[uri.URI(document)] = edits
		return
	}
	of := &protocol.TextDocumentEdit{}
	of.TextDocument.URI, of.TextDocument.Version = uri.URI(document), version
	for i := range edits {
		if annotation != "" {
			of.Edits = append(of.Edits, &protocol.AnnotatedTextEdit{TextEdit: edits[i], AnnotationID: annotation})
		} else {
			of.Edits = append(of.Edits, &edits[i])
		}
	}
	edit.DocumentChanges = append(edit.DocumentChanges, of)
}

func (s *Server) linkedEditing(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		spans, pattern := navigation.Linked(doc, offset)
		if spans == nil {
			return nil, nil
		}
		out := &protocol.LinkedEditingRanges{WordPattern: &pattern}
		for _, span := range spans {
			out.Ranges = append(out.Ranges, s.client.span(snapshot.Lines(), span))
		}
		return out, nil
	})
}
