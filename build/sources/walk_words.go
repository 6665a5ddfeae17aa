package sources

import (
	"strings"

	"layerwise/internal/lazy"

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
		line := w.line(x.Pos())
		for _, made := range w.word(x) {
			made.line = line
			words = append(words, made)
		}
		if len(words) > maxWords {
			w.r.note(line, "this command was not read: it has more than %d words", maxWords)
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

// bakeSetPattern is the beginning of what `bake --set` takes, such as *.args.A=1. No file is called so, and the
// shell leaves a pattern that matches none as it is.
var bakeSetPattern = lazy.New(`^(--set=)?[\w*?-]+\.[a-z-]+(\.\w+)?=[^{}*?]*$`)

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
	if pattern && !bakeSetPattern.MatchString(s) { // which files there are is not looked at
		f.text.Reset()
		f.text.WriteString(unknown)
	}
}
