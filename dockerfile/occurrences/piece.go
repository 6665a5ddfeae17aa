package occurrences

import (
	"encoding/json"
	"strings"
	"unicode"

	"layerwise/dockerfile/text"
)

// piece is a text as BuildKit or a shell reads it, with its places in the instruction's Text: continuations and
// what stands between them are not in it.
type piece struct {
	text string
	at   func(int) int // the place in Text of a byte
}

// span is the place in Text of a part. Its end is the end of its last byte.
func (p piece) span(start, end int) text.Span {
	if start >= end {
		at := 0
		switch {
		case start < len(p.text):
			at = p.at(start)
		case len(p.text) > 0:
			at = p.at(len(p.text)-1) + 1
		default:
			at = p.at(0)
		}
		return text.Span{Start: at, End: at}
	}
	return text.Span{Start: p.at(start), End: p.at(end-1) + 1}
}

func (p piece) sub(start, end int) piece {
	return piece{p.text[start:end], func(i int) int { return p.at(start + i) }}
}

// trim is the piece without blanks around it.
func (p piece) trim() piece {
	start := len(p.text) - len(strings.TrimLeftFunc(p.text, unicode.IsSpace))
	return p.sub(start, start+len(strings.TrimSpace(p.text)))
}

// unquoted is the piece without a pair of quotes around all of it.
func (p piece) unquoted() piece {
	if n := len(p.text); n >= 2 && (p.text[0] == '"' || p.text[0] == '\'') && p.text[n-1] == p.text[0] {
		return p.sub(1, n-1)
	}
	return p
}

// flag is the value of a flag as BuildKit reads it, before it looks for variables: without quotes and escapes.
func (p piece) flag(escape byte) piece {
	if !strings.ContainsAny(p.text, "\"'"+string(escape)) {
		return p
	}
	var b strings.Builder
	var places []int
	var quote byte
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
			continue
		case quote != 0 && c == quote:
			quote = 0
			continue
		case c == escape && i+1 < len(p.text):
			i++
		case c == escape:
			continue
		}
		b.WriteByte(p.text[i])
		places = append(places, i)
	}
	return piece{b.String(), func(i int) int {
		if i >= len(places) {
			return p.at(len(p.text))
		}
		return p.at(places[i])
	}}
}

// decoded is what a string of JSON says, its quotes still around it in p. Of an escaped character each byte stands
// where the escape does.
func (p piece) decoded() piece {
	p = p.unquoted()
	if strings.IndexByte(p.text, '\\') < 0 {
		return p
	}
	var b strings.Builder
	var places []int
	for i := 0; i < len(p.text); {
		n := 1
		if p.text[i] == '\\' {
			n = 2
			if i+1 < len(p.text) && p.text[i+1] == 'u' {
				n = 6
				if strings.HasPrefix(p.text[min(i+n, len(p.text)):], `\u`) {
					n = 12 // it may be the second half of one character
				}
			}
		}
		n = min(n, len(p.text)-i)
		part := p.text[i : i+n]
		if part[0] == '\\' {
			var s string
			if json.Unmarshal([]byte(`"`+part+`"`), &s) == nil {
				part = s
			}
		}
		b.WriteString(part)
		for range part {
			places = append(places, i)
		}
		for len(places) < b.Len() {
			places = append(places, i)
		}
		i += n
	}
	return piece{b.String(), func(i int) int {
		if i >= len(places) {
			return p.at(len(p.text))
		}
		return p.at(places[i])
	}}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nameEnd is the end of the variable's name that begins at i; i if none does.
func nameEnd(s string, i int) int {
	if i >= len(s) || isDigit(s[i]) {
		return i
	}
	for i < len(s) && text.IsWord(s[i]) {
		i++
	}
	return i
}

// IsVariableName reports whether a variable of that name can be used as $name.
func IsVariableName(name string) bool { return name != "" && nameEnd(name, 0) == len(name) }
