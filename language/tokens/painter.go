package tokens

import (
	"strings"

	"layerwise/dockerfile/text"
)

// painter gives each byte of a text its token. What is painted later covers what was there, so that tokens never
// overlap: a variable cuts the string that it stands in.
type painter struct {
	text   string
	marks  []uint32 // of each byte: the number of its paint; 0 if it has none
	paints []Token  // without spans
}

func newPainter(src string) *painter {
	return &painter{text: src, marks: make([]uint32, len(src)), paints: make([]Token, 1)}
}

// part is a text as BuildKit or a shell reads it, without continuations, with its places in the painted text.
type part struct {
	text string
	at   func(int) int
}

// source is a text as it stands.
func source(src string) part { return part{src, func(i int) int { return i }} }

// sub is a part of it.
func (p part) sub(start, end int) part {
	return part{p.text[start:end], func(i int) int { return p.at(start + i) }}
}

// paint colours the bytes of a part from start to end.
func (p *painter) paint(of part, start, end int, t Type, m Modifiers) {
	start, end = max(start, 0), min(end, len(of.text))
	if start >= end {
		return
	}
	p.paints = append(p.paints, Token{Type: t, Modifiers: m})
	for i := start; i < end; i++ {
		if at := of.at(i); 0 <= at && at < len(p.marks) {
			p.marks[at] = uint32(len(p.paints) - 1)
		}
	}
}

// until is the place of the first c at i or behind it, or the end of the text.
func until(s string, i int, c byte) int {
	if i >= len(s) {
		return len(s)
	}
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}

// comments colours the lines of a part that are comments.
func (p *painter) comments(of part) {
	for start := 0; start < len(of.text); {
		end := start
		for end < len(of.text) && of.text[end] != '\n' && of.text[end] != '\r' {
			end++
		}
		if body := strings.TrimLeft(of.text[start:end], " \t\ufeff"); strings.HasPrefix(body, "#") {
			p.paint(of, end-len(body), end, Comment, 0)
		}
		start = end + 1
	}
}

// tokens are what is painted, in order. A token ends with its line.
func (p *painter) tokens() (list []Token) {
	for start := 0; start < len(p.marks); {
		mark := p.marks[start]
		end := start
		for end < len(p.marks) && p.marks[end] == mark && p.text[end] != '\n' && p.text[end] != '\r' {
			end++
		}
		if t := p.paints[mark]; end > start && t.Type != None {
			t.Span = text.Span{Start: start, End: end}
			list = append(list, t)
		}
		start = max(end, start+1)
	}
	return list
}
