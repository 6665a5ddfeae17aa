package sources

import (
	"encoding/json"
	"math"
	"strconv"
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

func index(v, key any) any {
	switch v := v.(type) {
	case object:
		if isUnknown(key) {
			return unknown
		}
		return v.get(textOf(key))
	case []any:
		f := toNumber(key)
		if i := int(f); !isUnknown(key) && float64(i) == f && i >= 0 && i < len(v) {
			return v[i]
		} else if isUnknown(key) {
			return unknown
		}
	case string:
		if !isKnown(v) {
			return unknown
		}
	}
	return nil
}

func isUnknown(v any) bool { return v == any(unknown) }

// truthy reports whether a value counts as true. A text of which a part is known is not empty.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	}
	return true
}

func not(v any) any {
	if isUnknown(v) {
		return unknown
	}
	return !truthy(v)
}

// equals compares two values, as expressions do: texts without case, values of two types as numbers.
func equals(a, b any) any {
	if partly(a) || partly(b) {
		return unknown
	}
	as, aText := a.(string)
	bs, bText := b.(string)
	if aText && bText {
		return strings.EqualFold(as, bs)
	}
	if a == nil && b == nil {
		return true
	}
	switch a.(type) {
	case object, []any:
		return false
	}
	switch b.(type) {
	case object, []any:
		return false
	}
	return toNumber(a) == toNumber(b)
}

// partly reports whether only a part of a text is known, or none.
func partly(v any) bool {
	s, ok := v.(string)
	return ok && !isKnown(s)
}

func compare(op string, a, b any) any {
	if partly(a) || partly(b) {
		return unknown
	}
	as, aText := a.(string)
	bs, bText := b.(string)
	var less, same bool
	if aText && bText {
		less, same = strings.ToLower(as) < strings.ToLower(bs), strings.EqualFold(as, bs)
	} else {
		x, y := toNumber(a), toNumber(b)
		if math.IsNaN(x) || math.IsNaN(y) {
			return false
		}
		less, same = x < y, x == y
	}
	switch op {
	case "<":
		return less
	case "<=":
		return less || same
	case ">":
		return !less && !same
	}
	return !less
}

func toNumber(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		return number(strings.TrimSpace(v))
	}
	return math.NaN()
}

// number is what a text says in JSON's way or in hexadecimal; NaN if it is no number.
func number(s string) float64 {
	if s == "" {
		return 0
	}
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		if n, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return float64(n)
		}
		return math.NaN()
	}
	if strings.ContainsAny(s, "_xXpPnN") { // what Go takes beyond that
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// textOf is the text that a value becomes among other text.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	case []any:
		return "Array"
	}
	return "Object"
}

// callFunction is what a function makes of its arguments; unknown for those that ask the run.
func callFunction(name string, args []any) any {
	arg := func(i int) string {
		if i < len(args) {
			return textOf(args[i])
		}
		return ""
	}
	switch name {
	case "always":
		return true
	case "contains":
		if len(args) == 2 {
			return contains(args[0], args[1])
		}
	case "startswith":
		if isKnown(arg(0) + arg(1)) {
			return strings.HasPrefix(strings.ToLower(arg(0)), strings.ToLower(arg(1)))
		}
	case "endswith":
		if isKnown(arg(0) + arg(1)) {
			return strings.HasSuffix(strings.ToLower(arg(0)), strings.ToLower(arg(1)))
		}
	case "format":
		return format(arg, len(args))
	case "join":
		return joinedList(args)
	case "fromjson":
		if isKnown(arg(0)) {
			return fromJSON(arg(0))
		}
	}
	return unknown
}

func contains(in, item any) any {
	if list, ok := in.([]any); ok {
		found := any(false)
		for _, v := range list {
			switch equals(v, item) {
			case true:
				return true
			case any(unknown):
				found = unknown
			}
		}
		return found
	}
	if partly(in) || partly(item) {
		return unknown
	}
	return strings.Contains(strings.ToLower(textOf(in)), strings.ToLower(textOf(item)))
}

// format puts arguments in place of {0}, {1} …; {{ and }} are braces.
func format(arg func(int) string, n int) any {
	var b strings.Builder
	for text := arg(0); text != ""; {
		switch {
		case strings.HasPrefix(text, "{{"), strings.HasPrefix(text, "}}"):
			b.WriteByte(text[0])
			text = text[2:]
		case text[0] == '{':
			place, after, ok := strings.Cut(text[1:], "}")
			i, err := strconv.Atoi(place)
			if !ok || err != nil || i < 0 || i+1 >= n {
				return unknown
			}
			b.WriteString(arg(i + 1))
			text = after
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
		if b.Len() > maxText {
			return unknown
		}
	}
	return b.String()
}

func joinedList(args []any) any {
	if len(args) == 0 {
		return unknown
	}
	between := ","
	if len(args) > 1 {
		between = textOf(args[1])
	}
	list, ok := args[0].([]any)
	if !ok {
		return textOf(args[0])
	}
	var texts []string
	for _, v := range list {
		texts = append(texts, textOf(v))
	}
	if s := strings.Join(texts, between); len(s) <= maxText {
		return s
	}
	return unknown
}

func fromJSON(text string) any {
	if len(text) > maxText {
		return unknown
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return unknown
	}
	return lowered(v)
}

// lowered makes objects of the maps of a JSON value.
func lowered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := object{fields: map[string]any{}}
		for name, field := range v {
			o.fields[strings.ToLower(name)] = lowered(field)
		}
		return o
	case []any:
		for i := range v {
			v[i] = lowered(v[i])
		}
	}
	return v
}
