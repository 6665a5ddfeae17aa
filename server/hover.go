package server

import (
	"context"
	"fmt"
	"path/filepath"

	"layerwise/build/sources"
	"layerwise/hover"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

func (s *Server) hover(params *hoverParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		lines := snapshot.Lines()
		in := hover.Input{Path: snapshot.Path, File: snapshot.File, Graph: snapshot.Graph(), Context: snapshot.Context(ctx), Doubted: snapshot.ContextDoubted(ctx)}
		in.Builds, in.Made = buildsForHover(snapshot), madeForHover(snapshot)
		markdown, span, ok := hover.At(in, params.Position.offset(lines, s.client.encoding))
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

// buildsForHover are the builds that files of the workspace say.
func buildsForHover(snapshot *workspace.Snapshot) (list []hover.Build) {
	for _, b := range snapshot.Builds() {
		if b.Source.Kind != workspace.FromSource {
			continue
		}
		context, kind := b.ContextWords()
		of := hover.Build{
			Source: sourceForHover(b.Found(), b.Source.File), Context: context, Kind: kind,
			Target: b.Target, Args: shown(b.Args), Unknown: b.Unknown, Unsure: b.Unsure,
		}
		for name := range b.Args {
			if _, seen := of.Args[name]; !seen {
				of.Hidden = append(of.Hidden, name)
			}
		}
		list = append(list, of)
	}
	return list
}

func madeForHover(snapshot *workspace.Snapshot) func(image string) (hover.Made, bool) {
	return func(image string) (hover.Made, bool) {
		b, root, ok := snapshot.Maker(image)
		if !ok {
			return hover.Made{}, false
		}
		return hover.Made{Source: sourceForHover(b, filepath.Join(root, filepath.FromSlash(b.Place.File))), Dockerfile: b.Dockerfile}, true
	}
}

// sourceForHover is the place of a build, with a link to its line.
func sourceForHover(b sources.Build, abs string) hover.Source {
	file, unit, name := workspace.WhoBuilds(b)
	return hover.Source{File: file, Link: fmt.Sprintf("%s#L%d", uri.File(abs), max(1, b.Place.Line)), Unit: unit, Name: name}
}
