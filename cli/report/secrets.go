package report

import (
	"strings"

	"layerwise/dockerfile/text"
)

// shown is the source as reports may show it: the same text, with stars on the lines on which a rule has found a secret. All
// places stay what they are.
func (f *File) shown() string {
	var masked []byte
	for i := range f.Findings {
		found := &f.Findings[i]
		if !found.Rule.Secret {
			continue
		}
		if masked == nil {
			masked = []byte(f.Source)
		}
		last := f.Lines.Line(max(found.Span.Start, found.Span.End-1))
		for n := f.Lines.Line(found.Span.Start); n <= last; n++ {
			mask(masked, f.Source, f.Lines.Span(n), found.Span)
		}
	}
	if masked == nil {
		return f.Source
	}
	return string(masked)
}

// mask puts stars for all of a line but its keyword, the names of variables before their values, and blanks.
func mask(masked []byte, source string, line, found text.Span) {
	at := line.Start
	for word := range strings.FieldsFuncSeq(line.Of(source), func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }) {
		at += strings.Index(source[at:line.End], word)
		name, _, isSet := strings.Cut(word, "=")
		keyword := strings.TrimSpace(source[line.Start:at]) == "" && at+len(word) < line.End
		from := at
		if plainName(name) && (isSet || keyword || found == text.Span{Start: at, End: at + len(word)}) {
			from += len(name) + len(word[len(name):min(len(name)+1, len(word))])
		}
		for i := from; i < at+len(word); i++ {
			masked[i] = '*'
		}
		at += len(word)
	}
}

// plainName reports whether a word is a keyword or the name of a variable as people write them, and nothing that is made at random.
func plainName(word string) bool {
	return len(word) < 64 && !strings.ContainsFunc(word, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })
}
