package sources

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

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
		return joinTexts(args)
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

func joinTexts(args []any) any {
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
