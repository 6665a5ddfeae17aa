package sources

import (
	"path"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// This file says what expressions of a Tiltfile come to.

// resolved is an expression, or the one that its name stands for; nil if there is none.
func (t *tilt) resolved(x syntax.Expr) syntax.Expr {
	for range 20 {
		switch n := x.(type) {
		case *syntax.ParenExpr:
			x = n.X
		case *syntax.Ident:
			v, ok := t.values[n.Name]
			if !ok {
				return x
			}
			x = v
		default:
			return x
		}
	}
	return x
}

// text is the text that an expression makes, with unknown for what only the run knows; "" of none and None.
func (t *tilt) text(x syntax.Expr) string {
	if t.depth++; t.depth > 100 || !t.step() {
		t.depth--
		return unknown
	}
	defer func() { t.depth-- }()
	switch x := t.resolved(x).(type) {
	case nil:
		return ""
	case *syntax.Literal:
		if s, ok := x.Value.(string); ok {
			return s
		}
		return x.Raw
	case *syntax.Ident:
		if x.Name == "None" {
			return ""
		}
	case *syntax.BinaryExpr:
		s := ""
		switch x.Op {
		case syntax.PLUS:
			s = t.text(x.X) + t.text(x.Y)
		case syntax.PERCENT:
			s = t.formatted(t.text(x.X), x.Y)
		default:
			return unknown
		}
		if len(s) <= maxText {
			return s
		}
	case *syntax.CallExpr:
		// config.main_dir and os.getcwd() are the Tiltfile's folder; os.path.join joins.
		if name := dotted(x.Fn); name == "os.getcwd" && len(x.Args) == 0 {
			return "."
		} else if name == "os.path.join" {
			var parts []string
			for _, arg := range x.Args {
				parts = append(parts, t.text(arg))
			}
			if len(parts) > 0 && !slices.ContainsFunc(parts[1:], path.IsAbs) {
				return path.Join(parts...)
			}
		}
	case *syntax.DotExpr:
		if name := dotted(x); name == "config.main_dir" {
			return "."
		}
	}
	return unknown
}

// formatted is a text with values in place of its %s and %d.
func (t *tilt) formatted(text string, values syntax.Expr) string {
	list := []string{t.text(values)}
	if _, several := t.resolved(values).(*syntax.TupleExpr); several {
		list = t.texts(values)
	}
	var b strings.Builder
	for b.Len() <= maxText {
		before, rest, ok := strings.Cut(text, "%")
		b.WriteString(before)
		switch {
		case !ok:
			return b.String()
		case strings.HasPrefix(rest, "%"):
			b.WriteByte('%')
		case len(list) > 0 && (strings.HasPrefix(rest, "s") || strings.HasPrefix(rest, "d")):
			b.WriteString(list[0])
			list = list[1:]
		default:
			return unknown
		}
		text = rest[1:]
	}
	return unknown
}

func dotted(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.Ident:
		return x.Name
	case *syntax.DotExpr:
		if id, ok := x.X.(*syntax.Ident); ok {
			return id.Name + "." + x.Name.Name
		}
		if d, ok := x.X.(*syntax.DotExpr); ok {
			if id, ok := d.X.(*syntax.Ident); ok {
				return id.Name + "." + d.Name.Name + "." + x.Name.Name
			}
		}
	}
	return ""
}

// texts are those of a list, or of a text alone.
func (t *tilt) texts(x syntax.Expr) (texts []string) {
	switch l := t.resolved(x).(type) {
	case nil:
	case *syntax.ListExpr:
		for _, item := range l.List {
			texts = append(texts, t.text(item))
		}
	case *syntax.TupleExpr:
		for _, item := range l.List {
			texts = append(texts, t.text(item))
		}
	default:
		if s := t.text(x); s != "" {
			texts = append(texts, s)
		}
	}
	return texts
}

// tiltTooDeep is the line at which brackets are nested too deep, those in texts counted too; 0 if nowhere.
func tiltTooDeep(src string) int {
	depth, line := 0, 1
	for i := range len(src) {
		switch src[i] {
		case '\n':
			line++
		case '(', '[', '{':
			if depth++; depth > maxDepth {
				return line
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return 0
}
