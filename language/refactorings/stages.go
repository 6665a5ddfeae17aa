package refactorings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// nameStage gives a name to a stage that has none, and writes it where the stage is named by its number. It is for the
// FROM and for each such number. The only stage of a file needs no name.
func nameStage(p place) (Refactoring, bool) {
	stage, numbers := p.numbered()
	if !p.whole() || stage == nil || stage.Name != "" || len(p.Graph.Stages) < 2 {
		return Refactoring{}, false
	}
	name, ok := p.freeName(stage, numbers)
	if !ok {
		return Refactoring{}, false
	}
	from := stage.Steps[0]
	c := rewrite.Of(p.Graph)
	c.InsertWords(from, from.Instr.Words[0].Span, rewrite.Keyword(from, "AS")+" "+name)
	p.write(c, numbers, name)
	title := fmt.Sprintf("Name this stage %s", words.Code(name))
	if p.step != from {
		title = fmt.Sprintf("Name stage %d %s", stage.Index, words.Code(name))
	}
	if len(numbers) > 0 {
		title += fmt.Sprintf(", and write that for its number in %s", words.Count(len(numbers), "place"))
	}
	return p.sameStages(made(Rewrite, title, c))
}

// nameForNumber writes the name of a stage in place of its number.
func nameForNumber(p place) (Refactoring, bool) {
	stage, numbers := p.numbered()
	if !p.whole() || stage == nil || stage.Name == "" || len(numbers) == 0 || p.in.Name == "FROM" {
		return Refactoring{}, false
	}
	c := rewrite.Of(p.Graph)
	p.write(c, numbers, stage.Name)
	title := fmt.Sprintf("Write %s in place of the stage's number %d", words.Code(stage.Name), stage.Index)
	if len(numbers) > 1 {
		title += fmt.Sprintf(", in %s", words.Count(len(numbers), "place"))
	}
	return p.sameStages(made(Rewrite, title, c))
}

// numbered is the stage that begins at the place, or whose number stands there, and all places of its number.
func (p place) numbered() (stage *stages.Stage, numbers []occurrences.Ref) {
	table := p.Occurrences()
	if p.in.Name == "FROM" {
		stage = p.step.Stage
	} else if r, ok := table.At(p.span.Start); ok && isNumber(r) {
		if i, ok := table.StageOf(r); ok {
			stage = p.Graph.Stages[i]
		}
	}
	if stage == nil {
		return nil, nil
	}
	for i, in := range p.File.Instructions {
		if in.Name != "COPY" || len(in.Flags) == 0 {
			continue
		}
		for _, r := range table.In(i) {
			if n, ok := table.StageOf(r); ok && n == stage.Index && isNumber(r) {
				numbers = append(numbers, r)
			}
		}
	}
	return stage, numbers
}

// isNumber reports whether a name is the number of a stage.
func isNumber(r occurrences.Ref) bool {
	_, err := strconv.Atoi(r.Name)
	return err == nil && r.Kind == occurrences.Stage && r.Place == occurrences.InCopy && !r.Onbuild
}

func (p place) write(c *rewrite.Change, numbers []occurrences.Ref, name string) {
	for _, r := range numbers {
		c.ReplaceWord(p.Occurrences().Step(r), r.Span, name)
	}
}

// freeName is a name for the stage by what it is for, which nothing in the file and no named context has.
func (p place) freeName(stage *stages.Stage, numbers []occurrences.Ref) (string, bool) {
	name := "base"
	switch {
	case stage.Index == len(p.Graph.Stages)-1:
		name = "final"
	case len(numbers) > 0:
		name = "build"
	}
	for n, free := 2, name; n < 100; n++ {
		if p.isFree(free) {
			return free, true
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return "", false
}

func (p place) isFree(name string) bool {
	table := p.Occurrences()
	for i, in := range p.File.Instructions {
		if in.Name != "FROM" && len(in.Flags) == 0 && in.Name != "ONBUILD" {
			continue
		}
		for _, r := range table.In(i) {
			if r.Kind == occurrences.Stage && (strings.EqualFold(r.Name, name) || strings.Contains(r.Name, "$")) {
				return false // a name that is made of variables may be this one
			}
		}
	}
	for _, s := range p.Graph.Stages {
		// What FROM $BASE stands for, or may.
		if s.Parent == nil && (s.Base.Text == name || !s.Base.Known) {
			return false
		}
	}
	return !slices.Contains(p.Contexts, name)
}

// sameStages lets a refactoring pass after which each name means the stage that it meant before.
func (p place) sameStages(r Refactoring, ok bool) (Refactoring, bool) {
	if !ok {
		return r, false
	}
	after := p.after(r.Edits)
	if !slices.Equal(parents(p.Graph), parents(after.Graph)) || !slices.Equal(meant(p.Occurrences(), len(p.File.Instructions)), meant(after.Occurrences(), len(after.File.Instructions))) {
		return r, false
	}
	return r, true
}

// parents are the stages that each stage builds on.
func parents(g *stages.Graph) (list []int) {
	for _, s := range g.Stages {
		parent := -1
		if s.Parent != nil {
			parent = s.Parent.Index
		}
		list = append(list, parent)
	}
	return list
}

// meant are the stages that all uses of names of stages mean, in order.
func meant(table *occurrences.Table, instructions int) (list []int) {
	for i := range instructions {
		for _, r := range table.In(i) {
			if r.Kind != occurrences.Stage || r.Defines {
				continue
			}
			stage, ok := table.StageOf(r)
			if !ok {
				stage = -1
			}
			list = append(list, stage)
		}
	}
	return list
}
