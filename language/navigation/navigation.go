// Package navigation answers where a name is defined and used, and changes it everywhere at once.
package navigation

import (
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// Target is a place that a name leads to.
type Target struct {
	Path string    // absolute, of another file or a folder; "" for the document itself
	Line int       // of another file, from 1; 0 for the file as a whole
	Span text.Span // the name, in the document or on that line; empty if it is not found there
	Full text.Span // what it belongs to, with Span in it: the instruction that defines it
}

// Highlight is a place of the name under the cursor.
type Highlight struct {
	Span  text.Span
	Write bool // the name gets its meaning here
}

// at is the name under the cursor, which may stand on its $ or its brace too.
func at(doc *language.Document, offset int) (occurrences.Ref, bool) {
	src := doc.File.Src
	if offset < len(src) && src[offset] == '$' {
		if offset++; offset < len(src) && src[offset] == '{' {
			offset++
		}
	}
	return doc.Occurrences().At(offset)
}

// Highlights are the places of the name under the cursor, in the order of the file; none where there is no name
// that can stand in several places.
func Highlights(doc *language.Document, offset int) (list []Highlight) {
	r, ok := at(doc, offset)
	if !ok || r.Kind == occurrences.Path || r.Kind == occurrences.User || r.By == occurrences.Nobody {
		return nil
	}
	table := doc.Occurrences()
	for _, o := range table.All(r) {
		list = append(list, Highlight{table.Span(o), o.Defines})
	}
	return list
}

// References are the places of the name under the cursor; definitions among them only if they are asked for.
func References(doc *language.Document, offset int, definitions bool) (list []text.Span) {
	for _, h := range Highlights(doc, offset) {
		if definitions || !h.Write {
			list = append(list, h.Span)
		}
	}
	return list
}

// StageUses are the places where a stage is used, given by its index.
func StageUses(doc *language.Document, stage int) (list []text.Span) {
	table := doc.Occurrences()
	for _, o := range table.OfStage(stage) {
		if !o.Defines {
			list = append(list, table.Span(o))
		}
	}
	return list
}

// Linked are the two ends of the here-document under the cursor, which are to be edited together, with
// a regular expression of what may be typed there. There are none unless both ends look alike.
func Linked(doc *language.Document, offset int) (spans []text.Span, pattern string) {
	r, ok := at(doc, offset)
	if !ok || r.Kind != occurrences.Heredoc {
		return nil, ""
	}
	table := doc.Occurrences()
	for _, o := range table.All(r) {
		span := table.Span(o)
		if span.Of(doc.File.Src) != o.Name {
			return nil, ""
		}
		spans = append(spans, span)
	}
	if len(spans) != 2 {
		return nil, ""
	}
	return spans, `[A-Za-z0-9_.-]+`
}
