package report

import (
	"bytes"
	"io"
)

// Form is a report in some format: a part for each file, and what is around them. A part is written
// as soon as its file's turn has come, so that a long report is never held in memory.
type Form struct {
	head        string              // before everything
	first, next string              // before the first part, and before each later one
	part        func(*File) []byte  // about one file, empty for nothing; called for several files at once
	end         func(totals) string // behind everything
	limit       int                 // bytes that all parts may have, in whole lines; 0 for any number
}

// totals are what is known at the end of a report.
type totals struct {
	Counts
	failed bool // something could not be read, checked or written
	parts  int  // how many were written
	cut    int  // lines that the limit left out
}

// Part is what the report says about one file, empty for nothing. It may be called for several files
// at once.
func (f *Form) Part(file *File) []byte { return f.part(file) }

// Writer writes a report, part by part.
type Writer struct {
	Form
	to io.Writer

	parts, size, cut int
}

// NewWriter is a report on its way to a stream or a file.
func NewWriter(form Form, to io.Writer) *Writer { return &Writer{Form: form, to: to} }

// Begin writes what stands before everything.
func (w *Writer) Begin() error { return w.write(w.head) }

// Add writes the part about the next file.
func (w *Writer) Add(part []byte) error {
	if w.limit > 0 {
		part = w.fit(part)
	}
	if len(part) == 0 {
		return nil
	}
	before := w.next
	if w.parts == 0 {
		before = w.first
	}
	w.parts++
	return w.write(before + string(part))
}

// fit returns the lines that there is room for.
func (w *Writer) fit(part []byte) []byte {
	fits := len(part)
	if room := w.limit - w.size; fits > room {
		fits = bytes.LastIndexByte(part[:room], '\n') + 1
		w.size = w.limit // what follows is left out, even where it is shorter
	} else {
		w.size += fits
	}
	w.cut += bytes.Count(part[fits:], []byte("\n"))
	return part[:fits]
}

// End writes what stands behind everything. failed says that something could not be read, checked or
// written.
func (w *Writer) End(c Counts, failed bool) error {
	return w.write(w.end(totals{c, failed, w.parts, w.cut}))
}

func (w *Writer) write(s string) error {
	if s == "" {
		return nil
	}
	_, err := io.WriteString(w.to, s)
	return err
}
