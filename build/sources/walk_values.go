package sources

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// param is what a parameter expands to: a text, or the words of a list.
func (w *walk) param(p *syntax.ParamExp) (text string, list []word, isList bool) {
	if p.Param == nil || p.Excl || p.Length || p.Width || p.IsSet || p.Names != 0 || p.NestedParam != nil || p.Flags != nil {
		return unknown, nil, false
	}
	name := p.Param.Value
	index := ""
	if p.Index != nil {
		if word, ok := p.Index.(*syntax.Word); ok {
			index = word.Lit()
		}
		if index == "" {
			return unknown, nil, false
		}
	}
	v, ok := w.parameter(name, index)
	if v.array && (index == "@" || index == "*" || name == "@" || name == "*") {
		if p.Exp != nil || p.Repl != nil || p.Slice != nil {
			return unknown, []word{{text: unknown, many: true}}, true
		}
		return "", v.list, true
	}
	switch {
	case p.Slice != nil:
		return unknown, nil, false
	case p.Repl != nil:
		orig, with := p.Repl.Orig, ""
		if p.Repl.With != nil {
			with = w.text(p.Repl.With)
		}
		if orig == nil || orig.Lit() == "" || strings.ContainsAny(orig.Lit(), `*?[\#%`) || !isKnown(v.text) {
			return unknown, nil, false
		}
		n := 1
		if p.Repl.All {
			n = -1
		}
		return bounded(strings.Replace(v.text, orig.Lit(), with, n)), nil, false
	case p.Exp != nil:
		return w.expansion(name, p.Exp, v, ok), nil, false
	}
	return v.text, nil, false
}

// expansion is what an operator makes of a variable.
func (w *walk) expansion(name string, e *syntax.Expansion, v value, ok bool) string {
	ok = ok && !v.open
	switch e.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		if !ok || v.text == "" && e.Op == syntax.DefaultUnsetOrNull {
			return w.byDefault(e, v).text
		}
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !ok || v.text == "" && e.Op == syntax.AssignUnsetOrNull {
			v = w.byDefault(e, v)
			w.set(name, v)
			return v.text
		}
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		switch {
		case !ok || v.text == unknown:
			return unknown
		case v.text == "" && e.Op == syntax.AlternateUnsetOrNull:
			return ""
		}
		return w.text(e.Word)
	case syntax.RemSmallSuffix, syntax.RemLargeSuffix, syntax.RemSmallPrefix, syntax.RemLargePrefix:
		if e.Word == nil || !isKnown(strings.TrimPrefix(v.text, root)) {
			return unknown
		}
		return cut(v.text, e.Op, pattern(e.Word))
	case syntax.UpperAll:
		if isKnown(v.text) && e.Word == nil {
			return strings.ToUpper(v.text)
		}
		return unknown
	case syntax.LowerAll:
		if isKnown(v.text) && e.Word == nil {
			return strings.ToLower(v.text)
		}
		return unknown
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
	default:
		return unknown
	}
	return v.text
}

// byDefault is what an operator gives a variable that has no value.
func (w *walk) byDefault(e *syntax.Expansion, v value) value {
	d := value{text: w.text(e.Word)}
	if v.optional {
		d = d.assumed()
	}
	return d
}

// pattern is a pattern without anything to expand; "" if it is another.
func pattern(x *syntax.Word) string {
	var b strings.Builder
	for _, part := range x.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			if strings.ContainsAny(p.Value, `*?[\`) {
				return ""
			}
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			if len(p.Parts) != 1 {
				return ""
			}
			lit, ok := p.Parts[0].(*syntax.Lit)
			if !ok || strings.ContainsAny(lit.Value, `*?[\`) {
				return ""
			}
			b.WriteString(lit.Value)
		default:
			return ""
		}
	}
	return b.String()
}

// cut removes what a pattern of literals and at most one star at its outer end matches.
func cut(s string, op syntax.ParExpOperator, pattern string) string {
	if pattern == "" || strings.ContainsAny(pattern, `?[\`) {
		return unknown
	}
	if op == syntax.RemSmallSuffix || op == syntax.RemLargeSuffix {
		body, star := strings.CutSuffix(pattern, "*")
		if strings.Contains(body, "*") || star && body == "" {
			return unknown
		}
		i := -1
		switch {
		case !star:
			return strings.TrimSuffix(s, body)
		case op == syntax.RemSmallSuffix:
			i = strings.LastIndex(s, body)
		default:
			i = strings.Index(s, body)
		}
		if i < 0 {
			return s
		}
		return s[:i]
	}
	body, star := strings.CutPrefix(pattern, "*")
	if strings.Contains(body, "*") || star && body == "" {
		return unknown
	}
	i := -1
	switch {
	case !star:
		return strings.TrimPrefix(s, body)
	case op == syntax.RemSmallPrefix:
		i = strings.Index(s, body)
	default:
		i = strings.LastIndex(s, body)
	}
	if i < 0 {
		return s
	}
	return s[i+len(body):]
}

// workspaces are the variables in which systems of CI keep the folder of the checkout.
var workspaces = set(`GITHUB_WORKSPACE CI_PROJECT_DIR TRAVIS_BUILD_DIR BITBUCKET_CLONE_DIR BUILDKITE_BUILD_CHECKOUT_PATH

	CI_WORKSPACE DRONE_WORKSPACE SYSTEM_DEFAULTWORKINGDIRECTORY BUILD_SOURCESDIRECTORY BUILD_REPOSITORY_LOCALPATH`)

// parameter is the value of a parameter, and whether it has one.
func (w *walk) parameter(name, index string) (value, bool) {
	switch name {
	case "@", "*":
		if w.at.given {
			return value{array: true, list: w.at.params}, true
		}
		return value{array: true, list: []word{{text: unknown, many: true}}}, false
	case "PWD":
		return value{text: absolute(w.at.dir)}, true
	case "OLDPWD":
		return value{text: absolute(w.at.old)}, true
	case "0", "BASH_SOURCE":
		file := w.s.file
		if name == "0" {
			file = w.main.file
		}
		if name != "0" && index != "" && index != "0" || file == "" {
			return value{text: unknown}, true
		}
		return value{text: absolute(file)}, true
	case "#", "?", "$", "!", "-", "_", "HOME", "RANDOM", "SECONDS", "HOSTNAME", "USER", "UID":
		return value{text: unknown}, true
	}
	if n := strings.Trim(name, "0123456789"); n == "" && name != "" {
		if !w.at.given {
			return value{text: unknown, open: true}, false
		}
		n := 0
		for _, c := range name {
			if n = n*10 + int(c-'0'); n > 1000 {
				return value{text: unknown}, true
			}
		}
		many := false
		for i, p := range w.at.params {
			if many = many || p.many; many {
				return value{text: unknown, open: true}, false
			}
			if i == n-1 {
				return value{text: p.text}, true
			}
		}
		return value{text: ""}, true
	}
	v, ok := w.at.lookup(name)
	switch {
	case !ok && workspaces[name]:
		return value{text: root}, true
	case !ok && setByCI(w.r.kind, name):
		return value{text: unknown}, true
	case !ok:
		if index == "@" || index == "*" {
			return value{array: true, list: []word{{text: unknown, many: true}}}, false
		}
		return value{text: unknown, open: true}, false
	case v.array && index != "@" && index != "*":
		if (index == "" || index == "0") && len(v.list) > 0 && !v.list[0].many {
			return value{text: v.list[0].text}, true
		}
		return value{text: unknown}, true
	case !v.array && (index == "@" || index == "*"):
		return value{array: true, list: []word{{text: v.text, many: v.text == unknown}}}, true
	}
	return v, true
}

// absolute is the absolute path of a path relative to the root.
func absolute(name string) string {
	switch {
	case !isKnown(name) || path.IsAbs(name):
		return name
	case name == ".":
		return root
	}
	return root + "/" + name
}
