package stages

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/dockerfile/text"
)

// Unset is a use of a variable to which nothing above it gives a value.
type Unset struct {
	Name     string
	Span     text.Span // of the word that uses it, or of a here-document's operator; relative to the instruction's Text
	Body     bool      // it stands in a here-document
	Fallback bool      // each use in the word says what holds without a value: ${X:-y}, ${X:+y}
}

// Unset are the variables that BuildKit replaces in the step by nothing, as far as the file tells and what is known
// of the base image, which may set others. An ARG that is declared without a value is among them.
func (s *Step) Unset() (list []Unset) {
	in := s.Instr
	if !strings.Contains(in.Text, "$") || in.Cmd() == nil {
		return nil
	}
	own := map[string]bool{} // what the pairs of an ARG before this one declare
	pair := 0
	for _, w := range slices.Concat(s.expanded(), s.mountWords()) {
		if arg, ok := in.Cmd().(*instructions.ArgCommand); ok {
			for ; pair < w.pair; pair++ {
				own[arg.Args[pair].Key] = true
			}
		}
		for _, name := range s.unsetIn(w) {
			if !own[name] {
				list = append(list, Unset{Name: name, Span: w.span, Body: w.body, Fallback: !usedBare(w.text, name)})
			}
		}
	}
	return list
}

// unsetIn are the variables of a word that have no value, sorted.
func (s *Step) unsetIn(w word) (names []string) {
	if w.from || !strings.Contains(w.text, "$") || strings.ContainsRune(w.text, 0) || !utf8.ValidString(w.text) {
		return nil // BuildKit's lexer complains of such bytes on standard error
	}
	lex := shell.NewLex(rune(s.escape))
	if w.body {
		lex = bodyLex()
	}
	env := &defined{vars: s.Vars, windows: s.Stage != nil && s.Stage.Windows, global: s.Stage == nil || s.N == 0}
	_, unmatched, _ := lex.ProcessWord(w.text, env) // of a word that it refuses, as far as it gets
	for name := range unmatched {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// mountWords are the values in the mounts of a RUN in which BuildKit replaces variables.
func (s *Step) mountWords() (list []word) {
	for _, f := range s.Instr.Flags {
		if s.Instr.Name != "RUN" || f.Name.Of(s.Instr.Text) != "mount" || !strings.Contains(f.Value.Of(s.Instr.Text), "$") {
			continue
		}
		if run, ok := s.Instr.Retype().(*instructions.RunCommand); ok {
			_ = run.Expand(func(text string) (string, error) {
				list = append(list, word{span: f.Span, text: text})
				return text, nil
			})
		}
		return list // of all mounts, at the first that has a variable
	}
	return nil
}

// defined answers BuildKit's expansion with which variables there are.
type defined struct {
	vars            *Scope
	windows, global bool
}

func (d *defined) Get(name string) (string, bool) {
	if name == "PATH" && !d.windows && !d.global {
		return "x", true // BuildKit sees to that
	}
	_, ok := d.vars.Lookup(name)
	return "x", ok
}

func (d *defined) Keys() []string { return nil }

// usedBare reports whether a word uses a variable without saying what holds if it has no value. What stands in
// ${name:+…} is only there if it has one.
func usedBare(word, name string) bool {
	for rest := word; ; {
		_, after, found := strings.Cut(rest, "$")
		if !found {
			return false
		}
		rest = after
		inBraces := strings.HasPrefix(after, "{")
		behind, ok := strings.CutPrefix(strings.TrimPrefix(after, "{"), name)
		if r, _ := utf8.DecodeRuneInString(behind); !ok || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			continue
		}
		behind = strings.TrimPrefix(behind, ":")
		switch {
		case !inBraces || behind == "" || !strings.ContainsRune("-+?", rune(behind[0])):
			return true
		case behind[0] == '+':
			rest = behindBrace(behind)
		}
	}
}

// behindBrace is what follows the brace that closes the one in which a text begins.
func behindBrace(text string) string {
	depth := 1
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[i+1:]
			}
		}
	}
	return ""
}

// FromBuild reports whether all variables of a word are those that the build itself sets for FROM, such as
// TARGETPLATFORM, and which they are, sorted. None that the file declares is among them.
func (s *Step) FromBuild(text string) (names []string, ok bool) {
	ok = true
	for _, name := range s.variables(word{text: text}) {
		v, found := s.Vars.Lookup(name)
		if !found || v.Step != nil {
			return nil, false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), ok
}

// ExpandAs is Expand where values that are not known count as the given text. ok is false if BuildKit refuses the word.
func (s *Step) ExpandAs(word, unknown string) (text string, ok bool) {
	if strings.ContainsRune(word, 0) || !utf8.ValidString(word) {
		return "", false
	}
	text, _, err := shell.NewLex(rune(s.escape)).ProcessWord(word, standIn{s.Vars, unknown})
	return text, err == nil && len(text) <= maxExpansion
}

type standIn struct {
	vars    *Scope
	unknown string
}

func (e standIn) Get(name string) (string, bool) {
	v, ok := e.vars.Lookup(name)
	switch {
	case !ok:
		return "", false
	case !v.Value.Known:
		return e.unknown, true
	}
	return v.Value.Text, true
}

func (e standIn) Keys() []string { return nil }

// VariableIn is where a word of the instruction uses a variable: its name with the $, and with the brace before it. It is
// the word if that cannot be told.
func (s *Step) VariableIn(word text.Span, name string) text.Span {
	written := word.Of(s.Instr.Text)
	for _, form := range []string{"${" + name, "$" + name} {
		for at := 0; ; {
			n := strings.Index(written[at:], form)
			if n < 0 {
				break
			}
			at += n + len(form)
			if r, _ := utf8.DecodeRuneInString(written[at:]); r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return text.Span{Start: word.Start + at - len(form), End: word.Start + at}
			}
		}
	}
	return word
}
