package syntax

import (
	"sort"
	"strings"

	"layerwise/dockerfile/text"
)

// Edit returns the tree of the text with all edits made: the spans refer to f.Src as it is, must
// lie inside it and must not overlap. It is equal to Parse of the new text, and shares with f every
// instruction that the edits do not reach.
func (f *File) Edit(edits []text.Edit) *File {
	if len(edits) == 0 {
		return f
	}
	edits = text.Sorted(edits)
	src := text.Apply(f.Src, edits)
	if len(f.Instructions) == 0 || tooLarge(src) {
		return Parse(src)
	}
	h := f.header
	if edits[0].Span.Start < h.seen {
		h = parseHeader(src)
		if h.escape != f.header.escape || h.custom != f.header.custom {
			return Parse(src)
		}
	}
	e := editor{old: f, edits: edits, new: &File{Src: src, header: h},
		scanner: scanner{src: src, pos: h.end, escape: h.escape, custom: h.custom}}
	e.new.Instructions = make([]*Instruction, 0, len(f.Instructions)+len(edits)+1)
	e.new.starts = make([]int, 0, len(f.starts)+len(edits)+1)
	e.run()
	e.new.finish()
	if lines := f.lines.Load(); lines != nil {
		e.new.lines.Store(lines.Edit(edits, src))
	}
	return e.new
}

// editor walks along the new text. Where its place is the boundary of an old instruction in text
// that is the same from there on, it takes the old instructions over as far as the next edit;
// elsewhere it scans.
type editor struct {
	old, new *File
	edits    []text.Edit // those whose end is still ahead
	delta    int         // what the edits behind have added: new offset = old offset + delta
	index    int         // of the first old instruction that is not behind
	scanner  scanner
}

func (e *editor) run() {
	for {
		if e.atBoundary() {
			start := e.scanner.pos
			e.share()
			if e.index == len(e.old.Instructions) && len(e.edits) == 0 {
				break
			}
			if e.scanner.pos > start {
				continue // an edit that only deletes may end at another boundary
			}
		}
		start := e.scanner.pos
		in := e.scanner.detached()
		if in == nil {
			break
		}
		e.add(in, start)
	}
	e.new.starts = append(e.new.starts, e.scanner.pos)
}

func (e *editor) add(in *Instruction, start int) {
	e.new.Instructions = append(e.new.Instructions, in)
	e.new.starts = append(e.new.starts, start)
}

// atBoundary passes the edits that end at or before the place, and reports whether an instruction,
// or the trailer, of the old tree begins there.
func (e *editor) atBoundary() bool {
	at := e.scanner.pos
	for len(e.edits) > 0 && e.edits[0].Span.Start+e.delta+len(e.edits[0].New) <= at {
		e.delta += len(e.edits[0].New) - e.edits[0].Span.Len()
		e.edits = e.edits[1:]
	}
	if len(e.edits) > 0 && at > e.edits[0].Span.Start+e.delta {
		return false // in the middle of new text
	}
	starts := e.old.starts
	for e.index < len(starts)-1 && starts[e.index] < at-e.delta {
		e.index++
	}
	return starts[e.index] == at-e.delta
}

// share takes over the old instructions before the next edit.
func (e *editor) share() {
	starts, n := e.old.starts, len(e.old.Instructions)
	end := n
	if len(e.edits) > 0 {
		edit := e.edits[0].Span.Start
		end = sort.Search(n, func(i int) bool { return starts[i+1] > edit })
		if end == n && n > 0 && e.old.Instructions[n-1].open {
			end = n - 1
		}
	}
	end = max(end, e.index)
	e.new.Instructions = append(e.new.Instructions, e.old.Instructions[e.index:end]...)
	for ; e.index < end; e.index++ {
		e.new.starts = append(e.new.starts, starts[e.index]+e.delta)
	}
	e.scanner.pos = starts[e.index] + e.delta
}

// detached is next with strings of its own: an instruction outlives the source that it was scanned
// in, and must not keep each of a long row of sources in memory.
func (s *scanner) detached() *Instruction {
	in := s.next()
	if in == nil {
		return nil
	}
	alone := scanner{src: strings.Clone(in.Text), escape: s.escape, custom: s.custom}
	return alone.next()
}
