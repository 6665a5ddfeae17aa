package outline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/stages"
)

// Names are what is looked for by name in a workspace: the stages, and then the global ARGs, without what they hold.
func Names(g *stages.Graph) (list []Symbol) {
	o := outline{g: g}
	for _, s := range g.Stages {
		symbol := o.stage(s)
		symbol.Children = nil
		list = append(list, symbol)
	}
	for _, s := range g.Global {
		list = variables(list, s.Instr, g.Offset(s))
	}
	return list
}

// Match is how well a name fits a query: 0 not at all, more is better. The characters of the query have to stand in
// the name in their order, whatever their case: editors sort, and mark what fits, by themselves. Of several words
// the first is of the name, and the others are of the name or of its container, such as a path.
func Match(query, name, container string) (score int) {
	words := strings.Fields(query)
	if len(words) == 0 {
		return fitsAnything
	}
	for _, word := range words[1:] {
		if fit(word, name) == 0 && fit(word, container) == 0 {
			return 0
		}
	}
	return fit(words[0], name)
}

// How well a word fits a name.
const (
	fitsAnything = iota + 1 // there is no word
	fitsScattered
	fitsInside
	fitsPart // it begins a part of the name: after a dash, say
	fitsBeginning
	fitsExactly
)

func fit(word, name string) int {
	word, name = strings.ToLower(word), strings.ToLower(name)
	at := strings.Index(name, word)
	switch {
	case word == name:
		return fitsExactly
	case at == 0:
		return fitsBeginning
	case at > 0:
		for from := at; at >= 0; {
			if before, _ := utf8.DecodeLastRuneInString(name[:from]); !unicode.IsLetter(before) && !unicode.IsDigit(before) {
				return fitsPart
			}
			if at = strings.Index(name[from+1:], word); at >= 0 {
				from += 1 + at
			}
		}
		return fitsInside
	}
	for _, c := range word {
		n := strings.IndexRune(name, c)
		if n < 0 {
			return 0
		}
		name = name[n+utf8.RuneLen(c):]
	}
	return fitsScattered
}

// Found is a name that fits a query.
type Found[T any] struct {
	Symbol Symbol
	Of     T // where it is
	Path   string
	score  int
}

// Search gathers the names that fit a query best.
type Search[T any] struct {
	Query string
	Limit int // how many are found at most
	found []Found[T]
}

// Add adds the names of a file that fit. path is what people call the file.
func (s *Search[T]) Add(path string, of T, names []Symbol) {
	for _, n := range names {
		if score := Match(s.Query, n.Name, path); score > 0 {
			s.found = append(s.found, Found[T]{n, of, path, score})
		}
	}
	if len(s.found) > 4*s.Limit {
		s.Best()
	}
}

// Best are those that fit best: of those that fit alike, stages first, then short names. Without a query they come
// file by file.
func (s *Search[T]) Best() []Found[T] {
	slices.SortStableFunc(s.found, func(a, b Found[T]) int {
		byName := 0
		if a.score > fitsAnything {
			byName = cmp.Or(len(a.Symbol.Name)-len(b.Symbol.Name), strings.Compare(a.Symbol.Name, b.Symbol.Name))
		}
		return cmp.Or(b.score-a.score, cmp.Compare(a.Symbol.Kind, b.Symbol.Kind), byName,
			strings.Compare(a.Path, b.Path), a.Symbol.Span.Start-b.Symbol.Span.Start)
	})
	if len(s.found) > s.Limit {
		s.found = s.found[:s.Limit:s.Limit]
	}
	return s.found
}
