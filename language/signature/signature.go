// Package signature says how the instruction, flag or mount at a place is written, and in which part of it the place is.
// There is nothing to say in the commands of a RUN, in here-documents and in comments.
package signature

import (
	"encoding/json"
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/language/cursor"
)

// Help is what is shown at a place.
type Help struct {
	Signatures []Signature
	Active     int // the one that fits what is typed
}

// Signature is one way to write something.
type Signature struct {
	Label      string
	Doc        string // Markdown
	Parameters []Parameter
	Active     int // the parameter that the place is in; None if it is in none
}

// None is the active parameter where there is none: the place is in something that the signature does not have.
const None = -1

// Parameter is a part of a signature.
type Parameter struct {
	Span text.Span // in the Label, in bytes
	Doc  string    // Markdown; "" if its signature says all
}

// At is the help for a place; ok is false if there is none.
func At(f *syntax.File, offset int) (help Help, ok bool) {
	a := asked{place: cursor.At(f, offset), src: f.Src}
	a.kind = a.kindOf()
	p := &a.place
	if p.Instr != nil {
		a.start = f.Start(p.Index)
	}
	if a.kind == cursor.DirectiveValue {
		return a.directive()
	}
	in := grammar.Find(p.Name)
	if in == nil || p.OnBuild && !in.OnBuild && a.kind != cursor.Keyword {
		return Help{}, false
	}
	switch a.kind {
	case cursor.Keyword:
		if p.Name == "ONBUILD" {
			return a.instruction(in)
		}
	case cursor.FlagValue, cursor.MountKey, cursor.MountValue:
		if flag := in.Flag(p.Flag); flag != nil {
			return a.flag(flag)
		}
		return a.instruction(in) // there is no such flag
	case cursor.Nowhere:
		if in.JSON() && a.behindArray() {
			return a.instruction(in)
		}
	case cursor.Flag, cursor.Argument, cursor.Array, cursor.String, cursor.Shell:
		return a.instruction(in)
	}
	return Help{}, false
}

// behindArray reports whether the place is right behind a JSON array.
func (a *asked) behindArray() bool {
	joined := a.place.Instr.Joined()
	text := joined.Line[:joined.Index(a.place.Offset-a.start)]
	open := strings.LastIndexByte(text, '[')
	return open >= 0 && strings.HasSuffix(a.src[:a.place.Offset], "]") && json.Valid([]byte(text[open:]))
}

// asked is a question.
type asked struct {
	src   string
	place cursor.Place
	start int         // of the instruction's Text in src
	kind  cursor.Kind // of the place, looked at from outside of variables
}

// kindOf is the kind of the place, without regard to a variable that it is in, and to the line that its word begins on.
func (a *asked) kindOf() cursor.Kind {
	p := &a.place
	kind := p.Kind
	if kind == cursor.Nowhere {
		kind = p.Cut
	}
	switch {
	case kind != cursor.Variable && kind != cursor.Modifier:
		return kind
	case p.Doc != nil:
		return cursor.Heredoc
	case p.ByShell:
		return cursor.Shell
	case p.Flag != "" && p.Key != "":
		return cursor.MountValue
	case p.Flag != "" && len(p.Fields) > 0:
		return cursor.MountKey
	case p.Flag != "":
		return cursor.FlagValue
	case p.Quote != 0:
		return cursor.String
	}
	return cursor.Argument
}

// instruction is the help for an instruction: all its forms, of which the one is active that its text has or may get.
func (a *asked) instruction(in *grammar.Instruction) (help Help, ok bool) {
	forms := formsOf(in)
	active, ok := a.form(in, forms)
	if !ok {
		return Help{}, false
	}
	help.Active = active
	for _, f := range forms {
		sig := write(in, f)
		sig.Active = a.parameter(sig)
		help.Signatures = append(help.Signatures, sig.Signature)
	}
	return help, true
}

// form is the number of the form that the text has; ok is false where nothing is to be said.
func (a *asked) form(in *grammar.Instruction, forms []form) (n int, ok bool) {
	p := &a.place
	first, several := a.words()
	array := slices.IndexFunc(forms, func(f form) bool { return f.JSON })
	heredoc := slices.IndexFunc(forms, func(f form) bool { return f.heredoc })
	plain := slices.IndexFunc(forms, func(f form) bool { return !f.JSON })
	switch {
	case a.kind == cursor.Array || a.kind == cursor.String || a.kind == cursor.Nowhere:
		return array, true
	case a.kind == cursor.Shell && p.Name == "RUN" && opener(p.Words[0].Name):
		return heredoc, true
	case a.kind == cursor.Shell && p.Name == "RUN" && strings.TrimSpace(p.Words[0].Name) != "":
		return 0, false
	case array >= 0 && p.Instr.JSON && !p.OnBuild, array >= 0 && strings.HasPrefix(first, "["), plain < 0:
		return array, true
	case heredoc >= 0 && strings.HasPrefix(first, "<<"):
		return heredoc, true
	}
	switch in.Name {
	case "CMD", "ENTRYPOINT":
		if first == "" {
			return 0, true
		}
	case "FROM":
		if several {
			return 1, true
		}
	case "ENV", "LABEL":
		if several && !strings.Contains(first, "=") {
			return 1, true
		}
	case "HEALTHCHECK":
		if a.kind == cursor.Argument && first != "" && strings.HasPrefix("NONE", strings.ToUpper(first)) {
			return len(forms) - 1, true
		}
	}
	return plain, true
}

// words are the first word behind the flags, and whether another one follows or is about to be typed.
func (a *asked) words() (first string, several bool) {
	p := &a.place
	switch {
	case a.kind == cursor.Shell:
		return strings.TrimLeft(p.Words[0].Span.Of(a.src), " \t"), false
	case a.kind == cursor.Argument && len(p.Words) > 0:
		return p.Words[0].Span.Of(a.src), len(p.Words) > 1 || p.N > 0
	case a.kind == cursor.Argument:
		return a.rest(), false
	case p.OnBuild || len(p.Instr.Words) == 0:
		return "", false
	}
	return p.Instr.Words[0].Span.Shift(a.start).Of(a.src), len(p.Instr.Words) > 1
}

// rest is what stands behind the place on its line.
func (a *asked) rest() string {
	rest, _, _ := strings.Cut(a.src[a.place.Offset:], "\n")
	return strings.TrimLeft(rest, " \t")
}

// opener reports whether a text is the beginning of a here-document's operator.
func opener(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "<<") && !strings.ContainsAny(strings.TrimLeft(s[2:], "- "), " \t;&|>")
}
