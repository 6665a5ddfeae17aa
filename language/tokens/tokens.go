// Package tokens tells what the parts of a Dockerfile are, so that an editor can colour them: instructions, flags,
// names of stages, images and variables, and the commands of shell scripts. Where no more is known than that a text
// is an argument, there is no token.
package tokens

import (
	"slices"
	"strings"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Type is what a token is. The names of types are those of the language server protocol; of those that mean much
// the same, it is the one that the themes of editors tell from its neighbours.
type Type uint8

// The types.
const (
	None Type = iota
	Keyword
	Comment
	String
	Number
	Operator
	Variable
	Parameter  // an option of a command
	Property   // a flag, a key of a mount or label, the tag or digest of an image
	Function   // a command of a script
	Class      // an image
	Namespace  // a stage, or a named context
	EnumMember // a value of a closed set
)

// TypeNames are the names of the types, None left out: that of t is TypeNames[t-1].
var TypeNames = []string{"keyword", "comment", "string", "number", "operator", "variable", "parameter", "property",
	"function", "class", "namespace", "enumMember"}

// Modifiers are a set of what is special about a token.
type Modifiers uint8

// The modifiers.
const (
	Declaration    Modifiers = 1 << iota // the name gets its meaning here
	ReadOnly                             // a variable that steps cannot set
	DefaultLibrary                       // a variable that comes with the build
)

// ModifierNames are the names of the modifiers, by their bits.
var ModifierNames = []string{"declaration", "readonly", "defaultLibrary"}

// Token is one part of a text, inside one line.
type Token struct {
	Span      text.Span
	Type      Type
	Modifiers Modifiers
}

// Of are the tokens of a file, in order; they do not overlap. contexts are the named contexts of its build.
func Of(g *stages.Graph, contexts ...string) (list []Token) {
	add := func(tokens []Token, at int) {
		for _, t := range tokens {
			t.Span = t.Span.Shift(at)
			list = append(list, t)
		}
	}
	f := g.File
	add(header(f), 0)
	names := occurrences.Of(g, contexts...)
	for i, in := range f.Instructions {
		add(paint(in, keyOf(names, g, i)), f.Start(i))
	}
	add(comments(f.Trailer), f.Start(len(f.Instructions)))
	return list
}

// key is what the tokens of an instruction depend on beside its text.
type key struct {
	escape byte
	shell  string // SHELL in effect, its words joined with zero bytes
	from   bool   // it is a FROM, or an ARG before the first one: its variables are global
	stages uint64 // a bit for each use of a stage or image in it: it is a stage, or a named context
}

func keyOf(names *occurrences.Table, g *stages.Graph, i int) key {
	step := g.StepAt(i)
	k := key{escape: g.File.Escape, shell: joinShell(step.Shell), from: step.Instr.Name == "FROM" || step.Stage == nil && step.Instr.Name == "ARG"}
	if !mayTake(step.Instr) {
		return k
	}
	bit := uint64(1)
	for _, r := range names.In(i) {
		if r.Kind == occurrences.Stage && !r.Defines {
			if names.KindOf(r) != occurrences.Image {
				k.stages |= bit
			}
			bit <<= 1
		}
	}
	return k
}

// mayTake reports whether the instruction may use a stage.
func mayTake(in *syntax.Instruction) bool {
	switch in.Name {
	case "FROM", "ONBUILD":
		return true
	case "COPY", "RUN":
		return slices.ContainsFunc(in.Flags, func(f syntax.Flag) bool {
			name := f.Name.Of(in.Text)
			return name == "from" || name == "mount" && strings.Contains(f.Value.Of(in.Text), "=")
		})
	}
	return false
}

// defaultShell is the shell of most steps, which is not joined anew for each.
const defaultShell = "/bin/sh\x00-c"

func joinShell(words []string) string {
	if len(words) == 2 && words[0] == "/bin/sh" && words[1] == "-c" {
		return defaultShell
	}
	return strings.Join(words, "\x00")
}

// header are the tokens of the lines before the first instruction that are parser directives.
func header(f *syntax.File) (list []Token) {
	if f.Header == "" {
		return nil
	}
	p := newPainter(f.Header)
	whole := source(f.Header)
	p.comments(whole)
	for _, d := range f.Directives {
		p.paint(whole, d.NameSpan.Start, d.NameSpan.End, Keyword, 0)
		if n := strings.IndexByte(f.Header[d.NameSpan.End:], '='); n >= 0 {
			p.paint(whole, d.NameSpan.End+n, d.NameSpan.End+n+1, Operator, 0)
		}
		p.paint(whole, d.ValueSpan.Start, d.ValueSpan.End, String, 0)
	}
	return p.tokens()
}

// comments are the tokens of a text that holds nothing but comments.
func comments(src string) []Token {
	if strings.IndexByte(src, '#') < 0 {
		return nil
	}
	p := newPainter(src)
	p.comments(source(src))
	return p.tokens()
}
