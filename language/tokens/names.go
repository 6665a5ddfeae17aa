package tokens

import (
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/text"
)

// names colours what is named: variables, stages, here-documents and users.
func (l line) names(list []occurrences.Occurrence) {
	l.heredocs()
	bit := uint64(1)
	for i := range list {
		o := &list[i]
		switch o.Kind {
		case occurrences.Variable, occurrences.Local:
			if o.By != occurrences.Nobody {
				l.variable(o)
			}
		case occurrences.Stage:
			if o.Defines {
				l.name(o.Span, Namespace, Declaration)
				continue
			}
			if l.key.stages&bit != 0 {
				l.name(o.Span, Namespace, 0)
			}
			bit <<= 1
		case occurrences.Heredoc:
			if !o.Defines { // else heredocs has coloured it, with its quotes
				l.painter.paint(source(l.in.Text), o.Span.Start, o.Span.End, Keyword, 0)
			}
		case occurrences.User:
			if isNumber(o.Name) {
				l.name(o.Span, Number, 0)
			}
		}
	}
}

// name colours a name in the logical line, or in a here-document.
func (l line) name(span text.Span, t Type, m Modifiers) {
	of, start, end := l.place(span)
	l.painter.paint(of, start, end, t, m)
}

// place finds a span in the logical line, or in the bodies of here-documents.
func (l line) place(span text.Span) (of part, start, end int) {
	joined := l.in.Joined()
	start = joined.Index(span.Start)
	if start < len(joined.Line) && joined.At(start) == span.Start && span.Len() > 0 {
		return l.whole(), start, joined.Index(span.End-1) + 1
	}
	return source(l.in.Text), span.Start, span.End
}

// heredocs colours the operators of here-documents.
func (l line) heredocs() {
	for _, h := range l.in.Heredocs {
		of := l.of(h.Op)
		n := strings.Index(of.text, "<<")
		if n < 0 {
			continue
		}
		end := n + 2
		if strings.HasPrefix(of.text[end:], "-") {
			end++
		}
		l.painter.paint(of, n, end, Operator, 0)
		l.painter.paint(of, end+blanks(of.text[end:]), len(of.text), Keyword, 0)
	}
}

func blanks(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// variable colours the definition of a variable, or its use from the $ on.
func (l line) variable(o *occurrences.Occurrence) {
	of, start, end := l.place(o.Span)
	if end > len(of.text) || start >= end {
		return
	}
	m := Modifiers(0)
	if o.Defines {
		if o.Kind == occurrences.Variable {
			m = Declaration
		}
		l.painter.paint(of, start, end, Variable, m)
		if end < len(of.text) && of.text[end] == '=' {
			l.painter.paint(of, end, end+1, Operator, 0)
		} else if strings.HasPrefix(of.text[end:], "+=") {
			l.painter.paint(of, end, end+2, Operator, 0)
		}
		return
	}
	if l.key.from || isGiven(o.Name) {
		m = ReadOnly | DefaultLibrary
	}
	switch {
	case strings.HasSuffix(of.text[:start], "${"):
		l.painter.paint(of, start-2, end, Variable, m)
		l.modifier(of, end, m)
	case strings.HasSuffix(of.text[:start], "$"):
		l.painter.paint(of, start-1, end, Variable, m)
	default: // export NAME
		l.painter.paint(of, start, end, Variable, m)
	}
}

// isGiven reports whether a variable comes with the build.
func isGiven(name string) bool {
	return grammar.FindVariable(grammar.PlatformArgs, name) != nil || grammar.FindVariable(grammar.ProxyArgs, name) != nil
}

// modifier colours what stands behind the name in ${name…}, and its end.
func (l line) modifier(of part, at int, m Modifiers) {
	end := at
	for end < len(of.text) && end < at+2 && strings.IndexByte(":-+?=#%/", of.text[end]) >= 0 {
		end++
	}
	l.painter.paint(of, at, end, Operator, 0)
	if end, closed := text.BraceEnd(of.text, end); closed {
		l.painter.paint(of, end-1, end, Variable, m)
	}
}
