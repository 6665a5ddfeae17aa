// Package outline is the shape of a Dockerfile: the tree of its stages and steps, what of it can be folded away, and
// what is selected when a selection grows.
package outline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// Kind is what a symbol is.
type Kind int

// The kinds.
const (
	Stage    Kind = iota // what FROM begins
	Step                 // an instruction that makes a layer
	Variable             // a variable that ARG declares
	Constant             // a variable that ENV sets, or a parser directive
	Start                // what the container starts: CMD, ENTRYPOINT, HEALTHCHECK
	Property             // any other instruction: metadata of the image
	Text                 // a here-document
)

// Symbol is a node of the tree.
type Symbol struct {
	Name       string
	Detail     string
	Kind       Kind
	Deprecated bool
	Span       text.Span // all of it, in the source
	Selection  text.Span // what is selected when the user goes there; within Span
	Children   []Symbol
}

// longest is how many characters of an instruction are part of its name.
const longest = 60

// Symbols are the directives, the global ARGs and the stages, with their steps below them.
func Symbols(g *stages.Graph) (list []Symbol) {
	for _, d := range g.File.Directives {
		list = append(list, Symbol{Name: "# " + d.Name, Detail: d.Value, Kind: Constant, Span: d.Span, Selection: d.NameSpan})
	}
	o := outline{g, layers(g)}
	for _, s := range g.Global {
		list = o.step(list, s)
	}
	for _, s := range g.Stages {
		list = append(list, o.stage(s))
	}
	return list
}

// outline makes the symbols of a graph.
type outline struct {
	g      *stages.Graph
	layers map[*stages.Step]int // the number of the layer that a step makes, from 1 on, above those of the base image
}

func layers(g *stages.Graph) map[*stages.Step]int {
	numbers := map[*stages.Step]int{}
	for i, s := range g.Layers() {
		numbers[s] = i + 1
	}
	return numbers
}

func (o outline) stage(s *stages.Stage) Symbol {
	from := s.Steps[0]
	base, name := stageWords(from.Instr)
	detail := words.Count(len(s.Steps)-1, "step")
	image := base.Of(from.Instr.Text)
	called := o.stageName(s, image)
	if image != "" && image != called {
		detail = image + " · " + detail
	}
	if !o.g.Needed(s) {
		detail += " · not needed for the image"
	}
	span := stageSpan(o.g, s)
	selection := name
	if selection.Len() == 0 {
		selection = base
	}
	if selection.Len() == 0 {
		selection = from.Instr.Keyword
	}
	symbol := Symbol{Name: called, Detail: detail, Kind: Stage, Span: span,
		Selection: selection.Shift(o.g.Offset(from)), Children: make([]Symbol, 0, len(s.Steps)-1)}
	for _, step := range s.Steps[1:] {
		symbol.Children = o.step(symbol.Children, step)
	}
	return symbol
}

// stageName is the stage's name, or what people call it without one.
func (o outline) stageName(s *stages.Stage, base string) string {
	switch {
	case s.Name != "":
		return s.Name
	case len(o.g.Stages) > 1 || base == "":
		return fmt.Sprintf("stage %d", s.Index)
	}
	return base
}

// stageWords are the places of the image and of the name in a FROM, half typed or not; empty if they are not there.
func stageWords(in *syntax.Instruction) (base, name text.Span) {
	if len(in.Words) > 0 {
		base = in.Words[0].Span
	}
	if len(in.Words) > 2 && strings.EqualFold(in.Words[1].Text, "AS") {
		name = in.Words[2].Span
	}
	return base, name
}

// stageSpan goes from FROM to the end of the stage's last instruction.
func stageSpan(g *stages.Graph, s *stages.Stage) text.Span {
	first, last := s.Steps[0], s.Steps[len(s.Steps)-1]
	return text.Span{Start: g.Offset(first) + first.Instr.Body.Start, End: g.Offset(last) + last.Instr.Body.End}
}

// step adds the symbol of a step, or those of the variables that it defines.
func (o outline) step(list []Symbol, s *stages.Step) []Symbol {
	in, offset := s.Instr, o.g.Offset(s)
	if defined := variables(list, in, offset); len(defined) > len(list) {
		return defined
	}
	name := title(in)
	if name == "" {
		return list // a continuation of nothing; editors refuse symbols without names
	}
	symbol := Symbol{Name: name, Detail: o.creates(s), Kind: kindOf(s), Deprecated: in.Name == "MAINTAINER",
		Span: in.Body.Shift(offset), Selection: in.Keyword.Shift(offset)}
	for _, h := range in.Heredocs {
		body := text.Span{Start: h.Content.Start, End: min(max(h.Content.End, h.End.End), in.Body.End)}
		if body.Start > body.End {
			continue // an empty one at the end of the file begins behind the last line end
		}
		symbol.Children = append(symbol.Children, Symbol{Name: h.Name, Detail: words.Count(strings.Count(h.Content.Of(in.Text), "\n"), "line"),
			Kind: Text, Span: body.Shift(offset), Selection: in.FirstLine(body).Shift(offset)})
	}
	return append(list, symbol)
}

// variables adds the symbols of the variables of an ARG or ENV.
func variables(list []Symbol, in *syntax.Instruction, offset int) []Symbol {
	kind := Variable
	switch in.Name {
	case "ARG":
	case "ENV":
		kind = Constant
		if len(in.Words) == 2 && !strings.Contains(in.Words[0].Text, "=") { // ENV name value
			span := text.Span{Start: in.Words[0].Span.Start, End: in.Words[1].Span.End}
			return append(list, Symbol{Name: in.Words[0].Text, Detail: words.Shorten(in.Words[1].Text, longest), Kind: kind,
				Span: span.Shift(offset), Selection: in.Words[0].Span.Shift(offset)})
		}
	default:
		return list
	}
	for _, w := range in.Words {
		name, value, given := strings.Cut(w.Text, "=")
		if name == "" || in.Name == "ENV" && !given {
			continue
		}
		selection := w.Span
		if strings.HasPrefix(w.Span.Of(in.Text), name) {
			selection.End = selection.Start + len(name)
		}
		list = append(list, Symbol{Name: name, Detail: words.Shorten(value, longest), Kind: kind,
			Span: w.Span.Shift(offset), Selection: selection.Shift(offset)})
	}
	return list
}

// title is the instruction in one line, shortened. Computed once.
func title(in *syntax.Instruction) string {
	return in.Memo(titleKey{}, func() any {
		return strings.Clone(words.Shorten(strings.Join(strings.Fields(in.Joined().Line), " "), longest))
	}).(string)
}

type titleKey struct{}

func kindOf(s *stages.Step) Kind {
	switch s.Instr.Name {
	case "CMD", "ENTRYPOINT", "HEALTHCHECK":
		return Start
	}
	if s.MakesLayer() {
		return Step
	}
	return Property
}

// creates says what a step is in the image.
func (o outline) creates(s *stages.Step) string {
	switch n := o.layers[s]; {
	case s.Stage == nil || s.Instr.Cmd() == nil:
		return ""
	case n > 0:
		return "layer " + strconv.Itoa(n)
	case s.MakesLayer():
		return "not in the image"
	}
	return "metadata"
}

// byPlace sorts spans by their starts, the outer of two with one start first.
func byPlace(a, b text.Span) int { return cmp.Or(a.Start-b.Start, b.End-a.End) }

// within keeps the spans that hold the offset, from the inside out, each once.
func within(spans []text.Span, offset int) (list []text.Span) {
	for _, s := range spans {
		if s.Contains(offset) && s.Len() > 0 {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b text.Span) int { return a.Len() - b.Len() })
	return slices.Compact(list)
}
