package signature

import (
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
	"layerwise/language/cursor"
)

// form is one way to write the arguments of an instruction.
type form struct {
	grammar.Form
	flags   bool // flags may stand before them
	heredoc bool
}

func formsOf(in *grammar.Instruction) (forms []form) {
	for _, f := range in.Forms {
		forms = append(forms, form{Form: f, flags: len(in.Flags) > 0 && f.Args[0].Name != "NONE"})
	}
	if !in.Heredocs {
		return forms
	}
	doc := "the lines below, up to `EOF`, are the script"
	args := []grammar.Arg{{Name: "<<EOF", Doc: doc}}
	if last := in.Forms[0].Args; len(last) > 1 {
		args[0].Repeats = true
		args[0].Doc = "the lines below, up to `EOF`, become a file; any word may stand for EOF, and in quotes it leaves the variables in the lines alone"
		args = append(args, last[len(last)-1])
	}
	return append(forms, form{Form: grammar.Form{Args: args}, flags: true, heredoc: true})
}

// written is the signature of a form.
type written struct {
	Signature
	form  form
	flags int   // the parameter for the flags, or None
	first []int // of each argument: the first of its parameters
}

// write writes a form out.
func write(in *grammar.Instruction, f form) written {
	w := written{form: f, flags: None}
	w.Label, w.Doc = in.Name, in.Doc+"\n\n"+in.Layer
	if f.Doc != "" {
		w.Doc = strings.ToUpper(f.Doc[:1]) + f.Doc[1:] + ".\n\n" + w.Doc
	}
	if f.flags {
		w.flags = len(w.Parameters)
		var names []string
		for _, flag := range in.Flags {
			names = append(names, "`--"+flag.Name+"`")
		}
		w.Label += " "
		w.add("[flags]", strings.Join(names, ", "))
	}
	array := false
	for _, arg := range f.Args {
		switch {
		case !f.JSON || arg.Kind == grammar.Word:
			w.Label += " "
		case !array:
			array = true
			w.Label += " ["
		default:
			w.Label += ", "
		}
		if array {
			w.Label += `"`
		}
		w.first = append(w.first, len(w.Parameters))
		w.add(arg.Name, arg.Doc)
		if array {
			w.Label += `"`
		}
		if arg.Repeats {
			w.Label += "…"
		}
	}
	if array {
		w.Label += "]"
	}
	return w
}

// add adds what a template such as name[=default] stands for: a parameter for each of its words.
func (s *Signature) add(template, doc string) {
	start := len(s.Label)
	s.Label += template
	for _, piece := range piecesOf(template) {
		s.Parameters = append(s.Parameters, Parameter{Span: piece.span.Shift(start), Doc: doc})
	}
}

// piece is a word of a template.
type piece struct {
	separator byte // before it; 0 for the first
	span      text.Span
}

// piecesOf takes a template apart: words with a separator before each but the first, those in brackets optional.
// What begins with something else, as [flags] and <<EOF do, is one word.
func piecesOf(template string) []piece {
	if !isLetter(template[0]) {
		return []piece{{span: text.Span{End: len(template)}}}
	}
	list := []piece{{}}
	for i := 0; i < len(template); i++ {
		last := &list[len(list)-1]
		switch c := template[i]; {
		case c == '[':
			if last.span.End == 0 {
				last.span.End = i
			}
			i++
			list = append(list, piece{separator: template[i], span: text.Span{Start: i + 1}})
		case c == ']':
			last.span.End = i
		case strings.IndexByte("=:/", c) >= 0:
			last.span.End = i
			list = append(list, piece{separator: c, span: text.Span{Start: i + 1}})
		}
	}
	if last := &list[len(list)-1]; last.span.End == 0 {
		last.span.End = len(template)
	}
	return list
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// pieceAt is the piece of a template in which a place of a word is: typed is what stands before it, rest what follows.
// Separators in ${…} are none, and neither is the colon before the port of a registry.
func pieceAt(template, typed, rest string) int {
	list := piecesOf(template)
	at, braces := 0, 0
	for i := 0; i < len(typed); i++ {
		switch c := typed[i]; {
		case c == '$' && i+1 < len(typed) && typed[i+1] == '{':
			braces++
		case c == '}' && braces > 0:
			braces--
		case braces > 0 || at+1 == len(list):
		case c == ':' && strings.HasPrefix(template, "image") && registry(typed[i+1:]+rest):
		default:
			for n := at + 1; n < len(list); n++ {
				if list[n].separator == c {
					at = n
					break
				}
			}
		}
	}
	return at
}

// registry reports whether what follows a colon goes on with the path of an image, so that the colon stands before a port.
func registry(rest string) bool {
	rest, _, _ = strings.Cut(rest, "@")
	return strings.Contains(rest, "/") && !strings.Contains(rest, "$")
}

// parameter is the parameter of a signature in which the place is.
func (a *asked) parameter(w written) int {
	p := &a.place
	switch {
	case a.kind == cursor.Nowhere:
		return None
	case a.kind == cursor.Flag || a.kind == cursor.FlagValue || a.beforeFlag():
		return w.flags
	}
	n, count, word := a.argument()
	i := w.form.argument(n, count)
	if i < 0 {
		return None
	}
	at := w.first[i]
	if word.Len() > 0 && word.Start <= p.Offset {
		at += pieceAt(w.form.Args[i].Name, a.src[word.Start:p.Offset], a.src[p.Offset:max(p.Offset, word.End)])
	}
	return at
}

// beforeFlag reports whether the place is between the keyword and a flag, between two, or before the CMD of a HEALTHCHECK:
// only flags may stand there.
func (a *asked) beforeFlag() bool {
	p := &a.place
	if n := len(p.Flags); n > 0 && p.Offset <= p.Flags[n-1].Span.Start {
		return true
	}
	return p.Name == "HEALTHCHECK" && a.kind == cursor.Argument && len(p.Words) > 0 && p.Offset < p.Words[0].Span.Start && strings.EqualFold(p.Words[0].Name, "CMD")
}

// argument is the number of the argument that the place is in, how many there are, and the argument itself if it is
// there.
func (a *asked) argument() (n, count int, word text.Span) {
	p := &a.place
	before := 0 // of the words of a HEALTHCHECK, the CMD
	if p.Name == "HEALTHCHECK" {
		before = 1
	}
	switch a.kind {
	case cursor.Shell:
		return before, before + 1, word
	case cursor.Array, cursor.String:
		return p.N + before, max(len(p.Words), p.N+before+1), word
	case cursor.Keyword:
		return 0, 1, word
	}
	n = p.N
	if p.N < len(p.Words) {
		word = p.Words[p.N].Span
	}
	for _, h := range p.Instr.Heredocs {
		if at := p.Offset - a.start; h.Op.Start <= at && at <= h.Op.End {
			n, word = 0, text.Span{} // "<< EOF" is one, though it has a blank
		}
	}
	return n, max(len(p.Words), p.N+1), word
}

// argument is the argument of the form that the nth of count words stands for; -1 if it stands for none. The last
// word is that of an argument behind one that repeats: the destination of a COPY.
func (f form) argument(n, count int) int {
	for i, arg := range f.Args {
		switch {
		case arg.Repeats && i+1 < len(f.Args):
			if n == i || n < count-1 {
				return i
			}
			return i + 1
		case arg.Repeats, n == i, i+1 == len(f.Args) && arg.Kind == grammar.Text:
			return i
		}
	}
	return -1
}
