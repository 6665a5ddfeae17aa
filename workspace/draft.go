package workspace

import (
	"slices"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Draft is the text of an open document while it is being edited. A change costs little: the tree
// is brought up to date when someone looks at it.
type Draft struct {
	buffer  *text.Buffer  // nil before the first change
	src     string        // the text before it
	file    *syntax.File  // nil if the document is not a Dockerfile
	pending [][]text.Edit // what was edited since file, batch by batch; each refers to the text before it
}

// Buffer finds lines and columns in the text as it is now.
func (d *Draft) Buffer() *text.Buffer {
	if d.buffer == nil {
		if d.file != nil {
			d.buffer = text.NewBuffer(d.file.Lines())
		} else {
			d.buffer = text.NewBuffer(text.NewLines(d.src))
		}
		d.src = ""
	}
	return d.buffer
}

// Edit makes the edits. Their spans refer to the text as it is now and must not overlap.
func (d *Draft) Edit(edits ...text.Edit) {
	edits = text.Sorted(edits)
	for _, e := range slices.Backward(edits) {
		d.Buffer().Edit(e)
	}
	if d.file == nil {
		return
	}
	if n := len(d.pending); n > 0 && len(edits) == 1 && len(d.pending[n-1]) == 1 {
		if both, ok := d.pending[n-1][0].Then(edits[0]); ok {
			d.pending[n-1] = []text.Edit{both}
			return
		}
	}
	d.pending = append(d.pending, edits)
}

// Replace changes the whole text. Clients that always send it pay for the part that differs only.
func (d *Draft) Replace(src string) { d.Edit(text.Difference(d.Buffer().Bytes(), src)) }

// tree is the tree of the text as it is now; nil if it is not a Dockerfile.
func (d *Draft) tree() *syntax.File {
	for _, edits := range d.pending {
		d.file = d.file.Edit(edits)
	}
	d.pending = nil
	return d.file
}

// String is the text as it is now.
func (d *Draft) String() string {
	switch {
	case d.buffer != nil:
		return d.buffer.String()
	case d.file != nil: // of a Dockerfile that was not edited
		return d.file.Src
	}
	return d.src
}

// replace is the tree of src, made from that of another text of the same document.
func replace(f *syntax.File, src string) *syntax.File {
	if f.Src == src {
		return f
	}
	return f.Edit([]text.Edit{text.Difference(f.Src, src)})
}
