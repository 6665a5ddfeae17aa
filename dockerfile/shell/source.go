package shell

import "layerwise/dockerfile/text"

// Source reads a script that stands in another file, such as a lifecycle script of package.json. Spans
// are those of the source.
func Source(source string) *Script {
	return parse(source, func(i int) int { return i }, len(source))
}

// Text is what the shell is given to read: "" in exec form, or if that is not known.
func (s *Script) Text() string { return s.src }

// Continued reports whether a place of the instruction's text holds a line end that the shell never sees: what stands there is
// longer than what the shell reads.
func (s *Script) Continued(place text.Span) bool {
	n := 0
	for i := range s.src {
		if at := s.at(i); place.Start <= at && at < place.End {
			n++
		}
	}
	return n < place.Len()
}

// Place is where what stands between two offsets of Text stands in the instruction's text.
func (s *Script) Place(from, to int) text.Span {
	if s.src == "" {
		return text.Span{}
	}
	r := reader{script: s, src: s.src, at: s.at, end: s.at(len(s.src)-1) + 1}
	return r.bytes(from, to)
}
