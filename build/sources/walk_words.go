package sources

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// fields are the words that a word of the shell becomes.
type fields struct {
	words  []word
	text   strings.Builder
	some   bool // there is a word, even if it is empty
	quoted bool // a part of it is
}

func (f *fields) end() {
	if f.some || f.text.Len() > 0 {
		text := f.text.String()
		f.words = append(f.words, word{text: text, many: !f.quoted && text != "" && strings.Trim(text, unknown) == ""})
	}
	f.text.Reset()
	f.some, f.quoted = false, false
}

func (f *fields) quote(text string) {
	f.text.WriteString(text)
	f.some, f.quoted = true, true
}

// split takes in a text that the shell splits at blanks.
func (f *fields) split(text string) {
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(" \t\n", text[i]) >= 0 {
			f.end()
		} else {
			f.text.WriteByte(text[i])
		}
	}
}

// maxWords is how many words a command, a list or a loop may have.
const maxWords = 4096

// words are the words that those of a command become.
func (w *walk) words(list []*syntax.Word) (words []word) {
	for _, x := range list {
		words = append(words, w.word(x)...)
		if len(words) > maxWords {
			w.r.note(w.line(x.Pos()), "this command was not read: it has more than %d words", maxWords)
			return []word{{text: unknown}}
		}
	}
	return words
}

// word are the words that a word becomes.
func (w *walk) word(x *syntax.Word) []word {
	if !w.r.step() {
		return []word{{text: unknown, many: true}}
	}
	var f fields
	for _, part := range x.Parts {
		w.part(&f, part, false)
		if f.text.Len() > maxText {
			f = fields{}
			f.text.WriteString(unknown)
		}
	}
	f.end()
	if name := variableOf(x); name != "" && len(f.words) == 1 && f.words[0].text == unknown {
		if v, ok := w.at.lookup(name); !ok || v.open {
			f.words[0].variable = name
		}
	}
	return f.words
}

// text is a word where the shell does not split it.
func (w *walk) text(x *syntax.Word) string {
	if x == nil {
		return ""
	}
	if !w.r.step() {
		return unknown
	}
	var f fields
	for _, part := range x.Parts {
		w.part(&f, part, true)
		if f.text.Len() > maxText {
			return unknown
		}
	}
	f.end()
	var texts []string
	for _, w := range f.words {
		texts = append(texts, w.text)
	}
	return bounded(strings.Join(texts, " "))
}

// bounded is a text of a variable.
func bounded(s string) string {
	if len(s) > maxText {
		return unknown
	}
	return s
}

// part takes in a part of a word. whole: it is not split, as in quotes.
func (w *walk) part(f *fields, part syntax.WordPart, whole bool) {
	switch p := part.(type) {
	case *syntax.Lit:
		literal(f, p.Value)
	case *syntax.SglQuoted:
		if text := p.Value; p.Dollar && strings.Contains(text, `\`) {
			f.quote(unknown)
		} else {
			f.quote(text)
		}
	case *syntax.DblQuoted:
		w.quoted(f, p)
	case *syntax.ParamExp:
		text, list, isList := w.param(p)
		w.r.spend(len(text) >> 10)
		switch {
		case isList:
			for i, item := range list {
				if i > 0 {
					f.end()
				}
				if item.many {
					f.split(item.text)
				} else {
					f.quote(item.text)
				}
			}
		case whole:
			f.quote(text)
		default:
			f.split(text)
		}
	case *syntax.CmdSubst:
		if text := w.subst(p); whole {
			f.quote(text)
		} else {
			f.split(text)
		}
	default: // ArithmExp, ProcSubst, ExtGlob, BraceExp
		if node, ok := part.(*syntax.ProcSubst); ok {
			w.inside(func() { w.stmts(node.Stmts) })
		}
		if _, number := part.(*syntax.ArithmExp); number {
			w.computed(part)
			f.quote(unknown)
			return
		}
		f.split(unknown)
	}
}

// quoted takes in what stands in double quotes.
func (w *walk) quoted(f *fields, q *syntax.DblQuoted) {
	f.quote("")
	for _, part := range q.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			f.quote(quotedEscapes.Replace(p.Value))
		case *syntax.ParamExp:
			text, list, isList := w.param(p)
			w.r.spend(len(text) >> 10)
			if !isList {
				f.quote(text)
				continue
			}
			if len(list) == 0 && len(q.Parts) == 1 {
				f.some, f.quoted = false, false // "$@" of nothing is no word
			}
			for i, item := range list {
				if i > 0 {
					f.end()
				}
				if item.many {
					f.quoted = false
					f.split(item.text)
				} else {
					f.quote(item.text)
				}
			}
		default:
			w.part(f, part, true)
		}
	}
}

var quotedEscapes = strings.NewReplacer(`\\`, `\`, `\$`, `$`, "\\`", "`", `\"`, `"`, "\\\n", "")

// literal takes in text that stands for itself, but for escapes and patterns.
func literal(f *fields, s string) {
	pattern := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			if i++; i < len(s) && s[i] != '\n' {
				f.text.WriteByte(s[i])
				f.some, f.quoted = true, true
			}
			continue
		case '*', '?':
			pattern = true
		case '{':
			if rest := s[i:]; strings.Contains(rest, "}") && (strings.Contains(rest, ",") || strings.Contains(rest, "..")) {
				pattern = true
			}
		}
		f.text.WriteByte(s[i])
		f.some = true
	}
	if pattern { // which files there are is not looked at
		f.text.Reset()
		f.text.WriteString(unknown)
	}
}

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
			return w.text(e.Word)
		}
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !ok || v.text == "" && e.Op == syntax.AssignUnsetOrNull {
			text := w.text(e.Word)
			w.set(name, value{text: text})
			return text
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

// subst is what a command substitution becomes. What it builds is found too.
func (w *walk) subst(p *syntax.CmdSubst) string {
	if w.depth > 8 {
		return unknown
	}
	w.depth++
	defer func() { w.depth-- }()
	if !w.quiet {
		w.inside(func() { w.stmts(p.Stmts) })
		w.quiet = true
		defer func() { w.quiet = false }()
	}
	text := unknown
	w.inside(func() {
		for _, st := range p.Stmts {
			text = w.printed(st)
		}
	})
	return bounded(strings.TrimRight(text, "\n"))
}

// printed is what a statement prints.
func (w *walk) printed(st *syntax.Stmt) string {
	for _, rd := range st.Redirs {
		if rd.Op != syntax.DplOut && (rd.Op != syntax.RdrOut && rd.Op != syntax.RdrAll || rd.Word.Lit() != "/dev/null") {
			return unknown
		}
	}
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok {
		first := w.printed(b.X)
		if b.Op == syntax.AndStmt {
			return w.printed(b.Y)
		}
		if b.Op == syntax.OrStmt {
			return first
		}
		return unknown
	}
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return unknown
	}
	words := w.words(c.Args)
	if len(words) == 0 {
		return unknown
	}
	var args []string
	flagged := false
	for _, x := range words[1:] {
		if x.many {
			return unknown
		}
		if strings.HasPrefix(x.text, "-") && len(x.text) > 1 {
			flagged = flagged || x.text != "--" && x.text != "-P" && x.text != "-L" && x.text != "-f" && x.text != "-m" && x.text != "-e"
			continue
		}
		args = append(args, x.text)
	}
	switch name := path.Base(words[0].text); {
	case name == "cd":
		w.builtin(words)
		return ""
	case flagged && name != "git" && name != "command":
		return unknown
	case (name == "which" || name == "command") && len(args) == 1:
		return args[0] // where it is does not matter
	case name == "pwd" && len(args) == 0:
		return absolute(w.at.dir)
	case name == "git":
		return w.git(words[1:])
	case name == "dirname" && len(args) == 1:
		if !isKnown(strings.TrimPrefix(args[0], root)) {
			return unknown
		}
		return path.Dir(args[0])
	case name == "basename" && len(args) > 0 && len(args) < 3:
		if !isKnown(args[0]) && !isKnown(strings.TrimPrefix(args[0], root+"/")) {
			return unknown
		}
		base := path.Base(args[0])
		if len(args) == 2 {
			base = strings.TrimSuffix(base, args[1])
		}
		return base
	case (name == "realpath" || name == "readlink" || name == "greadlink") && len(args) == 1:
		at, rest := fromRoot(w.at.dir, args[0])
		if !isKnown(at + rest) {
			return unknown
		}
		return absolute(joined(at, rest))
	case name == "echo" || name == "printf" && len(args) == 1 && !strings.Contains(args[0], "%"):
		return strings.Join(args, " ")
	}
	return unknown
}

// git is what `git rev-parse --show-toplevel` prints; other commands of git print what is not known.
func (w *walk) git(words []word) string {
	dir := w.at.dir
	for len(words) > 1 && words[0].text == "-C" {
		at, name := fromRoot(dir, words[1].text)
		if dir = unknown; isKnown(at + name) {
			dir = joined(at, name)
		}
		words = words[2:]
	}
	if len(words) != 2 || words[0].text != "rev-parse" {
		return unknown
	}
	switch words[1].text {
	case "--show-toplevel":
		return root
	case "--show-cdup", "--show-prefix":
		return unknown
	}
	return unknown
}
