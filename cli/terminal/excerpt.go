package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"layerwise/dockerfile/text"

	"github.com/clipperhouse/displaywidth"
)

// maxExcerpt is how many lines of a span an excerpt shows.
const maxExcerpt = 3

// Excerpt shows the source lines of a span, with carets below what it covers:
//
//	  |
//	2 | COPY . .
//	  | ^^^^^^^^
func (s Screen) Excerpt(b *strings.Builder, src string, lines *text.Lines, span text.Span, style string) (gutter int) {
	first, last := lines.Line(span.Start), lines.Line(max(span.Start, span.End-1))
	shown := min(last, first+maxExcerpt-1)
	gutter = len(fmt.Sprint(shown + 1))
	bar := s.Paint(Blue, strings.Repeat(" ", gutter)+" |")
	b.WriteString(bar + "\n")
	for i := first; i <= shown; i++ {
		line := lines.Span(i)
		mark := text.Span{Start: max(span.Start, line.Start) - line.Start, End: min(span.End, line.End) - line.Start}
		body := line.Of(src)
		mark.Start = min(mark.Start, len(body))
		if i > first {
			mark.Start = len(body) - len(strings.TrimLeft(body, " \t"))
		}
		mark.End = max(mark.End, mark.Start)
		l := layOut(body, mark, s.Width-gutter-len(" | "))
		fmt.Fprintf(b, "%s%s\n", s.Paint(Blue, fmt.Sprintf("%*d |", gutter, i+1)), strings.TrimRight(" "+l.text, " "))
		fmt.Fprintf(b, "%s %s%s\n", bar, strings.Repeat(" ", l.before), s.Paint(style, strings.Repeat("^", max(l.marked, 1))))
	}
	if shown < last {
		fmt.Fprintf(b, "%s\n", s.Paint(Blue, strings.Repeat(".", gutter)+"..."))
	}
	return gutter
}

// row is a line as the terminal shows it: its text, and the columns before and under the mark.
type row struct {
	text           string
	before, marked int
}

// tabStop is the distance of tab stops.
const tabStop = 4

// layOut fits the part of a line around a mark into a width. Tabs become spaces, so that the carets
// stand right wherever the line is printed.
func layOut(line string, mark text.Span, width int) row {
	from := windowStart(line, mark.Start, width)
	var r row
	var b strings.Builder
	column := 0
	if from > 0 {
		b.WriteString("…")
		column = 1
	}
	at := from
	for c := displaywidth.StringGraphemes(window(line[from:], width)); c.Next(); {
		cell, w := cellOf(c.Value(), column)
		if column+w >= width && at+len(c.Value()) < len(line) || column+w > width {
			b.WriteString("…")
			break
		}
		b.WriteString(cell)
		if end := at + len(c.Value()); end <= mark.Start {
			r.before = column + w
		} else if at < mark.End {
			r.marked = column + w - r.before
		}
		column += w
		at += len(c.Value())
	}
	r.before = max(r.before, min(1, from)) // the mark may be where the window starts
	r.text = b.String()
	return r
}

// cellOf is a character as it is shown in a column, and its width.
func cellOf(cluster string, column int) (shown string, width int) {
	if cluster == "\t" {
		width = tabStop - column%tabStop
		return strings.Repeat(" ", width), width
	}
	shown = escapeCluster(cluster)
	return shown, displaywidth.String(shown)
}

// window cuts what cannot be seen of a long line: no more than width characters of maxCluster bytes.
func window(line string, width int) string {
	if len(line) <= width*maxCluster {
		return line
	}
	return line[:charStart(line, width*maxCluster)]
}

// windowStart is where to start showing a line, so that the place at offset can be seen.
func windowStart(line string, offset, width int) int {
	if fits(line, width) || fits(line[:offset], width*2/3) {
		return 0
	}
	for lead := width / 3; lead > 0; lead /= 2 {
		from := offset
		for range lead {
			if from == 0 {
				break
			}
			_, size := utf8.DecodeLastRuneInString(line[:from])
			from -= size
		}
		if fits(line[from:offset], width/2) {
			return from
		}
	}
	return offset
}

// fits reports whether the text needs at most width columns.
func fits(s string, width int) bool {
	if len(s) > width*maxCluster {
		return false
	}
	column := 0
	for c := displaywidth.StringGraphemes(s); c.Next() && column <= width; {
		_, w := cellOf(c.Value(), column)
		column += w
	}
	return column <= width
}

func charStart(s string, at int) int {
	for n := at; n > at-utf8.UTFMax && n > 0; n-- {
		if utf8.RuneStart(s[n]) {
			return n
		}
	}
	return at
}
