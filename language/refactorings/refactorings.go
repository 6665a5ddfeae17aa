// Package refactorings are changes of a Dockerfile that somebody may want where nothing is wrong: names for stages and
// repeated values, the other form of an instruction, one instruction for several. Each is tried before it is offered.
package refactorings

import (
	"fmt"
	"slices"

	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
	"layerwise/language"
	"layerwise/language/formatting"
)

// The kinds of refactorings, as the language server protocol names them.
const (
	Inline  = "refactor.inline"
	Extract = "refactor.extract"
	Rewrite = "refactor.rewrite"
)

// Kinds are all of them.
var Kinds = []string{Inline, Extract, Rewrite}

// Refactoring is one change that somebody can choose. Its title says what becomes different in a build or in the
// container; if it says nothing of that, the image and the cache keys of all steps stay what they are.
type Refactoring struct {
	Title string
	Kind  string
	Edits []text.Edit
}

// place is where the refactorings are asked for.
type place struct {
	*language.Document
	span text.Span
	step *stages.Step // whose instruction holds the span
	in   *syntax.Instruction
	base int // where the text of the instruction begins in the source
}

// At are the refactorings of what the span selects or, if it is empty, of what stands there. There are none in a file
// with mistakes, or of a frontend that is not known. options are those of the formatter, if they are needed.
func At(doc *language.Document, span text.Span, options func() formatting.Options) []Refactoring {
	p, ok := at(doc, span)
	if !ok {
		return nil
	}
	var found []Refactoring
	for _, find := range []func(place) (Refactoring, bool){
		inlineArg, extractArg, nameStage, nameForNumber, equalsSign, splitPairs, joinPairs, jsonForm, shellForm,
		func(p place) (Refactoring, bool) { return formatRun(p, options) },
	} {
		if r, ok := find(p); ok {
			found = append(found, r)
		}
	}
	return found
}

// at is the place of a span; ok is false if no instruction holds it or the file has mistakes.
func at(doc *language.Document, span text.Span) (p place, ok bool) {
	f := doc.File
	if len(f.Errors) > 0 || f.CustomFrontend() {
		return p, false
	}
	i := f.Index(span.Start)
	if i > 0 && i == len(f.Instructions) && span.Start == f.Start(i) {
		i-- // at the end of the file
	}
	if i < 0 || i >= len(f.Instructions) {
		return p, false
	}
	p = place{Document: doc, span: span, step: doc.Graph.StepAt(i), in: f.Instructions[i], base: f.Start(i)}
	if body := p.in.Body.Shift(p.base); span.Start < body.Start || span.Start > body.End {
		return p, false
	}
	return p, !slices.ContainsFunc(f.Instructions, func(in *syntax.Instruction) bool { return in.Cmd() == nil || len(in.Errors()) > 0 })
}

// whole reports whether the span lies in the instruction.
func (p place) whole() bool { return p.span.End <= p.in.Body.Shift(p.base).End }

// made is a refactoring by a change; ok is false if that cannot be made, or changes nothing.
func made(kind, title string, c *rewrite.Change) (Refactoring, bool) {
	edit, err := c.Edit()
	return Refactoring{Title: title, Kind: kind, Edits: edit.Edits}, err == nil && len(edit.Edits) > 0
}

// after is the document with the edits.
func (p place) after(edits []text.Edit) *language.Document {
	same := func(arg string) string { return arg }
	return &language.Document{Path: p.Path, File: p.File.Edit(edits), Graph: p.Graph.With(p.File.Edit(edits), same), Contexts: p.Contexts}
}

// reruns are the steps that a change makes run again: from the first RUN behind each of the steps on, in its stage
// and in those that build on it. Of steps that take files from such a stage nobody can tell.
func (p place) reruns(behind ...*stages.Step) int {
	found := map[*stages.Step]bool{}
	for _, s := range behind {
		if s.Stage != nil {
			p.rerun(s.Stage, s.N+1, false, found)
		}
	}
	return len(found)
}

func (p place) rerun(stage *stages.Stage, from int, begun bool, found map[*stages.Step]bool) {
	for _, s := range stage.Steps[from:] {
		begun = begun || s.Instr.Name == "RUN"
		if begun && s.MakesLayer() {
			found[s] = true
		}
	}
	for _, child := range p.Graph.Children(stage) {
		p.rerun(child, 1, begun, found)
	}
}

// rerunsFrom are those of a change of a RUN itself.
func (p place) rerunsFrom(run *stages.Step) int {
	found := map[*stages.Step]bool{}
	p.rerun(run.Stage, run.N, true, found)
	return len(found)
}

// price says that steps rerun.
func price(n int) string { return fmt.Sprintf("reruns %s once", words.Count(n, "step")) }
