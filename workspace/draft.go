package workspace

import (
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Draft is the text of an open document while the changes of one message are made to it.
type Draft struct {
	file  *syntax.File // nil if the document is not a Dockerfile
	src   string
	lines *text.Lines
}

// Lines finds lines and columns in the text as it is now.
func (d *Draft) Lines() *text.Lines {
	if d.lines == nil {
		d.lines = text.NewLines(d.src)
	}
	return d.lines
}

// Edit makes the edits. Their spans refer to the text as it is now and must not overlap.
func (d *Draft) Edit(edits ...text.Edit) {
	if d.file == nil {
		d.src, d.lines = text.Apply(d.src, edits), nil
		return
	}
	d.file = d.file.Edit(edits)
	d.src, d.lines = d.file.Src, nil
}

// Replace changes the whole text. Clients that always send it pay for the part that differs only.
func (d *Draft) Replace(src string) {
	if d.file != nil {
		d.file = replace(d.file, src)
	}
	d.src, d.lines = src, nil
}

// replace is the tree of src, made from that of another text of the same document.
func replace(f *syntax.File, src string) *syntax.File {
	if f.Src == src {
		return f
	}
	return f.Edit([]text.Edit{difference(f.Src, src)})
}

// difference is the smallest single edit that turns one text into the other.
func difference(before, after string) text.Edit {
	n := min(len(before), len(after))
	start := 0
	for start < n && before[start] == after[start] {
		start++
	}
	end := 0
	for end < n-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	return text.Edit{Span: text.Span{Start: start, End: len(before) - end}, New: after[start : len(after)-end]}
}
