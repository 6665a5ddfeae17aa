package rewrite

import (
	"strings"
	"unicode/utf8"

	"layerwise/dockerfile/text"
)

// block is an instruction's lines in its Text: the comments directly above, itself, and the line end;
// without the lines that must stay at the top of the file.
func (c *Change) block(i int) text.Span {
	span := c.instr(i).Block()
	span.Start = max(span.Start, len(c.file.Header)-c.file.Start(i))
	return span
}

const byteOrderMark = "\xef\xbb\xbf"

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// afterBlank reports whether a blank line, or nothing but the top of the file, is above the block.
func (c *Change) afterBlank(i int) bool {
	return c.blankAbove(c.file.Start(i) + c.block(i).Start)
}

// beforeBlank reports whether a blank line or the end of the file is below the instruction.
func (c *Change) beforeBlank(i int) bool {
	return c.blankBelow(c.file.Start(i) + c.block(i).End)
}

// blankAbove reports whether the line that ends at the offset is blank, or there is none.
func (c *Change) blankAbove(at int) bool {
	src := c.file.Src
	if at <= len(c.file.Header) {
		return true
	}
	return isBlank(src[strings.LastIndexByte(src[:at-1], '\n')+1 : at-1])
}

// blankBelow reports whether the line that begins at the offset is blank, or there is none.
func (c *Change) blankBelow(at int) bool {
	line, _, _ := strings.Cut(c.file.Src[at:], "\n")
	return isBlank(line)
}

// inside are the edits inside of an instruction's Text.
func (c *Change) inside(i int) []text.Edit {
	edits := append([]text.Edit(nil), c.own[i]...)
	for _, s := range c.splits {
		if s.at == i {
			edits = append(edits, text.Edit{Span: s.gap, New: c.nl + lines(s.texts, c.nl) + s.head})
		}
	}
	if j, ok := c.joins[i]; ok {
		edits = append(edits, text.Edit{
			Span: text.Span{Start: j.from, End: c.instr(i).Body.End},
			New:  j.glue + c.textOf(j.next, c.instr(j.next).Args.Start),
		})
	}
	return edits
}

// lines are texts below each other.
func lines(texts []string, nl string) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(t + nl)
	}
	return b.String()
}

// textOf is the text of an instruction from a place in its Text to its end, with the edits inside.
func (c *Change) textOf(i, from int) string {
	in := c.instr(i)
	var edits []text.Edit
	for _, e := range c.inside(i) {
		if e.Span.Start >= from && e.Span.End <= in.Body.End {
			edits = append(edits, text.Edit{Span: e.Span.Shift(-from), New: e.New})
		}
	}
	return text.Apply(in.Text[from:in.Body.End], edits)
}

// render makes the edits of the file.
func (c *Change) render() []text.Edit {
	edits := append([]text.Edit(nil), c.raw...)
	if len(c.top) > 0 {
		at := len(c.file.Header)
		new := lines(c.top, c.nl)
		if at > len(byteOrderMark) && c.file.Src[at-1] != '\n' {
			new = c.nl + strings.TrimSuffix(new, c.nl)
		}
		edits = append(edits, text.Edit{Span: text.Span{Start: at, End: at}, New: new})
	}
	for i := range c.file.Instructions {
		start := c.file.Start(i)
		edits = append(edits, c.putsAt(i, above)...)
		gone, removed := c.gone[i]
		for _, e := range c.inside(i) {
			if c.joined[i] || removed && e.Span.Start >= gone.Start {
				continue
			}
			edits = append(edits, text.Edit{Span: e.Span.Shift(start), New: e.New})
		}
		if j, ok := c.joins[i]; ok {
			// The first one's last line, what is between, and the second, which is now a part of the first.
			edits = append(edits, text.Edit{Span: text.Span{Start: start + c.instr(i).Body.End, End: c.file.Start(j.next) + c.instr(j.next).Body.End}})
		}
		if removed {
			edits = append(edits, text.Edit{Span: gone.Shift(start)})
		}
		edits = append(edits, c.putsAt(i, below)...)
	}
	edits = append(edits, c.blanks()...)
	return tidy(c.file.Src, text.Sorted(edits))
}

// putsAt are the insertions above or below an instruction.
func (c *Change) putsAt(i int, side side) (edits []text.Edit) {
	ended := true // with a line end
	for _, p := range c.puts {
		if p.at != i || p.side != side {
			continue
		}
		block := c.block(i)
		at := c.anchor(p)
		new := lines(p.texts, c.nl)
		_, gone := c.gone[i]
		switch {
		case side == above && gone && c.beforeBlank(i): // the blank line below it takes its part
		case side == above && c.afterBlank(i) && (p.paragraph || block.Start < c.instr(i).Body.Start-len(c.indent(i))):
			new += c.nl
		case side == below && p.paragraph && c.beforeBlank(i):
			new = c.nl + new
		}
		if side == below && !strings.HasSuffix(c.file.Src[:at], "\n") {
			ended = false
		}
		if !ended {
			new = c.nl + strings.TrimSuffix(new, c.nl)
		}
		edits = append(edits, text.Edit{Span: text.Span{Start: at, End: at}, New: new})
	}
	return edits
}

// anchor is the offset in the file at which something is put.
func (c *Change) anchor(p put) int {
	if p.side == above {
		return c.file.Start(p.at) + c.block(p.at).Start
	}
	return c.file.Start(p.at) + c.block(p.at).End
}

// blanks removes the blank lines that would stand twice where instructions are gone.
func (c *Change) blanks() (edits []text.Edit) {
	src := c.file.Src
	for i := 0; i < len(c.file.Instructions); i++ {
		gone, ok := c.gone[i]
		if !ok {
			continue
		}
		region := gone.Shift(c.file.Start(i))
		// Neighbours that go, too, with blank lines between.
		for i+1 < len(c.file.Instructions) {
			next, ok := c.gone[i+1]
			next = next.Shift(c.file.Start(i + 1))
			if !ok || !isBlank(src[region.End:next.Start]) {
				break
			}
			if next.Start > region.End && !c.isPut(region.End, next.Start) {
				edits = append(edits, text.Edit{Span: text.Span{Start: region.End, End: next.Start}})
			}
			region.End = next.End
			i++
		}
		if c.isPut(region.Start, region.End) || !c.blankAbove(region.Start) || !c.blankBelow(region.End) {
			continue
		}
		end := region.End
		for end < len(src) && c.blankBelow(end) {
			line, _, _ := strings.Cut(src[end:], "\n")
			end = min(end+len(line)+1, len(src))
		}
		if end < len(src) {
			edits = append(edits, text.Edit{Span: text.Span{Start: region.End, End: end}})
			continue
		}
		start := region.Start
		for top := len(c.file.Header); start > top && c.blankAbove(start); {
			start = max(top, strings.LastIndexByte(src[:start-1], '\n')+1)
		}
		edits = append(edits, text.Edit{Span: text.Span{Start: start, End: region.Start}})
	}
	return edits
}

// isPut reports whether something is put between two places of the file, or at one of them.
func (c *Change) isPut(from, to int) bool {
	for _, p := range c.puts {
		if at := c.anchor(p); from <= at && at <= to {
			return true
		}
	}
	return false
}

// tidy joins sorted edits that touch, and takes away what those of several lines leave as it is.
func tidy(src string, edits []text.Edit) (list []text.Edit) {
	for _, e := range edits {
		if n := len(list) - 1; n >= 0 && list[n].Span.End == e.Span.Start {
			list[n] = text.Edit{Span: text.Span{Start: list[n].Span.Start, End: e.Span.End}, New: list[n].New + e.New}
			continue
		}
		list = append(list, e)
	}
	kept := list[:0]
	for _, e := range list {
		if strings.Contains(e.Span.Of(src), "\n") {
			e = trim(src, e)
		}
		if e.Span.Len() > 0 || e.New != "" {
			kept = append(kept, e)
		}
	}
	return kept
}

// trim is the edit without what is the same before and after, in whole characters and line ends.
func trim(src string, e text.Edit) text.Edit {
	d := text.Difference(e.Span.Of(src), e.New)
	whole := func(s string, at int) bool {
		return at == 0 || at == len(s) || utf8.RuneStart(s[at]) && !(s[at] == '\n' && s[at-1] == '\r')
	}
	old := e.Span.Of(src)
	head, tail := d.Span.Start, len(old)-d.Span.End
	for head > 0 && !(whole(old, head) && whole(e.New, head)) {
		head--
	}
	for tail > 0 && !(whole(old, len(old)-tail) && whole(e.New, len(e.New)-tail)) {
		tail--
	}
	return text.Edit{
		Span: text.Span{Start: e.Span.Start + head, End: e.Span.End - tail},
		New:  e.New[head : len(e.New)-tail],
	}
}
