// Package text holds what every other package says about places in a document:
// byte spans, edits, and the lines and columns that editors count.
package text

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range of bytes.
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Shift moves the span by delta bytes.
func (s Span) Shift(delta int) Span { return Span{s.Start + delta, s.End + delta} }

// Contains reports whether offset lies in the span or directly at its end,
// where an editor's cursor still touches it.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset <= s.End }

// Overlaps reports whether the two spans share a byte, or touch while one of them is empty.
func (s Span) Overlaps(o Span) bool {
	if s.Len() == 0 || o.Len() == 0 {
		return s.Start <= o.End && o.Start <= s.End
	}
	return s.Start < o.End && o.Start < s.End
}

// Of returns the part of src that the span covers.
func (s Span) Of(src string) string { return src[s.Start:s.End] }

// Edit replaces the bytes of Span by New.
type Edit struct {
	Span Span
	New  string
}

// Sorted returns the edits in the order of their places. Insertions at the same place keep the
// order in which they are given, and come before an edit that replaces what follows.
func Sorted(edits []Edit) []Edit {
	before := func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	}
	if slices.IsSortedFunc(edits, before) {
		return edits
	}
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, before)
	return edits
}

// Apply returns src with all edits made. The spans refer to src as it was, must lie inside it and
// must not overlap; insertions at the same place keep the order in which they are given.
func Apply(src string, edits []Edit) string {
	if len(edits) == 0 {
		return src
	}
	size := len(src)
	for _, e := range edits {
		size += len(e.New) - e.Span.Len()
	}
	var b strings.Builder
	b.Grow(size)
	at := 0
	for _, e := range Sorted(edits) {
		b.WriteString(src[at:e.Span.Start])
		b.WriteString(e.New)
		at = e.Span.End
	}
	b.WriteString(src[at:])
	return b.String()
}

// Lines finds lines and columns in one text. Lines end with \n, \r\n or a lone \r, as the language
// server protocol counts them. The zero line and column are the first.
type Lines struct {
	src    string
	starts []int
}

// NewLines indexes src.
func NewLines(src string) *Lines {
	l := &Lines{src: src, starts: make([]int, 1, strings.Count(src, "\n")+1)}
	for i := 0; i < len(src); i++ {
		switch {
		case src[i] == '\r' && i+1 < len(src) && src[i+1] == '\n':
			// The line ends with the \n that follows.
		case src[i] == '\r', src[i] == '\n':
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// Count is the number of lines; a text that ends with a newline has an empty last line.
func (l *Lines) Count() int { return len(l.starts) }

// Line is the line, from 0, that holds the byte offset. Offsets outside the text count as its ends.
func (l *Lines) Line(offset int) int {
	return sort.SearchInts(l.starts, max(0, offset)+1) - 1
}

// Span is the line without its line end. Lines outside the text are empty, at its end.
func (l *Lines) Span(line int) Span {
	if line < 0 || line >= len(l.starts) {
		return Span{len(l.src), len(l.src)}
	}
	end := len(l.src)
	if line+1 < len(l.starts) {
		end = l.starts[line+1]
		for end > l.starts[line] && (l.src[end-1] == '\n' || l.src[end-1] == '\r') {
			end--
		}
	}
	return Span{l.starts[line], end}
}

// Encoding is the unit in which columns are counted.
type Encoding int

// The encodings that the server negotiates.
const (
	UTF16 Encoding = iota
	UTF8
)

// Position is the line and the column, both from 0, of a byte offset. An offset inside a line end
// is the end of the line; one inside a character is the start of that character.
func (l *Lines) Position(offset int, enc Encoding) (line, column int) {
	offset = max(0, min(offset, len(l.src)))
	line = l.Line(offset)
	span := l.Span(line)
	offset = l.charStart(min(offset, span.End), span)
	if enc == UTF8 {
		return line, offset - span.Start
	}
	return line, utf16Len(l.src[span.Start:offset])
}

// Offset is the byte offset of a line and column, both from 0. A column past the end of its line
// is the end of the line; a line past the end of the text is the end of the text; a column inside
// a character is the start of that character.
func (l *Lines) Offset(line, column int, enc Encoding) int {
	if line < 0 {
		return 0
	}
	if line >= len(l.starts) {
		return len(l.src)
	}
	span := l.Span(line)
	if column <= 0 {
		return span.Start
	}
	if enc == UTF8 {
		return l.charStart(span.Start+min(column, span.Len()), span)
	}
	at := span.Start
	for at < span.End && column > 0 {
		r, size := utf8.DecodeRuneInString(l.src[at:span.End])
		units := 1
		if r >= 0x10000 {
			units = 2
		}
		if column < units {
			break
		}
		column -= units
		at += size
	}
	return at
}

// charStart is the start of the character of the line that has the offset inside it, and the offset
// itself between characters. An invalid byte is a character.
func (l *Lines) charStart(offset int, line Span) int {
	for at := offset - 1; at >= line.Start && at > offset-utf8.UTFMax; at-- {
		if !utf8.RuneStart(l.src[at]) {
			continue
		}
		if _, size := utf8.DecodeRuneInString(l.src[at:line.End]); at+size > offset {
			return at
		}
		break
	}
	return offset
}

// utf16Len counts the UTF-16 code units of s; an invalid byte counts as one.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}
