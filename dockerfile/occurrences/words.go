package occurrences

// words finds the variables in a word that BuildKit expands, as its lexer reads it: quotes, the escape character,
// and ${name}, ${name:-word}, ${name#word}, ${name/word/word}.
type words struct {
	s      *scanner
	p      piece
	escape byte
	quotes bool // quotes mean something, as in all but the bodies of here-documents
}

// until reads up to and with a byte that ends the word; 0 stands for the end of the text. It is the place after it.
func (w *words) until(i int, stop byte) int {
	for i < len(w.p.text) {
		switch c := w.p.text[i]; {
		case c == stop && stop != 0:
			return i + 1
		case c == '\'' && w.quotes:
			end := single(w.p.text, i+1)
			w.s.untouched(w.p.sub(i, end))
			i = end
		case c == '"' && w.quotes:
			i = w.double(i + 1)
		case c == '$':
			i = w.dollar(i)
		case c == w.escape:
			w.s.escaped(w.p, i+1)
			i += 2
		default:
			i++
		}
	}
	return len(w.p.text)
}

// double reads up to and with the quote that ends a text in double quotes, where an escape counts before
// a few characters only.
func (w *words) double(i int) int {
	t := w.p.text
	for i < len(t) {
		switch c := t[i]; {
		case c == '"':
			return i + 1
		case c == '$':
			i = w.dollar(i)
		case c == w.escape && i+1 < len(t) && (t[i+1] == '"' || t[i+1] == '$' || t[i+1] == w.escape):
			w.s.escaped(w.p, i+1)
			i += 2
		default:
			i++
		}
	}
	return len(t)
}

// dollar reads what a $ at i stands before.
func (w *words) dollar(i int) int {
	t := w.p.text
	i++
	braced := i < len(t) && t[i] == '{'
	if braced {
		i++
	}
	end := nameEnd(t, i)
	if end == i {
		for end < len(t) && isDigit(t[end]) {
			end++ // an argument, which no build has
		}
		if !braced {
			if end == i && end < len(t) && (t[end] == '$' || t[end] == '#' || t[end] == '@' || t[end] == '*' || t[end] == '?' || t[end] == '!' || t[end] == '-') {
				end++
			}
			return end
		}
	} else {
		w.s.variable(w.p, i, end, Builder)
	}
	if !braced || end >= len(t) {
		return end
	}
	op := t[end]
	if op == '}' {
		return end + 1
	}
	if op == ':' && end+1 < len(t) {
		end++
		op = t[end]
	}
	switch op {
	case '-', '+', '?', '#', '%':
		return w.until(end+1, '}')
	case '/':
		if end++; end < len(t) && t[end] == '/' {
			end++
		}
		return w.until(w.until(end, '/'), '}')
	}
	return end // BuildKit refuses it
}
