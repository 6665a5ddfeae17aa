package server

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

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
		return answer(snapshot, document(ctx, snapshot), p.Position.offset(snapshot.Lines(), s.client.encoding))
	}
}

func (s *Server) definition(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		origin, targets := navigation.Definition(doc, offset)
		return s.client.targets(snapshot, origin, targets, s.client.definitionLinks), nil
	})
}

func (s *Server) declaration(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		origin, targets := navigation.Declaration(doc, offset)
		return s.client.targets(snapshot, origin, targets, s.client.declarationLinks), nil
	})
}

// targets are places as the client takes them: with what they are of, if it takes links.
func (c *client) targets(snapshot *workspace.Snapshot, origin text.Span, targets []navigation.Target, links bool) any {
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
		if stage := navigation.StageAt(doc, offset); stage != "" {
			locations = append(locations, s.client.targetsOf(doc, stage)...)
		}
		if locations == nil {
			return nil, nil
		}
		return locations, nil
	})
}

// targetsOf are the places where files of the workspace build the stage by its name.
func (c *client) targetsOf(doc *language.Document, stage string) (list []protocol.Location) {
	for _, b := range targetPlaces(doc, stage) {
		at := protocol.Location{URI: uri.File(b.Path), Range: c.targetIn(b.Path, b.Line, b.Target)}
		if !slices.Contains(list, at) {
			list = append(list, at)
		}
	}
	return list
}

// targetPlaces are the builds that build the stage by its name, each place once.
func targetPlaces(doc *language.Document, stage string) (list []language.Build) {
	for _, b := range doc.Builds() {
		same := func(other language.Build) bool { return other.Path == b.Path && other.Line == b.Line }
		if stage != "" && b.Path != "" && strings.EqualFold(b.Target, stage) && !slices.ContainsFunc(list, same) {
			list = append(list, b)
		}
	}
	return list
}

// maxSource bounds the bytes of a file in which the name of a stage is looked for.
const maxSource = 1 << 20

// targetIn is the place of a stage's name after the word "target", from a line on, or the beginning of the line.
func (c *client) targetIn(path string, line int, stage string) protocol.Range {
	start := protocol.Position{Line: uint32(line - 1)}
	file, err := os.Open(path)
	if err != nil {
		return protocol.Range{Start: start, End: start}
	}
	defer file.Close()
	src, err := io.ReadAll(io.LimitReader(file, maxSource))
	if err != nil || bytes.IndexByte(src, 0) >= 0 {
		return protocol.Range{Start: start, End: start}
	}
	lines := text.NewLines(string(src))
	from := lines.Span(line - 1).Start
	named := regexp.MustCompile(`target\S{0,3}[ \t:=]*["']?(` + regexp.QuoteMeta(stage) + `)(?:["'\s,;}\]]|$)`)
	m := named.FindSubmatchIndex(src[from:])
	if m == nil {
		return protocol.Range{Start: start, End: start}
	}
	return c.span(lines, text.Span{Start: from + m[2], End: from + m[3]})
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
		return s.client.renameEdit(snapshot, change), nil
	})
}

// renameNote is the identifier of the annotation of a rename.
const renameNote = "rename"

// renameEdit is the edit of a rename, with what has to be known beside it if the client shows that.
func (c *client) renameEdit(snapshot *workspace.Snapshot, change navigation.Change) *protocol.WorkspaceEdit {
	edit := &protocol.WorkspaceEdit{}
	edits := c.textEdits(snapshot.Lines(), change.Edits)
	if !c.documentChanges {
		edit.Changes = map[uri.URI][]protocol.TextEdit{uri.URI(snapshot.URI): edits}
		return edit
	}
	of := &protocol.TextDocumentEdit{}
	of.TextDocument.URI, of.TextDocument.Version = uri.URI(snapshot.URI), &snapshot.Version
	annotated := c.changeAnnotations && change.Note != ""
	for i := range edits {
		if annotated {
			of.Edits = append(of.Edits, &protocol.AnnotatedTextEdit{TextEdit: edits[i], AnnotationID: renameNote})
		} else {
			of.Edits = append(of.Edits, &edits[i])
		}
	}
	edit.DocumentChanges = append(edit.DocumentChanges, of)
	if annotated {
		edit.ChangeAnnotations = map[protocol.ChangeAnnotationIdentifier]protocol.ChangeAnnotation{
			renameNote: {Label: "Rename", Description: &change.Note},
		}
	}
	return edit
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
