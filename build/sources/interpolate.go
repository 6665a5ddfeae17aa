package sources

import (
	"errors"
	"strings"
)

// lookup is the value of a variable, and whether it has one.
type lookup func(name string) (string, bool)

var (
	errTemplate = errors.New("a $ that stands for itself is written $$")
	errTooDeep  = errors.New("its variables nest too deep")
	errTooLong  = errors.New("its value is too long")
)

// maxNested is how deep defaults may stand in defaults.
const maxNested = 64

// interpolate puts the values of variables into a text as compose does it, in its files and in .env:
// $V, ${V}, ${V:-default}, ${V-default}, ${V:?message}, ${V:+other}, and $$ for $. Of a variable without
// value the default is taken, or else it is unknown.
func interpolate(text string, value lookup) (string, error) {
	return interpolateTo(text, value, 0)
}

func interpolateTo(text string, value lookup, depth int) (string, error) {
	if depth > maxNested {
		return unknown, errTooDeep
	}
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(text, "$")
		b.WriteString(plain)
		switch {
		case b.Len() > maxSource:
			return unknown, errTooLong
		case !found:
			return b.String(), nil
		case strings.HasPrefix(rest, "$"):
			b.WriteByte('$')
			text = rest[1:]
		case strings.HasPrefix(rest, "{"):
			end := closing(rest)
			if end < 0 {
				return unknown, errTemplate
			}
			v, err := braced(rest[1:end], value, depth)
			if err != nil {
				return unknown, err
			}
			b.WriteString(v)
			text = rest[end+1:]
		default:
			n := nameLen(rest)
			if n == 0 { // $1 is no variable
				b.WriteByte('$')
			} else if v, ok := value(rest[:n]); ok {
				b.WriteString(v)
			} else {
				b.WriteString(unknown)
			}
			text = rest[n:]
		}
	}
}

// closing is where the brace ends that a text begins with. What follows a brace at once is not looked at,
// and one that nothing closes ends with the last on its line, as in compose.
func closing(text string) int {
	open, last := 0, -1
	for i := 0; i < len(text) && text[i] != '\n'; i++ {
		switch text[i] {
		case '}':
			open--
			last = i
			if open == 0 {
				return i
			}
		case '{':
			open++
			if i++; i < len(text) && text[i] == '}' {
				last = i
			}
			if i < len(text) && text[i] == '\n' {
				return last
			}
		}
	}
	return last
}

// braced is the value of what stands in ${…}.
func braced(text string, value lookup, depth int) (string, error) {
	n := nameLen(text)
	name, rest := text[:n], text[n:]
	v, ok := value(name)
	if n == 0 {
		return "", errTemplate
	}
	if rest == "" {
		if !ok {
			v = unknown
		}
		return v, nil
	}
	operator, operand := rest[:1], rest[1:]
	orEmpty := operator == ":" && operand != ""
	if orEmpty {
		operator, operand = operand[:1], operand[1:]
	}
	has := ok && !(orEmpty && v == "")
	switch operator {
	case "-":
		if !has {
			return interpolateTo(operand, value, depth+1)
		}
		return v, nil
	case "+":
		if has {
			return interpolateTo(operand, value, depth+1)
		}
		return v, nil
	case "?":
		if !has {
			v = unknown
		}
		return v, nil
	}
	return "", errTemplate
}

// nameLen is the length of the variable's name that a text begins with.
func nameLen(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(text)
}
