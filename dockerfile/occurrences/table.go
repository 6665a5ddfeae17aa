package occurrences

import (
	"sort"
	"strconv"
	"strings"
	"sync"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Table are the names of a file, with what they mean. What is asked of a name looks at the instructions in which
// it may stand only, so that a keystroke costs little in a long file. A Table is never modified but for what it
// keeps of answers, and may be used by several goroutines.
type Table struct {
	graph    *stages.Graph
	contexts map[string]bool // the named contexts of the build

	naming sync.Once
	named  map[string][]Ref // the names of stages

	using sync.Once
	uses  map[string][]Ref // of stages and images, by their names in lower case

	chaining sync.Once
	tops     []int // of each stage: the one at the start of its chain

	mu   sync.Mutex
	vars map[string]*variable // guarded by mu
}

// variable are all occurrences of the variables of one name, in the order of the file.
type variable struct {
	refs []Ref
	defs map[int][]Ref // the definitions, by the stage; -1 stands for before the first one
	args []Ref         // those by ARG before the first stage: what FROM sees, and an ARG without a value takes

	// Of each stage: the definition that counts at the end of those that it builds on, and the same in a container,
	// which has ENV and not ARG. Both are nil if no stage has any.
	above, aboveEnv []Ref
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
	t := &Table{graph: g, contexts: map[string]bool{}, vars: map[string]*variable{}}
	for _, name := range contexts {
		if name != "scratch" && name != "context" {
			t.contexts[name] = true
		}
	}
	return t
}

// in are the names of an instruction of the file.
func (t *Table) in(i int) []Occurrence {
	step := t.graph.StepAt(i)
	return In(step.Instr, t.graph.File.Escape, step.Shell)
}

// count is the number of instructions.
func (t *Table) count() int { return len(t.graph.File.Instructions) }

// stageAt is the index of the stage of an instruction; -1 before the first one.
func (t *Table) stageAt(i int) int {
	if s := t.graph.StepAt(i).Stage; s != nil {
		return s.Index
	}
	return -1
}

// first is the instruction that begins a stage.
func (t *Table) first(stage int) int { return t.graph.Index(t.graph.Stages[stage].Steps[0]) }

// stagesNamed are the stages of a name, in order.
func (t *Table) stagesNamed(name string) []Ref {
	t.naming.Do(func() {
		t.named = map[string][]Ref{}
		for stage := range t.graph.Stages {
			if r, ok := t.NameOf(stage); ok {
				t.named[r.Name] = append(t.named[r.Name], r)
			}
		}
	})
	return t.named[name]
}

// variable are the occurrences of the variables of a name.
func (t *Table) variable(name string) *variable {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.vars[name]
	if v == nil {
		v = t.findVariable(name)
		t.vars[name] = v
	}
	return v
}

func (t *Table) findVariable(name string) *variable {
	v := &variable{defs: map[int][]Ref{}}
	for i, in := range t.graph.File.Instructions {
		if !strings.Contains(in.Text, name) && !mayHide(in) {
			continue
		}
		list := t.in(i)
		for n := range list {
			o := &list[n]
			if o.Kind != Variable || o.Name != name || o.By == Nobody {
				continue
			}
			r := Ref{o, i, n}
			v.refs = append(v.refs, r)
			if o.Defines && !o.Onbuild {
				stage := t.stageAt(i)
				v.defs[stage] = append(v.defs[stage], r)
				if stage < 0 && !o.Env {
					v.args = append(v.args, r)
				}
			}
		}
	}
	t.inherit(v)
	return v
}

// mayHide reports whether a name may stand in an instruction whose text does not have it: one that a continuation
// or an escape of JSON cuts.
func mayHide(in *syntax.Instruction) bool {
	return in.Joined().Continued() || (in.JSON || in.Name == "ONBUILD") && strings.Contains(in.Text, `\u`)
}

// usesOf are the places where FROM, --from and from= say a name, in any case.
func (t *Table) usesOf(name string) []Ref {
	t.using.Do(func() {
		t.uses = map[string][]Ref{}
		for i, in := range t.graph.File.Instructions {
			if in.Name != "FROM" && in.Name != "ONBUILD" && len(in.Flags) == 0 {
				continue
			}
			occurrences := t.in(i)
			for n := range occurrences {
				if o := &occurrences[n]; o.Kind == Stage && !o.Defines {
					key := strings.ToLower(o.Name)
					if n, err := strconv.Atoi(key); err == nil && o.Place == InCopy && 0 <= n && n < len(t.graph.Stages) {
						key = strconv.Itoa(n) // --from=01 is --from=1
					}
					t.uses[key] = append(t.uses[key], Ref{o, i, n})
				}
			}
		}
	})
	return t.uses[strings.ToLower(name)]
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
	list := t.in(i)
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
	occurrences := t.in(i)
	list = make([]Ref, 0, len(occurrences))
	for n := range occurrences {
		list = append(list, Ref{&occurrences[n], i, n})
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
		return t.stageAt(r.Index), true
	case t.contexts[r.Name]:
		return 0, false
	case r.Onbuild && !t.consumed(r):
		return 0, false
	}
	if i, err := strconv.Atoi(r.Name); err == nil && r.Place == InCopy {
		return i, 0 <= i && i < len(t.graph.Stages)
	}
	name := r.Name
	before := len(t.graph.Stages)
	if r.Place == InFrom {
		before = t.stageAt(r.Index)
	} else {
		name = strings.ToLower(name)
	}
	list := t.stagesNamed(name)
	n := sort.Search(len(list), func(n int) bool { return t.stageAt(list[n].Index) >= before })
	if n == 0 {
		return 0, false
	}
	return t.stageAt(list[n-1].Index), true
}

// consumed reports whether stages of the file build on that of an ONBUILD, and so run it.
func (t *Table) consumed(r Ref) bool {
	step := t.Step(r)
	return step.Stage != nil && len(t.graph.Children(step.Stage)) > 0
}

// NameOf is where the stage gets its name; ok is false if it has none.
func (t *Table) NameOf(stage int) (r Ref, ok bool) {
	if stage < 0 || stage >= len(t.graph.Stages) {
		return Ref{}, false
	}
	i := t.first(stage)
	list := t.in(i)
	for n := range list {
		if o := &list[n]; o.Kind == Stage && o.Defines {
			return Ref{o, i, n}, true
		}
	}
	return Ref{}, false
}

// Stages are the names of the file's stages, in order.
func (t *Table) Stages() (list []Ref) {
	for stage := range t.graph.Stages {
		if r, ok := t.NameOf(stage); ok {
			list = append(list, r)
		}
	}
	return list
}

// parent is the index of the stage that a stage builds on; -1 if there is none.
func (t *Table) parent(stage int) int {
	s := t.graph.Stages[stage]
	if s.Parent != nil {
		return s.Parent.Index
	}
	if s.Steps[0].Instr.Cmd() != nil {
		return -1
	}
	for _, r := range t.In(t.first(stage)) { // half typed
		if r.Kind == Stage && r.Place == InFrom {
			if i, ok := t.StageOf(r); ok {
				return i
			}
		}
	}
	return -1
}
