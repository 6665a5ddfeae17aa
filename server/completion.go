package server

import (
	"fmt"

	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/completion"
	"layerwise/workspace"

	"go.lsp.dev/protocol"
)

// completionTriggers are the characters after which something certain may follow. A blank is none: it would open a
// list after every word of a command.
var completionTriggers = []string{"-", "=", "$", "{", ",", "/", ":", "#", `"`}

var completionKinds = map[completion.Kind]protocol.CompletionItemKind{
	completion.Keyword:  protocol.CompletionItemKindKeyword,
	completion.Flag:     protocol.CompletionItemKindProperty,
	completion.Value:    protocol.CompletionItemKindValue,
	completion.Stage:    protocol.CompletionItemKindModule,
	completion.Image:    protocol.CompletionItemKindClass,
	completion.Variable: protocol.CompletionItemKindVariable,
	completion.File:     protocol.CompletionItemKindFile,
	completion.Folder:   protocol.CompletionItemKindFolder,
	completion.Rule:     protocol.CompletionItemKindConstant,
}

func (s *Server) completion(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		found := completion.At(doc, offset)
		if len(found) == 0 {
			return nil, nil
		}
		items := make([]protocol.CompletionItem, len(found))
		for i, it := range found {
			items[i] = s.client.completionItem(snapshot.Lines(), it, i)
		}
		return &protocol.CompletionList{Items: items}, nil
	})
}

// completionItem is an item as the client takes it. Everything is sent at once: not every client asks for the rest.
func (c *client) completionItem(lines *text.Lines, it completion.Item, n int) protocol.CompletionItem {
	out := protocol.CompletionItem{
		Label: it.Label, Kind: completionKinds[it.Kind],
		SortText: protocol.NewOptional(fmt.Sprintf("%04d", n)), FilterText: protocol.NewOptional(it.Filter),
	}
	if it.Detail != "" {
		out.Detail = protocol.NewOptional(it.Detail)
	}
	switch {
	case it.Doc == "":
	case c.completion.markdown:
		out.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: it.Doc}
	default:
		out.Documentation = protocol.String(plainText(it.Doc))
	}
	if it.Deprecated && c.completion.deprecated {
		out.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
	}
	if c.completion.replaces {
		out.TextEdit = &protocol.InsertReplaceEdit{NewText: it.Text, Insert: c.span(lines, it.Insert), Replace: c.span(lines, it.Replace)}
	} else {
		out.TextEdit = &protocol.TextEdit{NewText: it.Text, Range: c.span(lines, it.Insert)}
	}
	return out
}
