package tokens

import (
	"math"
	"slices"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Whole is what Encode makes of all lines of a file, with what is needed to make that of the next state of the file
// from it: a keystroke changes one instruction, and the numbers of the others are copied. It is never modified.
type Whole struct {
	Data []uint32

	file     *syntax.File
	contexts []string
	legend   *Legend
	enc      text.Encoding
	marks    []mark // behind the header, and behind each instruction
}

// mark is a place in the Data: how much of it is there, and where the last token in it begins.
type mark struct {
	end          int
	line, column uint32
}

// Next is the Whole of a file. before is one of an earlier state, or nil.
func Next(before *Whole, g *stages.Graph, contexts []string, legend *Legend, enc text.Encoding) *Whole {
	f := g.File
	w := &Whole{file: f, contexts: contexts, legend: legend, enc: enc, marks: make([]mark, 0, len(f.Instructions)+1)}
	head, tail := 0, 0
	if before != nil && before.legend == legend && before.enc == enc && slices.Equal(before.contexts, contexts) {
		head, tail = same(before.file, f)
	}
	e := encoder{legend: legend, last: math.MaxInt}
	if head > 0 {
		last := before.marks[head]
		e.data = append(make([]uint32, 0, len(before.Data)+5*64), before.Data[:last.end]...)
		e.line, e.column = last.line, last.column
		w.marks = append(w.marks, before.marks[:head+1]...)
	} else {
		e.data = make([]uint32, 0, 5*8*(1+len(f.Instructions)))
		e.add(place(f.Header, header(f), enc), 0, 0)
		w.marks = append(w.marks, e.mark())
	}
	lines, names := f.Lines(), occurrences.Of(g, contexts...)
	for i := head; i < len(f.Instructions); i++ {
		line, column := lines.Position(f.Start(i), enc)
		had := len(e.data)
		e.add(placedOf(f.Instructions[i], keyOf(names, g, i), enc), line, column)
		w.marks = append(w.marks, e.mark())
		if i >= len(f.Instructions)-tail && len(e.data) > had {
			w.copy(before, &e, len(f.Instructions)-1-i) // all that follow stand relative to this one
			break
		}
	}
	line, column := lines.Position(f.Start(len(f.Instructions)), enc)
	e.add(place(f.Trailer, comments(f.Trailer), enc), line, column)
	w.Data = e.data
	return w
}

// copy takes the last n instructions from before.
func (w *Whole) copy(before *Whole, e *encoder, n int) {
	old := before.marks[len(before.marks)-1-n:]
	bytes, down := len(e.data)-old[0].end, e.line-old[0].line
	last := old[n]
	e.data = append(e.data, before.Data[old[0].end:last.end]...)
	e.line, e.column = last.line+down, last.column
	for _, m := range old[1:] {
		w.marks = append(w.marks, mark{m.end + bytes, m.line + down, m.column})
	}
}

func (e *encoder) mark() mark { return mark{len(e.data), e.line, e.column} }

// same is how many instructions at the beginning and at the end of two states of a file have the same tokens. Those at
// the end do if what lies between says nothing of stages, shells and global variables.
func same(before, after *syntax.File) (head, tail int) {
	old, list := before.Instructions, after.Instructions
	if before.Header != after.Header {
		return 0, 0 // with another escape character, everything may change
	}
	most := min(len(old), len(list))
	for head < most && old[head] == list[head] {
		head++
	}
	for tail < most-head && old[len(old)-1-tail] == list[len(list)-1-tail] {
		tail++
	}
	inStage := slices.ContainsFunc(list[:head], func(in *syntax.Instruction) bool { return in.Name == "FROM" })
	tells := func(in *syntax.Instruction) bool {
		return in.Name == "FROM" || in.Name == "SHELL" || in.Name == "ONBUILD" || in.Name == "ARG" && !inStage
	}
	if slices.ContainsFunc(old[head:len(old)-tail], tells) || slices.ContainsFunc(list[head:len(list)-tail], tells) {
		return head, 0
	}
	return head, tail
}
