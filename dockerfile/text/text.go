// Package text holds what every other package says about places in a document:
// byte spans, edits, and the lines and columns that editors count.
package text

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"
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

// Difference is the smallest single edit that turns one text into another.
func Difference[T string | []byte](before T, after string) Edit {
	n := min(len(before), len(after))
	start := 0
	for start < n && before[start] == after[start] {
		start++
	}
	end := 0
	for end < n-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	return Edit{Span: Span{start, len(before) - end}, New: after[start : len(after)-end]}
}

// Then is one edit that does what e does, and then, to the text that e leaves, what next does. ok is
// false if there is text between them.
func (e Edit) Then(next Edit) (both Edit, ok bool) {
	end := e.Span.Start + len(e.New)
	if next.Span.Start > end || next.Span.End < e.Span.Start {
		return Edit{}, false
	}
	keep := max(0, next.Span.Start-e.Span.Start)
	rest := min(len(e.New), max(0, next.Span.End-e.Span.Start))
	return Edit{
		Span: Span{min(e.Span.Start, next.Span.Start), e.Span.End + max(0, next.Span.End-end)},
		New:  e.New[:keep] + next.New + e.New[rest:],
	}, true
}

// Lines finds lines and columns in one text. Lines end with \n, \r\n or a lone \r, as the language
// server protocol counts them. The zero line and column are the first.
type Lines struct {
	index[string]
	marking sync.Once
	marks   []mark // see Position
}

// mark is the place of a character, and how many UTF-16 code units the text has before it.
type mark struct{ at, units int }

const (
	longLine = 2048 // bytes; in a longer one, columns are counted from the last mark
	markStep = 512  // bytes between marks
)

// Position is the line and the column, both from 0, of a byte offset, as index.Position has it. In long lines, of which somebody may
// ask for many places, it does not count from the beginning each time.
func (l *Lines) Position(offset int, enc Encoding) (line, column int) {
	offset = max(0, min(offset, len(l.src)))
	line = l.Line(offset)
	span := l.Span(line)
	offset = min(offset, span.End)
	if enc != UTF16 || offset-span.Start <= longLine {
		return l.index.Position(offset, enc)
	}
	l.marking.Do(l.mark)
	return line, l.units(l.charStart(offset, span)) - l.units(span.Start)
}

// mark makes the marks.
func (l *Lines) mark() {
	units := 0
	for at, r := range l.src {
		if at >= len(l.marks)*markStep {
			l.marks = append(l.marks, mark{at, units})
		}
		units++
		if r >= 0x10000 {
			units++
		}
	}
}

// units counts the UTF-16 code units before the start of a character.
func (l *Lines) units(offset int) int {
	i := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].at > offset }) - 1
	m := l.marks[max(0, i)]
	return m.units + utf16Len(l.src[m.at:offset])
}

// NewLines indexes src.
func NewLines(src string) *Lines {
	starts := make([]int, 1, strings.Count(src, "\n")+1)
	for p := 1; p <= len(src); p++ {
		if startsLine(src, p) {
			starts = append(starts, p)
		}
	}
	return &Lines{index: index[string]{src, starts}}
}

// IsWord reports whether the byte can stand in the name of a variable: a letter, a digit or an underscore.
func IsWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// BraceEnd is where the brace ends that is open at i, as of ${NAME:-${OTHER}}: behind its }. closed is false if the line ends
// first, and end is there then.
func BraceEnd(s string, i int) (end int, closed bool) {
	for depth := 1; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return min(i, len(s)), false
}

// Edit is the index of src, which the edits of the text made. They must be sorted.
func (l *Lines) Edit(edits []Edit, src string) *Lines {
	if len(edits) > 10 {
		return NewLines(src)
	}
	next := &Lines{index: index[string]{src, slices.Clone(l.starts)}}
	delta := 0
	for _, e := range edits {
		next.move(e.Span.Shift(delta), len(e.New))
		delta += len(e.New) - e.Span.Len()
	}
	return next
}

// Buffer is a text that is edited in place, and finds its lines and columns.
type Buffer struct{ index[[]byte] }

// NewBuffer holds the text of l.
func NewBuffer(l *Lines) *Buffer {
	return &Buffer{index[[]byte]{[]byte(l.src), slices.Clone(l.starts)}}
}

// Edit makes one edit, whose span must lie inside the text.
func (b *Buffer) Edit(e Edit) {
	b.src = slices.Replace(b.src, e.Span.Start, e.Span.End, []byte(e.New)...)
	b.move(e.Span, len(e.New))
}

// Bytes is the text as it is until the next edit.
func (b *Buffer) Bytes() []byte { return b.src }

// String is the text as it is now.
func (b *Buffer) String() string { return string(b.src) }

// index is a text with the starts of its lines.
type index[T string | []byte] struct {
	src    T
	starts []int
}

// startsLine reports whether a line begins at an offset, not 0, of src.
func startsLine[T string | []byte](src T, at int) bool {
	return src[at-1] == '\n' || src[at-1] == '\r' && (at == len(src) || src[at] != '\n')
}

// move brings the starts up to date when n bytes have come in place of a span. Whether a line begins
// at an offset depends on the bytes on both of its sides only.
func (l *index[T]) move(span Span, n int) {
	from := max(1, sort.SearchInts(l.starts, span.Start))
	to := sort.SearchInts(l.starts, span.End+1)
	for i := to; i < len(l.starts); i++ {
		l.starts[i] += n - span.Len()
	}
	var fresh []int
	for at := max(1, span.Start); at <= span.Start+n; at++ {
		if startsLine(l.src, at) {
			fresh = append(fresh, at)
		}
	}
	l.starts = slices.Replace(l.starts, from, to, fresh...)
}

// Count is the number of lines; a text that ends with a newline has an empty last line.
func (l *index[T]) Count() int { return len(l.starts) }

// Line is the line, from 0, that holds the byte offset. Offsets outside the text count as its ends.
func (l *index[T]) Line(offset int) int {
	return sort.SearchInts(l.starts, max(0, offset)+1) - 1
}

// Span is the line without its line end. Lines outside the text are empty, at its end.
func (l *index[T]) Span(line int) Span {
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
func (l *index[T]) Position(offset int, enc Encoding) (line, column int) {
	offset = max(0, min(offset, len(l.src)))
	line = l.Line(offset)
	span := l.Span(line)
	offset = l.charStart(min(offset, span.End), span)
	if enc == UTF8 {
		return line, offset - span.Start
	}
	return line, utf16Len(string(l.src[span.Start:offset]))
}

// Offset is the byte offset of a line and column, both from 0. A column past the end of its line
// is the end of the line; a line past the end of the text is the end of the text; a column inside
// a character is the start of that character.
func (l *index[T]) Offset(line, column int, enc Encoding) int {
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
		r, size := decodeRune(l.src[at:span.End])
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
func (l *index[T]) charStart(offset int, line Span) int {
	for at := offset - 1; at >= line.Start && at > offset-utf8.UTFMax; at-- {
		if !utf8.RuneStart(l.src[at]) {
			continue
		}
		if _, size := decodeRune(l.src[at:line.End]); at+size > offset {
			return at
		}
		break
	}
	return offset
}

// decodeRune is the first character of s, and its length.
func decodeRune[T string | []byte](s T) (rune, int) {
	return utf8.DecodeRuneInString(string(s[:min(len(s), utf8.UTFMax)]))
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
