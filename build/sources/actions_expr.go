package sources

import (
	"math"
	"strings"
)

// Expressions of GitHub Actions: ${{ … }}.
//
// Values are Go's: nil for null, bool, float64, string, []any, object. A string may contain unknown; a value of
// which nothing is known is the string unknown.
//
// Source: "Evaluate expressions in workflows and actions", GitHub Docs.

// object is a mapping of an expression. Its keys are in lower case, since expressions ignore case.
type object struct {
	fields map[string]any
	open   bool // it may have more fields than are known
}

// objectOf is an object of text values.
func objectOf(texts map[string]string, open bool) object {
	o := object{map[string]any{}, open}
	for name, text := range texts {
		o.fields[strings.ToLower(name)] = text
	}
	return o
}

func (o object) get(name string) any {
	v, ok := o.fields[strings.ToLower(name)]
	if !ok && o.open {
		return unknown
	}
	return v
}

// expressions evaluates: it has what the names in an expression stand for.
type expressions struct {
	contexts map[string]any // by name, in lower case; what is not here is unknown
	step     func() bool    // counts work: see reading.step
}

// with is the scope with one more context.
func (s expressions) with(name string, v any) expressions {
	contexts := map[string]any{name: v}
	for k, old := range s.contexts {
		if k != name {
			contexts[k] = old
		}
	}
	return expressions{contexts, s.step}
}

// expand replaces the expressions in a text.
func (s expressions) expand(text string) string {
	if !strings.Contains(text, "${{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${{")
		b.WriteString(before)
		if !ok {
			break
		}
		v, after, ok := s.first(rest)
		if !ok || b.Len() > maxText {
			return unknown
		}
		b.WriteString(textOf(v))
		text = after
	}
	return b.String()
}

// value is what a text stands for: a text that is one expression may be of any type.
func (s expressions) value(text string) any {
	if inner, ok := strings.CutPrefix(strings.TrimSpace(text), "${{"); ok {
		if v, after, ok := s.first(inner); ok && after == "" {
			return v
		}
	}
	return s.expand(text)
}

// condition is the value of `if:`, which needs no ${{.
func (s expressions) condition(text string) any {
	if strings.Contains(text, "${{") {
		return s.value(text)
	}
	p := exprParser{s: s, rest: text}
	v := p.or()
	if p.failed || p.peek() != "" {
		return unknown
	}
	return v
}

// first evaluates the expression that a text begins with, and cuts it off with its }}.
func (s expressions) first(text string) (v any, after string, ok bool) {
	p := exprParser{s: s, rest: text}
	v = p.or()
	p.space()
	after, ended := strings.CutPrefix(p.rest, "}}")
	if !p.failed && ended {
		return v, after, true
	}
	// It is malformed, or has something that is not known here: what comes after it stays.
	if _, after, ended := strings.Cut(text, "}}"); ended {
		return unknown, after, true
	}
	return unknown, "", false
}

// exprParser evaluates an expression while it reads it.
type exprParser struct {
	s      expressions
	rest   string
	depth  int
	failed bool
}

const maxExprDepth = 50

func (p *exprParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *exprParser) fail() any {
	p.failed, p.rest = true, ""
	return unknown
}

// peek is the operator, or the first character, that comes next; empty at the end.
func (p *exprParser) peek() string {
	p.space()
	for _, op := range []string{"||", "&&", "==", "!=", "<=", ">="} {
		if strings.HasPrefix(p.rest, op) {
			return op
		}
	}
	return p.rest[:min(1, len(p.rest))]
}

// take reads an operator, if it comes next.
func (p *exprParser) take(op string) bool {
	if p.peek() != op {
		return false
	}
	p.rest = p.rest[len(op):]
	return true
}

func (p *exprParser) or() any {
	v := p.and()
	for p.take("||") {
		if next := p.and(); !isUnknown(v) && !truthy(v) {
			v = next
		}
	}
	return v
}

func (p *exprParser) and() any {
	v := p.equal()
	for p.take("&&") {
		switch next := p.equal(); {
		case !isUnknown(v) && truthy(v):
			v = next
		case isUnknown(v) && next == any(false):
			v = false
		}
	}
	return v
}

func (p *exprParser) equal() any {
	v := p.compare()
	for {
		switch {
		case p.take("=="):
			v = equals(v, p.compare())
		case p.take("!="):
			v = not(equals(v, p.compare()))
		default:
			return v
		}
	}
}

func (p *exprParser) compare() any {
	v := p.not()
	for {
		op := p.peek()
		if op != "<" && op != "<=" && op != ">" && op != ">=" {
			return v
		}
		p.take(op)
		v = compare(op, v, p.not())
	}
}

func (p *exprParser) not() any {
	if p.depth++; p.depth > maxExprDepth || !p.s.step() {
		return p.fail()
	}
	defer func() { p.depth-- }()
	if p.peek() == "!" {
		p.take("!")
		return not(p.not())
	}
	return p.postfix()
}

// postfix is a value with what is taken out of it.
func (p *exprParser) postfix() any {
	v := p.primary()
	for !p.failed {
		switch {
		case p.take("["):
			if p.take("*") {
				v = unknown
			} else {
				v = index(v, p.or())
			}
			if !p.take("]") {
				return p.fail()
			}
		case p.take("."):
			p.space()
			name := exprName(p.rest)
			switch {
			case p.take("*"):
				v = unknown
			case name == "":
				return p.fail()
			default:
				p.rest = p.rest[len(name):]
				v = index(v, name)
			}
		default:
			return v
		}
	}
	return unknown
}

func (p *exprParser) primary() any {
	next := p.peek()
	switch {
	case next == "":
		return p.fail()
	case next == "(":
		p.take("(")
		v := p.or()
		if !p.take(")") {
			return p.fail()
		}
		return v
	case next == "'":
		return p.quoted()
	case strings.Contains("0123456789+-.", next):
		n := strings.IndexFunc(p.rest[1:], func(c rune) bool {
			return !strings.ContainsRune("0123456789abcdefABCDEFx+-.", c)
		})
		text := p.rest
		if n >= 0 {
			text = text[:n+1]
		}
		p.rest = p.rest[len(text):]
		f := number(text)
		if math.IsNaN(f) {
			return p.fail()
		}
		return f
	}
	name := exprName(p.rest)
	if name == "" {
		return p.fail()
	}
	p.rest = p.rest[len(name):]
	if p.take("(") {
		return p.call(strings.ToLower(name))
	}
	switch strings.ToLower(name) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	case "nan":
		return math.NaN()
	case "infinity":
		return math.Inf(1)
	}
	if v, ok := p.s.contexts[strings.ToLower(name)]; ok {
		return v
	}
	return unknown
}

// quoted reads a text in quotes, in which two quotes stand for one.
func (p *exprParser) quoted() any {
	var b strings.Builder
	rest := p.rest[1:]
	for {
		part, after, ok := strings.Cut(rest, "'")
		if !ok {
			return p.fail()
		}
		b.WriteString(part)
		if !strings.HasPrefix(after, "'") {
			p.rest = after
			return b.String()
		}
		b.WriteByte('\'')
		rest = after[1:]
	}
}

func (p *exprParser) call(name string) any {
	var args []any
	for p.peek() != ")" {
		args = append(args, p.or())
		if p.failed || !p.take(",") {
			break
		}
	}
	if !p.take(")") {
		return p.fail()
	}
	return callFunction(name, args)
}

// exprName is the name that a text begins with.
func exprName(s string) string {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return s[:i]
		}
	}
	return s
}
