package occurrences

import (
	"sort"
	"strconv"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Table are the names of a file, with what they mean. It is never modified.
type Table struct {
	graph    *stages.Graph
	contexts map[string]bool // the named contexts of the build
	list     [][]Occurrence  // by instruction
	stage    []int           // of each instruction: the index of its stage; -1 before the first
	first    []int           // of each stage: the instruction that begins it
	named    map[string][]Ref
	uses     map[string][]Ref  // of stages and images, by their names in lower case
	vars     map[string][]Ref  // all of a variable's name, in the order of the file
	defs     map[inStage][]Ref // the definitions of a variable in a stage, or before the first one
}

type inStage struct {
	stage int
	name  string
}

// Ref is one occurrence in a file.
type Ref struct {
	*Occurrence
	Index int // the number of the instruction in the file
	n     int // the number of the occurrence in it
}

// IsZero reports whether it is none.
func (r Ref) IsZero() bool { return r.Occurrence == nil }

// Same reports whether both are one.
func (r Ref) Same(o Ref) bool { return r.Index == o.Index && r.n == o.n && r.IsZero() == o.IsZero() }

// Of are the names of a file. contexts are the named contexts of its build. The result is kept with the graph.
func Of(g *stages.Graph, contexts ...string) *Table {
	return g.Memo(tableKey{strings.Join(contexts, "\x00")}, func() any { return newTable(g, contexts) }).(*Table)
}

type tableKey struct{ contexts string }

func newTable(g *stages.Graph, contexts []string) *Table {
	n := len(g.File.Instructions)
	t := &Table{
		graph: g, contexts: map[string]bool{}, list: make([][]Occurrence, n), stage: make([]int, n),
		named: map[string][]Ref{}, uses: map[string][]Ref{}, vars: map[string][]Ref{}, defs: map[inStage][]Ref{},
	}
	for _, name := range contexts {
		if name != "scratch" && name != "context" {
			t.contexts[name] = true
		}
	}
	stage := -1
	for i, in := range g.File.Instructions {
		if in.Name == "FROM" {
			stage++
			t.first = append(t.first, i)
		}
		t.stage[i] = stage
		t.list[i] = t.in(i)
		for k := range t.list[i] {
			o := &t.list[i][k]
			r := Ref{o, i, k}
			switch {
			case o.Kind == Stage && o.Defines:
				t.named[o.Name] = append(t.named[o.Name], r)
			case o.Kind == Stage:
				name := strings.ToLower(o.Name)
				t.uses[name] = append(t.uses[name], r)
			case o.Kind == Variable && o.By != Nobody:
				t.vars[o.Name] = append(t.vars[o.Name], r)
				if o.Defines && !o.Onbuild {
					at := inStage{stage, o.Name}
					t.defs[at] = append(t.defs[at], r)
				}
			}
		}
	}
	return t
}

// in are the names of an instruction of the file.
func (t *Table) in(i int) []Occurrence {
	step := t.graph.StepAt(i)
	return In(step.Instr, t.graph.File.Escape, step.Shell)
}

// At is the name at an offset of the file, or the one that ends there. ok is false if there is none.
func (t *Table) At(offset int) (r Ref, ok bool) {
	f := t.graph.File
	i := f.Index(offset)
	if i == len(f.Instructions) && i > 0 && offset == f.Start(i) {
		i-- // at the end of the file
	}
	if i < 0 || i >= len(f.Instructions) {
		return Ref{}, false
	}
	return t.within(i, offset-f.Start(i))
}

func (t *Table) within(i, at int) (found Ref, ok bool) {
	list := t.list[i]
	n := sort.Search(len(list), func(n int) bool { return list[n].Span.Start > at })
	for n--; n >= 0; n-- {
		o := &list[n]
		if !o.Span.Contains(at) || o.Span.Len() == 0 {
			continue
		}
		r := Ref{o, i, n}
		switch {
		case !ok:
			found, ok = r, true
		case found.Span.Start == at && o.Span.End == at && o.Kind != Path: // between two: the one that begins
		case o.Span.Len() < found.Span.Len():
			found = r // a variable in a path
		}
	}
	return found, ok
}

// In are the names of instruction i of the file, in order.
func (t *Table) In(i int) (list []Ref) {
	for n := range t.list[i] {
		list = append(list, Ref{&t.list[i][n], i, n})
	}
	return list
}

// Span is the place of the name in the source.
func (t *Table) Span(r Ref) text.Span { return r.Span.Shift(t.graph.File.Start(r.Index)) }

// Step is the step that holds the name.
func (t *Table) Step(r Ref) *stages.Step { return t.graph.StepAt(r.Index) }

// KindOf is what the name names. Of a Stage it says whether it is one, an Image or a Context.
func (t *Table) KindOf(r Ref) Kind {
	if r.Kind != Stage || r.Defines {
		return r.Kind
	}
	if t.contexts[r.Name] {
		return Context
	}
	if _, ok := t.StageOf(r); ok {
		return Stage
	}
	return Image
}

// StageOf is the index of the stage that the name means: its own of AS, that of a use by BuildKit's rules. FROM
// looks among the stages above it, for the name exactly in lower case. --from is a number or a name, in any
// case, of a stage anywhere in the file; from= of a mount is no number.
func (t *Table) StageOf(r Ref) (index int, ok bool) {
	switch {
	case r.Kind != Stage:
		return 0, false
	case r.Defines:
		return t.stage[r.Index], true
	case t.contexts[r.Name]:
		return 0, false
	case r.Onbuild && !t.consumed(r):
		return 0, false
	}
	if i, err := strconv.Atoi(r.Name); err == nil && r.Place == InCopy {
		return i, 0 <= i && i < len(t.first)
	}
	name := r.Name
	before := len(t.first)
	if r.Place == InFrom {
		before = t.stage[r.Index]
	} else {
		name = strings.ToLower(name)
	}
	list := t.named[name]
	n := sort.Search(len(list), func(n int) bool { return t.stage[list[n].Index] >= before })
	if n == 0 {
		return 0, false
	}
	return t.stage[list[n-1].Index], true
}

// consumed reports whether stages of the file build on that of an ONBUILD, and so run it.
func (t *Table) consumed(r Ref) bool {
	step := t.Step(r)
	return step.Stage != nil && len(t.graph.Children(step.Stage)) > 0
}

// NameOf is where the stage gets its name; ok is false if it has none.
func (t *Table) NameOf(stage int) (r Ref, ok bool) {
	if stage < 0 || stage >= len(t.first) {
		return Ref{}, false
	}
	i := t.first[stage]
	for n := range t.list[i] {
		if o := &t.list[i][n]; o.Kind == Stage && o.Defines {
			return Ref{o, i, n}, true
		}
	}
	return Ref{}, false
}

// Stages are the names of the file's stages, in order.
func (t *Table) Stages() (list []Ref) {
	for stage := range t.first {
		if r, ok := t.NameOf(stage); ok {
			list = append(list, r)
		}
	}
	return list
}

// From is the FROM instruction of a stage.
func (t *Table) From(stage int) *syntax.Instruction { return t.graph.File.Instructions[t.first[stage]] }

// parent is the index of the stage that a stage builds on; -1 if there is none.
func (t *Table) parent(stage int) int {
	s := t.graph.Stages[stage]
	if s.Parent != nil {
		return s.Parent.Index
	}
	if s.Steps[0].Instr.Cmd() != nil {
		return -1
	}
	for _, r := range t.In(t.first[stage]) { // half typed
		if r.Kind == Stage && r.Place == InFrom {
			if i, ok := t.StageOf(r); ok {
				return i
			}
		}
	}
	return -1
}
