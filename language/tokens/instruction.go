package tokens

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// paint colours an instruction.
func paint(in *syntax.Instruction, k key) []Token {
	p := newPainter(in.Text)
	for _, c := range slices.Concat(in.Comments, in.Inner) {
		p.paint(source(in.Text), c.Start, c.End, Comment, 0)
	}
	line := line{p, k, in, func(i int) int { return i }}
	line.paint()
	line.names(occurrences.In(in, k.escape, strings.Split(k.shell, "\x00")))
	return p.tokens()
}

// line paints the parts of one instruction: that of the text, or the one that its ONBUILD holds.
type line struct {
	*painter
	key key
	in  *syntax.Instruction
	at  func(int) int // the place in the painted text of an offset of in.Text
}

// whole is the logical line.
func (l line) whole() part {
	joined := l.in.Joined()
	return part{joined.Line, func(i int) int { return l.at(joined.At(i)) }}
}

// of is what stands at a span of in.Text, without continuations.
func (l line) of(span text.Span) part {
	joined := l.in.Joined()
	if span.Len() == 0 {
		return part{"", l.at}
	}
	start := joined.Index(span.Start)
	return l.whole().sub(start, max(start, joined.Index(span.End-1)+1))
}

func (l line) span(span text.Span, t Type) {
	of := l.of(span)
	l.painter.paint(of, 0, len(of.text), t, 0)
}

func (l line) paint() {
	row := grammar.Find(l.in.Name)
	if row == nil {
		return // BuildKit does not know it
	}
	l.span(l.in.Keyword, Keyword)
	for _, f := range l.in.Flags {
		l.flag(f, row.Flag(f.Name.Of(l.in.Text)))
	}
	words := make([]part, len(l.in.Words))
	for i, w := range l.in.Words {
		words[i] = l.of(w.Span)
		switch {
		case l.in.JSON:
			l.all(words[i], String)
		case runsShell(l.in.Name):
		default:
			l.quoted(words[i])
		}
	}
	switch l.in.Name {
	case "FROM":
		if len(words) > 0 {
			l.image(words[0])
		}
		if len(words) > 1 && strings.EqualFold(words[1].text, "as") {
			l.all(words[1], Keyword)
		}
	case "ARG", "ENV", "LABEL":
		for i, w := range words {
			l.pair(w, i == 0)
		}
	case "EXPOSE":
		for _, w := range words {
			l.port(w)
		}
	case "STOPSIGNAL":
		if len(words) > 0 {
			l.signal(words[0])
		}
	case "HEALTHCHECK":
		if len(words) > 0 && (strings.EqualFold(words[0].text, "CMD") || strings.EqualFold(words[0].text, "NONE")) {
			l.all(words[0], Keyword)
		}
	case "ONBUILD":
		l.trigger()
	}
	if runsShell(l.in.Name) {
		l.script()
	}
}

func runsShell(name string) bool {
	return name == "RUN" || name == "CMD" || name == "ENTRYPOINT" || name == "HEALTHCHECK"
}

func (l line) all(of part, t Type) { l.painter.paint(of, 0, len(of.text), t, 0) }

// quoted colours what stands in quotes in a word that BuildKit reads. A quote that is not closed is a string to the
// end of its word, but not where words end at blanks whatever the quotes.
func (l line) quoted(w part) {
	open := l.in.Name == "ARG" || l.in.Name == "ENV" || l.in.Name == "LABEL"
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; c {
		case l.key.escape:
			i++
		case '\'', '"':
			start := i
			for i++; i < len(w.text) && w.text[i] != c; i++ {
				if w.text[i] == l.key.escape && c == '"' {
					i++
				}
			}
			if open || i < len(w.text) {
				l.painter.paint(w, start, i+1, String, 0)
			}
		}
	}
}

// image colours the name of an image, and its tag or digest. A colon inside ${…} begins no tag.
func (l line) image(w part) {
	end, depth := len(w.text), 0
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case depth > 0:
		case c == '/':
			end = len(w.text) // what was before was the port of a registry
		case c == ':' && end == len(w.text), c == '@' && end == len(w.text):
			end = i
		}
		if end < len(w.text) && w.text[end] == '@' {
			break
		}
	}
	l.painter.paint(w, 0, end, Class, 0)
	l.painter.paint(w, end+1, len(w.text), Property, 0)
}

// pair colours the = of name=value, and the key of a label. The names of variables are among the occurrences.
func (l line) pair(w part, first bool) {
	name, _, ok := strings.Cut(w.text, "=")
	if l.in.Name == "LABEL" && (ok || first) {
		l.painter.paint(w, 0, len(name), Property, 0)
	}
	if ok {
		l.painter.paint(w, len(name), len(name)+1, Operator, 0)
	}
}

func (l line) port(w part) {
	port, protocol, ok := strings.Cut(w.text, "/")
	if isNumber(strings.ReplaceAll(port, "-", "")) {
		l.painter.paint(w, 0, len(port), Number, 0)
	}
	if ok && !strings.Contains(protocol, "$") {
		l.painter.paint(w, len(port)+1, len(w.text), EnumMember, 0)
	}
}

func (l line) signal(w part) {
	switch {
	case isNumber(w.text):
		l.all(w, Number)
	case strings.HasPrefix(strings.ToUpper(w.text), "SIG"):
		l.all(w, EnumMember)
	}
}

// isNumber reports whether a text is made of digits.
func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// flag colours a flag that the instruction has.
func (l line) flag(f syntax.Flag, row *grammar.Flag) {
	if row == nil {
		return
	}
	l.span(text.Span{Start: f.Span.Start, End: f.Name.End}, Property)
	if !f.HasValue {
		return
	}
	l.equals(f.Name.End)
	value := l.of(f.Value)
	switch row.Value {
	case grammar.Mount:
		l.mount(value)
	case grammar.Image, grammar.Source:
		l.image(value)
	default:
		l.value(value, row.Value, row.Values)
	}
}

// equals colours the = at an offset of the instruction's Text.
func (l line) equals(at int) {
	joined := l.in.Joined()
	if i := joined.Index(at); i < len(joined.Line) && joined.Line[i] == '=' {
		l.painter.paint(l.whole(), i, i+1, Operator, 0)
	}
}

// value colours the value of a flag, or of a key of a mount, by what the grammar says that it is.
func (l line) value(w part, kind grammar.Kind, values []string) {
	switch kind {
	case grammar.Choice:
		if slices.Contains(values, w.text) {
			l.all(w, EnumMember)
		}
	case grammar.Bool:
		if w.text == "true" || w.text == "false" {
			l.all(w, EnumMember)
		}
	case grammar.Number, grammar.Mode:
		if isNumber(w.text) {
			l.all(w, Number)
		}
	case grammar.Duration, grammar.Size:
		if w.text != "" && '0' <= w.text[0] && w.text[0] <= '9' && !strings.Contains(w.text, "$") {
			l.all(w, Number)
		}
	case grammar.Checksum:
		l.all(w, Property)
	default:
		l.quoted(w)
	}
}

// mount colours key=value,… of a mount. BuildKit drops quotes before it looks for the commas.
func (l line) mount(w part) {
	for start := 0; start < len(w.text); {
		end := until(w.text, start, ',')
		field := unquoted(w.sub(start, end))
		key, _, ok := strings.Cut(field.text, "=")
		if row := grammar.FindMountKey(key); row != nil {
			l.painter.paint(field, 0, len(key), Property, 0)
			if ok {
				l.painter.paint(field, len(key), len(key)+1, Operator, 0)
				value := unquoted(field.sub(len(key)+1, len(field.text)))
				if row.Value == grammar.Source || row.Value == grammar.Image {
					l.image(value)
				} else {
					l.value(value, row.Value, row.Values)
				}
			}
		}
		start = end + 1
	}
}

// unquoted is a part without the quotes around it.
func unquoted(w part) part {
	const quotes = `"'`
	start := len(w.text) - len(strings.TrimLeft(w.text, quotes))
	return w.sub(start, max(start, len(strings.TrimRight(w.text, quotes))))
}

// trigger colours the instruction that an ONBUILD holds.
func (l line) trigger() {
	outer := l.of(l.in.Args)
	head := ""
	if l.key.escape == '`' {
		head = "# escape=`\n"
	}
	f := syntax.Parse(head + outer.text)
	if len(f.Instructions) == 0 {
		return
	}
	row := grammar.Find(f.Instructions[0].Name)
	if row == nil || !row.OnBuild {
		return
	}
	start := f.Start(0) - len(head)
	line{l.painter, l.key, f.Instructions[0], func(i int) int {
		if i += start; i < len(outer.text) {
			return outer.at(i)
		}
		return -1
	}}.paint()
}
