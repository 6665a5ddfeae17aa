package rewrite

import "layerwise/dockerfile/text"

// Named is a name in a text that is to be another one.
type Named struct {
	Span text.Span
	New  string
}

// Names are the edits that change names where they stand. Nothing else of the text changes, so that whoever asks
// has to see that the text means the same with them.
func Names(places []Named) []text.Edit {
	edits := make([]text.Edit, len(places))
	for i, p := range places {
		edits[i] = text.Edit{Span: p.Span, New: p.New}
	}
	return edits
}
