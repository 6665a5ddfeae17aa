package sources

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// readDotenv adds the variables of a .env file to others of its kind, which yield to them. Those that are set
// already count for more where one names another. Where a text cannot be read as compose reads it, the error
// says so, without any of the text: it may be secret. Variables before that are kept.
func readDotenv(src string, set, vars map[string]string) (line int, err error) {
	d := &dotenvText{rest: strings.TrimPrefix(src, "\ufeff")}
	value := func(name string) (string, bool) {
		if v, ok := set[name]; ok {
			return v, true
		}
		v, ok := vars[name]
		return v, ok
	}
	at, read, size := 1, 0, 0
	for d.begin() {
		done := len(src) - len(d.rest)
		at += strings.Count(src[read:done], "\n")
		read = done
		name, has, err := d.name()
		if err != nil {
			return at, err
		}
		if !has { // it is taken from the environment, of which nothing is known
			continue
		}
		text, expands, err := d.value()
		if err != nil {
			return at, err
		}
		if expands {
			if text, err = interpolate(text, value); err != nil {
				return at, err
			}
		}
		if size += len(text); len(text) > maxText || size > maxSource {
			return at, errTooLong
		}
		vars[name] = text
	}
	return 0, nil
}

// dotenvText is what is left to read of a .env file.
type dotenvText struct{ rest string }

// begin goes to the next variable.
func (d *dotenvText) begin() bool {
	for {
		d.rest = strings.TrimLeftFunc(d.rest, unicode.IsSpace)
		if !strings.HasPrefix(d.rest, "#") {
			return d.rest != ""
		}
		_, d.rest, _ = strings.Cut(d.rest, "\n")
	}
}

// name takes a variable's name, and the sign behind it, if there is one.
func (d *dotenvText) name() (name string, has bool, err error) {
	if after, ok := strings.CutPrefix(d.rest, "export"); ok && strings.TrimLeft(after, "\t\n\f\r ") != after {
		if d.rest = strings.TrimLeftFunc(after, isBlank); d.rest == "" {
			return "", false, fmt.Errorf("a variable has no name")
		}
	}
	for i, c := range d.rest {
		switch {
		case c == '=' || c == ':' || c == '\n':
			name, has = strings.TrimRightFunc(d.rest[:i], unicode.IsSpace), c != '\n'
			if strings.Contains(name, " ") {
				return "", false, fmt.Errorf("a variable's name holds a space")
			}
			d.rest = strings.TrimLeftFunc(d.rest[i+1:], isBlank)
			return name, has, nil
		case isBlank(c) || strings.ContainsRune("_.-[]", c) || unicode.IsLetter(c) || unicode.IsNumber(c):
		default:
			return "", false, fmt.Errorf("a variable's name holds %q", c)
		}
	}
	d.rest = "" // a last line without a sign
	return "", false, nil
}

// value takes a value, and reports whether variables in it count.
func (d *dotenvText) value() (text string, expands bool, err error) {
	if d.rest == "" || d.rest[0] != '"' && d.rest[0] != '\'' {
		text, d.rest, _ = strings.Cut(d.rest, "\n")
		text, _, _ = strings.Cut(text, " #")
		return strings.TrimRightFunc(text, unicode.IsSpace), true, nil
	}
	quote := d.rest[0]
	var b strings.Builder
	for i := 1; i < len(d.rest); i++ {
		switch c := d.rest[i]; {
		case c == quote:
			d.rest = d.rest[i+1:]
			if quote == '\'' {
				return b.String(), false, nil
			}
			return unescape(b.String()), true, nil
		case c == '\\' && i+1 < len(d.rest):
			if i++; d.rest[i] != quote {
				b.WriteByte('\\')
			}
			b.WriteByte(d.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false, fmt.Errorf("a quote is not closed")
}

// unescape puts in what the escapes of a text in double quotes stand for: \n, \t, \", \$, \0 with digits.
func unescape(text string) string {
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(text, `\`)
		b.WriteString(plain)
		if !found {
			return b.String()
		}
		n := 0 // of bytes that the escape has
		switch {
		case rest == "":
		case strings.IndexByte(`abcfnrtv$"\`, rest[0]) >= 0:
			n = 1
		case rest[0] == '0':
			for n = 1; n < 4 && n < len(rest) && '0' <= rest[n] && rest[n] <= '9'; n++ {
			}
		}
		escape := `\` + rest[:n]
		switch {
		case escape == `\$`:
			b.WriteString("$$")
		case n == 0:
			b.WriteString(escape)
		default:
			if strings.HasPrefix(escape, `\0`) {
				escape = `\` + escape[2:]
			}
			if c, _, _, err := strconv.UnquoteChar(escape, '"'); err == nil {
				b.WriteString(string(c))
			} else {
				b.WriteString(escape)
			}
		}
		text = rest[n:]
	}
}

// isBlank reports whether a character is a space that ends no line.
func isBlank(c rune) bool { return c != '\n' && unicode.IsSpace(c) }
