package server

import (
	"context"

	"layerwise/language/links"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// linkClient is what the client can do with the links of a document.
type linkClient struct {
	wanted   bool
	tooltips bool
	pages    *pages // of our rules, for links to their names
}

func (l *linkClient) read(caps *protocol.DocumentLinkClientCapabilities) {
	l.pages = new(pages)
	if caps != nil {
		l.wanted, l.tooltips = true, is(caps.TooltipSupport)
	}
}

// documentLink answers with all links, and with what they lead to: not every client asks for that later.
func (s *Server) documentLink(params *documentParams) work {
	snapshot := s.workspace.Snapshot(params.TextDocument.URI)
	if snapshot == nil {
		return nil
	}
	return func(ctx context.Context) (any, error) {
		out := []protocol.DocumentLink{}
		for _, l := range links.Of(s.document(ctx, snapshot)) {
			if link, ok := s.client.link(snapshot, l); ok {
				out = append(out, link)
			}
		}
		return out, nil
	}
}

// link is a link as the client takes it; ok is false if it leads to nothing after all.
func (c *client) link(snapshot *workspace.Snapshot, l links.Link) (link protocol.DocumentLink, ok bool) {
	target := uri.URI(l.URL)
	switch {
	case l.Path != "":
		target = uri.File(l.Path)
	case l.Rule != nil:
		if target, ok = c.links.pages.of(l.Rule); !ok {
			return link, false
		}
	}
	link = protocol.DocumentLink{Range: c.span(snapshot.Lines(), l.Span), Target: &target}
	if l.Tooltip != "" && c.links.tooltips {
		link.Tooltip = &l.Tooltip
	}
	return link, true
}
