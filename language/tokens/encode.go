package tokens

import (
	"sort"
	"unicode/utf8"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Legend says by which numbers a client knows types and modifiers.
type Legend struct {
	Types     [EnumMember + 1]int // -1 for those that it does not know
	Modifiers [3]uint32           // the bit of each; 0 for those that it does not know
}

// NewLegend is the legend of a client that knows these types and modifiers, and the names that it is told of, in
// their order: those that are used here.
func NewLegend(types, modifiers []string) (l Legend, ofTypes, ofModifiers []string) {
	known := func(list []string, name string) bool {
		for _, n := range list {
			if n == name {
				return true
			}
		}
		return false
	}
	ofTypes, ofModifiers = []string{}, []string{}
	l.Types[None] = -1
	for i, name := range TypeNames {
		l.Types[i+1] = -1
		if known(types, name) {
			l.Types[i+1] = len(ofTypes)
			ofTypes = append(ofTypes, name)
		}
	}
	for i, name := range ModifierNames {
		if known(modifiers, name) {
			l.Modifiers[i] = 1 << len(ofModifiers)
			ofModifiers = append(ofModifiers, name)
		}
	}
	return l, ofTypes, ofModifiers
}

// placed is a token by its line, counted from that on which its instruction begins, and its columns.
type placed struct {
	line, column, length uint32
	kind                 Type
	modifiers            Modifiers
}

// Encode is what editors are sent: five numbers for each token whose type the client knows, its line and column
// relative to the token before, its length, its type and its modifiers. Only tokens from line first to line last,
// both from 0, are in it.
func Encode(g *stages.Graph, contexts []string, legend *Legend, enc text.Encoding, first, last int) []uint32 {
	f := g.File
	lines := f.Lines()
	from := sort.Search(len(f.Instructions), func(i int) bool { return lines.Line(f.Start(i+1)) >= first })
	e := encoder{legend: legend, first: first, last: last, data: make([]uint32, 0, 5*8*(1+min(len(f.Instructions)-from, max(0, last-first))))}
	e.add(place(f.Header, header(f), enc), 0, 0)
	names := occurrences.Of(g, contexts...)
	for i := from; i < len(f.Instructions); i++ {
		line, column := lines.Position(f.Start(i), enc)
		if line > last {
			return e.data
		}
		e.add(placedOf(f.Instructions[i], keyOf(names, g, i), enc), line, column)
	}
	line, column := lines.Position(f.Start(len(f.Instructions)), enc)
	e.add(place(f.Trailer, comments(f.Trailer), enc), line, column)
	return e.data
}

// question is what tokens with lines and columns depend on, beside their instruction.
type question struct {
	key key
	enc text.Encoding
}

type placedKey struct{}

// placedOf are the tokens of an instruction with lines and columns. Those of the last question are kept with it.
func placedOf(in *syntax.Instruction, k key, enc text.Encoding) []placed {
	last := in.Memo(placedKey{}, func() any { return new(syntax.Last[question, []placed]) }).(*syntax.Last[question, []placed])
	return last.Get(question{k, enc}, func() []placed { return place(in.Text, paint(in, k), enc) })
}

// place finds the lines and columns of tokens in a text.
func place(src string, tokens []Token, enc text.Encoding) []placed {
	if len(tokens) == 0 {
		return nil
	}
	list := make([]placed, 0, len(tokens))
	at, line, column := 0, 0, 0
	to := func(offset int) {
		for at < offset {
			r, size := utf8.DecodeRuneInString(src[at:])
			if at+size > offset {
				return // BuildKit cuts bytes, and may cut a character
			}
			switch {
			case r == '\n' || r == '\r' && (at+1 == len(src) || src[at+1] != '\n'):
				line, column = line+1, 0
			case enc == text.UTF8:
				column += size
			case r >= 0x10000:
				column += 2
			default:
				column++
			}
			at += size
		}
	}
	for _, t := range tokens {
		to(t.Span.Start)
		p := placed{line: uint32(line), column: uint32(column), kind: t.Type, modifiers: t.Modifiers}
		to(t.Span.End)
		p.length = uint32(column) - p.column
		list = append(list, p)
	}
	return list
}

// encoder writes tokens relative to each other.
type encoder struct {
	legend       *Legend
	first, last  int
	data         []uint32
	line, column uint32 // of the last token
}

// add writes tokens of a part that begins at a line and column.
func (e *encoder) add(list []placed, line, column int) {
	for _, t := range list {
		kind := e.legend.Types[t.kind]
		at, col := uint32(line)+t.line, t.column
		if t.line == 0 {
			col += uint32(column)
		}
		if kind < 0 || t.length == 0 || int(at) < e.first || int(at) > e.last {
			continue
		}
		var modifiers uint32
		for i, bit := range e.legend.Modifiers {
			if t.modifiers&(1<<i) != 0 {
				modifiers |= bit
			}
		}
		delta := col
		if at == e.line {
			delta -= e.column
		}
		e.data = append(e.data, at-e.line, delta, t.length, uint32(kind), modifiers)
		e.line, e.column = at, col
	}
}

// Difference is the one edit that makes data of old: at start, n numbers go, and insert comes. It is made of whole
// tokens.
func Difference(old, data []uint32) (start, n int, insert []uint32) {
	const size = 5
	most := min(len(old), len(data))
	for start < most && old[start] == data[start] {
		start++
	}
	start -= start % size
	end := 0
	for end < most-start && old[len(old)-1-end] == data[len(data)-1-end] {
		end++
	}
	end -= end % size
	return start, len(old) - start - end, data[start : len(data)-end]
}
