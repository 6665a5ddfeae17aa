package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"
)

// span converts bytes to lines and columns of the client.
func (c *client) span(lines *text.Lines, s text.Span) protocol.Range {
	return protocol.Range{Start: c.position(lines, s.Start), End: c.position(lines, s.End)}
}

func (c *client) position(lines *text.Lines, offset int) protocol.Position {
	line, column := lines.Position(offset, c.encoding)
	return protocol.Position{Line: uint32(line), Character: uint32(column)}
}

// diagnostics are the findings of a snapshot, with as much as the client understands.
// Rules that have crashed are told of in the log.
func (s *Server) diagnostics(ctx context.Context, snapshot *workspace.Snapshot) []protocol.Diagnostic {
	return s.diagnosticsOf(ctx, snapshot, snapshot.URI)
}

// diagnosticsOf are those of a snapshot that is open under a URI, or none.
func (s *Server) diagnosticsOf(ctx context.Context, snapshot *workspace.Snapshot, document string) []protocol.Diagnostic {
	for _, err := range snapshot.Failures(ctx) {
		s.log.Error("rule", zap.String("document", document), zap.Error(err))
	}
	found := snapshot.Diagnostics(ctx)
	all := make([]protocol.Diagnostic, len(found))
	for i := range found {
		all[i] = s.client.diagnostic(snapshot, document, &found[i])
	}
	return all
}

var severities = map[diagnostics.Severity]protocol.DiagnosticSeverity{
	diagnostics.Error:   protocol.DiagnosticSeverityError,
	diagnostics.Warning: protocol.DiagnosticSeverityWarning,
	diagnostics.Info:    protocol.DiagnosticSeverityInformation,
	diagnostics.Hint:    protocol.DiagnosticSeverityHint,
}

var tags = map[diagnostics.Tag]protocol.DiagnosticTag{
	diagnostics.Unnecessary: protocol.DiagnosticTagUnnecessary,
	diagnostics.Deprecated:  protocol.DiagnosticTagDeprecated,
}

func (c *client) diagnostic(snapshot *workspace.Snapshot, document string, d *diagnostics.Diagnostic) protocol.Diagnostic {
	lines := snapshot.Lines()
	out := protocol.Diagnostic{
		Range:    c.span(lines, d.Span),
		Severity: severities[d.Severity],
		Code:     protocol.String(d.ID()),
		Source:   protocol.NewOptional(Name),
		Message:  protocol.String(d.Message),
	}
	if tag, ok := tags[d.Rule.Tag]; ok && slices.Contains(c.tags, tag) {
		out.Tags = protocol.NewDiagnosticTags(tag)
	}
	if d.Link != "" && c.pages != nil {
		out.CodeDescription.Href = uri.URI(d.Link)
	} else if c.pages != nil {
		if page, ok := c.pages.of(d.Rule); ok {
			out.CodeDescription.Href = page
		}
	}
	if c.related {
		for _, r := range d.Related {
			if strings.Contains(d.Message, fmt.Sprintf("(line %d)", lines.Line(r.Span.Start)+1)) {
				continue // it says so itself, and VS Code has little room where it shows both
			}
			out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
				Location: protocol.Location{URI: uri.URI(document), Range: c.span(lines, r.Span)},
				Message:  r.Message,
			})
		}
	}
	return out
}

func (c *client) textEdits(lines *text.Lines, edits []text.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, len(edits))
	for i, e := range edits {
		out[i] = protocol.TextEdit{Range: c.span(lines, e.Span), NewText: e.New}
	}
	return out
}

// workspaceEdit converts the edits of an action: with versions if the client takes them, so that it
// can refuse what was made for another state of the text.
func (s *Server) workspaceEdit(snapshot *workspace.Snapshot, files []diagnostics.FileEdit) *protocol.WorkspaceEdit {
	c := &s.client
	edit := &protocol.WorkspaceEdit{}
	versions := c.documentChanges || slices.ContainsFunc(files, func(f diagnostics.FileEdit) bool { return f.Create })
	for _, f := range files {
		document, version, lines := snapshot.URI, &snapshot.Version, snapshot.Lines()
		if f.Path != "" {
			document, version, lines = string(uri.File(f.Path)), nil, text.NewLines(f.Source)
			if open, v, ok := s.workspace.Opened(f.Path); ok {
				document, version = open, &v
			}
		}
		edits := c.textEdits(lines, f.Edits)
		if !versions {
			if edit.Changes == nil {
				edit.Changes = map[uri.URI][]protocol.TextEdit{}
			}
			edit.Changes[uri.URI(document)] = append(edit.Changes[uri.URI(document)], edits...)
			continue
		}
		if f.Create {
			edit.DocumentChanges = append(edit.DocumentChanges, &protocol.CreateFile{
				Kind: "create", URI: uri.URI(document), Options: &protocol.CreateFileOptions{IgnoreIfExists: ref(true)},
			})
		}
		change := &protocol.TextDocumentEdit{}
		change.TextDocument.URI, change.TextDocument.Version = uri.URI(document), version
		for i := range edits {
			change.Edits = append(change.Edits, &edits[i])
		}
		edit.DocumentChanges = append(edit.DocumentChanges, change)
	}
	return edit
}
