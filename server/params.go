package server

import (
	"math"

	"layerwise/dockerfile/text"
)

// The parameters of messages about documents are read into types of our own. The protocol's types
// rewrite URIs, by which clients then don't know their documents any more, and refuse a message
// with a position that is negative or too large: a change that is dropped leaves the text out of
// step for good.

type documentID struct {
	URI string `json:"uri"`
}

type didOpenParams struct {
	TextDocument struct {
		URI        string  `json:"uri"`
		LanguageID string  `json:"languageId"`
		Version    float64 `json:"version"`
		Text       string  `json:"text"`
	} `json:"textDocument"`
}

type didChangeParams struct {
	TextDocument struct {
		URI     string  `json:"uri"`
		Version float64 `json:"version"`
	} `json:"textDocument"`
	ContentChanges []contentChange `json:"contentChanges"`
}

// contentChange is a new text for a range, or without one for the document.
type contentChange struct {
	Range *textRange `json:"range"`
	Text  string     `json:"text"`
}

// documentParams are those of messages about a document as a whole.
type documentParams struct {
	TextDocument documentID `json:"textDocument"`
}

// placeParams are those of requests about a place in a document.
type placeParams struct {
	TextDocument documentID `json:"textDocument"`
	Position     position   `json:"position"`
}

// typedParams are those of the request for formatting as one types.
type typedParams struct {
	placeParams
	Character string `json:"ch"`
}

type referencesParams struct {
	placeParams
	Context struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
}

type renameParams struct {
	placeParams
	NewName string `json:"newName"`
}

type codeActionParams struct {
	TextDocument documentID `json:"textDocument"`
	Range        textRange  `json:"range"`
	Context      struct {
		Only []string `json:"only"`
	} `json:"context"`
}

type selectionParams struct {
	TextDocument documentID `json:"textDocument"`
	Positions    []position `json:"positions"`
}

type rangesParams struct {
	TextDocument documentID  `json:"textDocument"`
	Range        textRange   `json:"range"`  // of a request about one
	Ranges       []textRange `json:"ranges"` // of a request about several
}

// deltaParams are those of the request for what has changed since an earlier answer.
type deltaParams struct {
	TextDocument     documentID `json:"textDocument"`
	PreviousResultID string     `json:"previousResultId"`
}

type diagnosticParams struct {
	TextDocument     documentID `json:"textDocument"`
	PreviousResultID string     `json:"previousResultId"`
}

type position struct {
	Line      float64 `json:"line"`
	Character float64 `json:"character"`
}

type textRange struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

// places finds lines and columns in a text.
type places interface {
	Offset(line, column int, enc text.Encoding) int
}

// offset finds the position in the text. Positions outside it are moved to its ends.
func (p position) offset(lines places, enc text.Encoding) int {
	return lines.Offset(toInt32(p.Line), toInt32(p.Character), enc)
}

// span finds the range in the text, its ends in order.
func (r textRange) span(lines places, enc text.Encoding) text.Span {
	start, end := r.Start.offset(lines, enc), r.End.offset(lines, enc)
	return text.Span{Start: min(start, end), End: max(start, end)}
}

// toInt32 is the nearest number that the protocol has.
func toInt32(n float64) int {
	return int(max(math.MinInt32, min(n, math.MaxInt32)))
}
