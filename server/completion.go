package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	completion.Command:  protocol.CompletionItemKindFunction,
}

// described are the kinds of items whose few words belong behind the label: what the name stands for.
var described = []completion.Kind{completion.Stage, completion.Image, completion.Variable, completion.File, completion.Folder, completion.Value}

// completionBook holds the last lists that were sent, for clients that ask for the documentation of an item later.
type completionBook struct {
	mu   sync.Mutex
	last int // the number of the newest
	docs [keptLists][]string
}

// keptLists is how many lists are kept: a client asks about the one that it shows.
const keptLists = 4

// keep keeps the documentation of a list, and returns its number.
func (b *completionBook) keep(items []completion.Item) int {
	docs := make([]string, len(items))
	for i, it := range items {
		docs[i] = it.Doc
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.docs[b.last%keptLists] = docs
	return b.last
}

// doc is the documentation of an item; "" if it has none, or if its list is not kept any more.
func (b *completionBook) doc(list, item int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if list > b.last || list <= b.last-keptLists || list <= 0 {
		return ""
	}
	docs := b.docs[list%keptLists]
	if item < 0 || item >= len(docs) {
		return ""
	}
	return docs[item]
}

// completionData names an item in the book.
type completionData struct {
	List int `json:"list"`
	Item int `json:"item"`
}

func (s *Server) completion(params *placeParams) work {
	return s.at(params, func(snapshot *workspace.Snapshot, doc *language.Document, offset int) (any, error) {
		found, more := completion.At(doc, offset)
		if !s.client.completion.also {
			found = slices.DeleteFunc(found, func(it completion.Item) bool { return len(it.Also) > 0 })
		}
		if s.client.completion.strips {
			found = survivors(found, snapshot.File.Src)
		}
		if len(found) == 0 {
			if more {
				return &protocol.CompletionList{IsIncomplete: true, Items: []protocol.CompletionItem{}}, nil
			}
			return nil, nil
		}
		items := make([]protocol.CompletionItem, len(found))
		for i, it := range found {
			items[i] = s.client.completionItem(snapshot.Lines(), it, i)
		}
		if s.client.completion.resolves {
			list := s.completed.keep(found)
			for i := range items {
				if found[i].Doc != "" {
					items[i].Data = protocol.LSPAny(fmt.Sprintf(`{"list":%d,"item":%d}`, list, i))
				}
			}
		}
		list := &protocol.CompletionList{IsIncomplete: more, Items: items}
		if s.client.completion.oneRange && sameRanges(found) {
			shareRange(list)
		}
		return list, nil
	})
}

// sameRanges reports whether there are several items that stand for the same text. A list in which some stand for another one
// has no default: Neovim takes that in place of an item's own.
func sameRanges(found []completion.Item) bool {
	return len(found) > 1 && !slices.ContainsFunc(found, func(it completion.Item) bool {
		return it.Insert != found[0].Insert || it.Replace != found[0].Replace
	})
}

// shareRange moves the ranges of the items' edits to the list. The text is always given: Neovim 0.10 does not take the label
// for it.
func shareRange(list *protocol.CompletionList) {
	list.ItemDefaults = new(protocol.CompletionItemDefaults)
	for i := range list.Items {
		it := &list.Items[i]
		var text string
		switch edit := it.TextEdit.(type) {
		case *protocol.InsertReplaceEdit:
			text = edit.NewText
			list.ItemDefaults.EditRange = &protocol.EditRangeWithInsertReplace{Insert: edit.Insert, Replace: edit.Replace}
		case *protocol.TextEdit:
			text = edit.NewText
			list.ItemDefaults.EditRange = &edit.Range
		}
		it.TextEdit, it.TextEditText = nil, protocol.NewOptional(text)
	}
}

// survivors are the items as they are to be for a client that strips texts of what it takes for parts to fill in: the
// edit starts behind a "${" that stands there already, a template with something to escape is a plain text, and what
// would still not come out as it is is left out.
func survivors(items []completion.Item, src string) []completion.Item {
	const brace = "${"
	kept := items[:0]
	for _, it := range items {
		if strings.HasPrefix(it.Text, brace) && strings.HasPrefix(it.Insert.Of(src), brace) {
			it.Text = it.Text[len(brace):]
			it.Insert.Start += len(brace)
		}
		if it.Template != nil && strings.ContainsAny(it.Template.Text, snippetSpecial) {
			it.Template = nil
		}
		if !strings.Contains(it.Text, brace) {
			kept = append(kept, it)
		}
	}
	return kept
}

// completionItem is an item as the client takes it. All is sent at once but for the documentation, if it asks for that
// later.
func (c *client) completionItem(lines *text.Lines, it completion.Item, n int) protocol.CompletionItem {
	out := protocol.CompletionItem{
		Label: it.Label, Kind: completionKinds[it.Kind],
		SortText: protocol.NewOptional(fmt.Sprintf("%04d", n)),
	}
	if it.Filter != it.Label {
		out.FilterText = protocol.NewOptional(it.Filter) // where there is one, Neovim 0.7 overlooks the edit's range
	}
	if it.Detail != "" {
		out.Detail = protocol.NewOptional(it.Detail)
		if c.completion.labels && slices.Contains(described, it.Kind) {
			out.LabelDetails = &protocol.CompletionItemLabelDetails{Description: ref(it.Detail)}
		}
	}
	if it.Doc != "" && !c.completion.resolves {
		out.Documentation = c.completion.documentation(it.Doc)
	}
	if it.Deprecated {
		switch {
		case c.completion.tags:
			out.Tags = []protocol.CompletionItemTag{protocol.CompletionItemTagDeprecated}
		case c.completion.deprecated:
			//lint:ignore SA1019 clients of the time before tags know no other word
			out.Deprecated = protocol.NewOptional(true)
		}
	}
	if c.completion.commits {
		for _, r := range it.Commits {
			out.CommitCharacters = append(out.CommitCharacters, string(r))
		}
	}
	inserted := it.Text
	switch {
	case it.Template != nil && c.completion.templates:
		inserted = snippet(it.Template)
		out.InsertTextFormat = protocol.InsertTextFormatSnippet
	case strings.ContainsAny(it.Text, snippetSpecial):
		out.InsertTextFormat = protocol.InsertTextFormatPlainText // Neovim 0.10 takes a text for a snippet otherwise
	}
	for _, e := range it.Also {
		out.AdditionalTextEdits = append(out.AdditionalTextEdits, protocol.TextEdit{Range: c.span(lines, e.Span), NewText: e.New})
	}
	if c.completion.replaces {
		out.TextEdit = &protocol.InsertReplaceEdit{NewText: inserted, Insert: c.span(lines, it.Insert), Replace: c.span(lines, it.Replace)}
	} else {
		out.TextEdit = &protocol.TextEdit{NewText: inserted, Range: c.span(lines, it.Insert)}
	}
	return out
}

func (c *completionClient) documentation(doc string) protocol.InlayHintTooltip {
	if c.markdown {
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: doc}
	}
	return protocol.String(plainText(doc))
}

// snippetSpecial are the characters that stand for themselves in the protocol's syntax if a backslash is before them.
const snippetSpecial = `$\}`

var snippetEscapes = strings.NewReplacer(`\`, `\\`, "$", `\$`, "}", `\}`)

// snippet is a template in the protocol's syntax. The cursor ends behind all of it.
func snippet(t *completion.Template) string {
	var b strings.Builder
	at := 0
	for i, stop := range t.Stops {
		b.WriteString(snippetEscapes.Replace(t.Text[at:stop.Start]))
		if stop.Len() == 0 {
			fmt.Fprintf(&b, "$%d", i+1)
		} else {
			fmt.Fprintf(&b, "${%d:%s}", i+1, snippetEscapes.Replace(stop.Of(t.Text)))
		}
		at = stop.End
	}
	b.WriteString(snippetEscapes.Replace(t.Text[at:]))
	b.WriteString("$0")
	return b.String()
}

// resolveCompletion answers with the item as it came, and its documentation.
func (s *Server) resolveCompletion(item *protocol.CompletionItem) work {
	return func(context.Context) (any, error) {
		var data completionData
		if json.Unmarshal(item.Data, &data) == nil {
			if doc := s.completed.doc(data.List, data.Item); doc != "" {
				item.Documentation = s.client.completion.documentation(doc)
			}
		}
		return item, nil
	}
}
