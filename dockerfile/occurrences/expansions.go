package occurrences

import (
	"slices"
	"strings"

	"layerwise/dockerfile/text"
)

// single is the place after the quote that ends a text in single quotes.
func single(t string, i int) int {
	if n := strings.IndexByte(t[min(i, len(t)):], '\''); n >= 0 {
		return i + n + 1
	}
	return len(t)
}

// double reads up to and with the quote that ends a text in double quotes.
func (x *script) double(i int) int {
	t := x.p.text
	for i < len(t) {
		switch t[i] {
		case '"':
			return i + 1
		case '\\':
			x.s.escaped(x.p, i+1)
			i += 2
		case '$':
			i = x.dollar(i, true)
		case '`':
			if x.ticks > 0 {
				return i
			}
			i = x.backquote(i)
		default:
			i++
		}
	}
	return len(t)
}

func (x *script) backquote(i int) int {
	n := len(x.set)
	x.ticks++
	i = x.list(i+1, '`')
	x.ticks--
	x.set = x.set[:min(n, len(x.set))]
	return i
}

// dollar reads what a $ at i stands before.
func (x *script) dollar(i int, quoted bool) int {
	t := x.p.text
	i++
	if i >= len(t) {
		return i
	}
	switch {
	case t[i] == '\'' && !quoted:
		for i++; i < len(t) && t[i] != '\''; i++ {
			if t[i] == '\\' {
				i++
			}
		}
		return min(i+1, len(t))
	case strings.HasPrefix(t[i:], "(("):
		return x.arithmetic(i + 2)
	case t[i] == '(':
		n := len(x.set)
		ticks := x.ticks
		x.ticks = 0
		i = x.list(i+1, ')')
		x.ticks = ticks
		x.set = x.set[:min(n, len(x.set))]
		return i
	case t[i] == '{':
		return x.braced(i+1, quoted)
	}
	if end := nameEnd(t, i); end > i {
		x.use(i, end)
		return end
	}
	if strings.IndexByte("0123456789@*#?-$!", t[i]) >= 0 {
		i++
	}
	return i
}

// braced reads ${name…} from after its brace on.
func (x *script) braced(i int, quoted bool) int {
	t := x.p.text
	if i+1 < len(t) && (t[i] == '#' || t[i] == '!') && nameEnd(t, i+1) > i+1 {
		i++
	}
	end := nameEnd(t, i)
	if end > i {
		x.use(i, end)
		if strings.HasPrefix(t[end:], "=") || strings.HasPrefix(t[end:], ":=") {
			x.set = append(x.set, t[i:end])
		}
		i = end
	}
	for i < len(t) {
		switch t[i] {
		case '}':
			return i + 1
		case '\\':
			x.s.escaped(x.p, i+1)
			i += 2
		case '\'':
			if quoted {
				i++
			} else {
				i = single(t, i+1)
			}
		case '"':
			i = x.double(i + 1)
		case '$':
			i = x.dollar(i, quoted)
		case '`':
			if x.ticks > 0 {
				return i
			}
			i = x.backquote(i)
		case '\n':
			return i // it was not closed
		default:
			i++
		}
	}
	return len(t)
}

// arithmetic reads $((…)) from its text on, where a name needs no $.
func (x *script) arithmetic(i int) int {
	t := x.p.text
	for depth := 2; i < len(t); {
		switch c := t[i]; {
		case c == '(':
			depth++
			i++
		case c == ')':
			i++
			if depth--; depth == 0 {
				return i
			}
		case c == '$':
			i = x.dollar(i, true)
		case isDigit(c):
			for i < len(t) && text.IsWord(t[i]) {
				i++
			}
		case text.IsWord(c):
			end := nameEnd(t, i)
			x.use(i, end)
			i = end
		default:
			i++
		}
	}
	return len(t)
}

// use notes a variable that the shell replaces.
func (x *script) use(start, end int) {
	name := x.p.text[start:end]
	if slices.Contains(x.set, name) || ofShells.MatchString(name) {
		x.s.add(Occurrence{Kind: Local, By: x.by, Name: name, Span: x.p.span(start, end)})
		return
	}
	x.s.variable(x.p, start, end, x.by)
}

// local notes a variable that the script sets.
func (x *script) local(start, end int) {
	x.s.add(Occurrence{Kind: Local, Defines: true, By: x.by, Name: x.p.text[start:end], Span: x.p.span(start, end)})
}

// doc is a here-document of which the body is still to come.
type doc struct {
	word          string
	quoted, chomp bool
}

// heredoc reads the word of a here-document after its <<.
func heredoc(t string, i int) (int, doc) {
	var d doc
	if i < len(t) && t[i] == '-' {
		d.chomp = true
		i++
	}
	for i < len(t) && (t[i] == ' ' || t[i] == '\t') {
		i++
	}
	var word strings.Builder
	for i < len(t) && strings.IndexByte(" \t\r\n;&|()<>", t[i]) < 0 {
		switch t[i] {
		case '\'', '"':
			d.quoted = true
		case '\\':
			d.quoted = true
		default:
			word.WriteByte(t[i])
		}
		i++
	}
	d.word = word.String()
	return i, d
}

// body reads the body of a here-document and the line that ends it.
func (x *script) body(i int, d doc) int {
	t := x.p.text
	for i < len(t) {
		end := len(t)
		if n := strings.IndexByte(t[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := strings.TrimRight(t[i:end], "\r\n")
		if d.chomp {
			line = strings.TrimLeft(line, "\t")
		}
		if line == d.word {
			return end
		}
		if !d.quoted {
			x.lines(i, end)
		}
		i = end
	}
	return len(t)
}

// lines reads a part of a here-document that the shell expands, where quotes mean nothing.
func (x *script) lines(i, end int) {
	for i < end {
		switch x.p.text[i] {
		case '\\':
			x.s.escaped(x.p, i+1)
			i += 2
		case '$':
			i = x.dollar(i, true)
		case '`':
			i = x.backquote(i)
		default:
			i++
		}
	}
}
