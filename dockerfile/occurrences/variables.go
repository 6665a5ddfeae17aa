package occurrences

import (
	"slices"
	"sort"
	"strconv"
)

// Definitions are where the name gets its meaning, the one that counts first: the AS of a stage, the last ARG or
// ENV before the use in the stage or those that it builds on, then, for an ARG without a value, the global one. Of
// a definition it is the name itself. There are none of what the file does not define: images, predefined
// variables, those of the base image.
func (t *Table) Definitions(r Ref) []Ref {
	switch r.Kind {
	case Stage:
		if stage, ok := t.StageOf(r); ok {
			if def, ok := t.NameOf(stage); ok {
				return []Ref{def}
			}
		}
	case Variable:
		if r.By != Nobody {
			return t.withGlobal(t.definition(r))
		}
	case Local, Heredoc:
		return t.inInstruction(r, func(o Ref) bool { return o.Defines })
	}
	return nil
}

// withGlobal adds the global ARG from which one without a value takes it.
func (t *Table) withGlobal(def Ref) []Ref {
	if def.IsZero() {
		return nil
	}
	list := []Ref{def}
	if !def.Env && !def.Default && t.stageAt(def.Index) >= 0 {
		if global := t.variable(def.Name).args; len(global) > 0 {
			list = append(list, global[len(global)-1])
		}
	}
	return list
}

// definition is the one that counts for a variable; zero if the file has none.
func (t *Table) definition(r Ref) Ref {
	stage := t.stageAt(r.Index)
	if r.Defines && !r.Onbuild {
		return r
	}
	in := t.graph.File.Instructions[r.Index]
	before := r.Index
	if r.By == ContainerShell && !r.Onbuild {
		before = t.count() // the container has what the image has in the end
	}
	v := t.variable(r.Name)
	defs := v.defs[stage]
	if stage >= 0 && r.Index == t.first(stage) {
		stage, defs = -1, v.args
	}
	n := sort.Search(len(defs), func(n int) bool { return defs[n].Index >= before })
	if in.Name == "ARG" && !r.Onbuild {
		pair := t.pairOf(r) // of ARG a=1 b=$a, the value of b has the new a
		for n < len(defs) && defs[n].Index == r.Index && defs[n].Pair < pair {
			n++
		}
	}
	var above Ref
	env := r.By == ContainerShell
	if stage >= 0 && (n == 0 || env && !lastEnv(defs[:n]).Env) {
		above = v.inherited(stage, env)
	}
	switch {
	case n == 0 || env && !above.IsZero() && above.Env:
		return above
	case env:
		return lastEnv(defs[:n])
	}
	return defs[n-1]
}

// inherit fills in what stages have from those that they build on, which stand above them.
func (t *Table) inherit(v *variable) {
	if len(v.defs) == 0 {
		return
	}
	n := len(t.graph.Stages)
	v.above, v.aboveEnv = make([]Ref, n), make([]Ref, n)
	for stage := range n {
		parent := t.parent(stage)
		if parent < 0 {
			continue
		}
		defs := v.defs[parent]
		v.above[stage], v.aboveEnv[stage] = v.above[parent], v.aboveEnv[parent]
		if len(defs) == 0 {
			continue
		}
		v.above[stage] = defs[len(defs)-1]
		if last := lastEnv(defs); last.Env || v.aboveEnv[parent].IsZero() || !v.aboveEnv[parent].Env {
			v.aboveEnv[stage] = last
		}
	}
}

// inherited is the definition that counts at the end of the stages that a stage builds on. env asks for an ENV, and
// takes an ARG only where there is none.
func (v *variable) inherited(stage int, env bool) Ref {
	switch {
	case stage < 0 || v.above == nil:
		return Ref{}
	case env:
		return v.aboveEnv[stage]
	}
	return v.above[stage]
}

// lastEnv is the last ENV, which is what a container has, or the last ARG if there is none.
func lastEnv(defs []Ref) Ref {
	for _, def := range slices.Backward(defs) {
		if def.Env {
			return def
		}
	}
	return defs[len(defs)-1]
}

// pairOf is the pair of an ARG or ENV in which a name stands.
func (t *Table) pairOf(r Ref) int {
	pair := 0
	for n, o := range t.in(r.Index) {
		if n <= r.n && o.Kind == Variable && o.Defines {
			pair = o.Pair
		}
	}
	return pair
}

// All are all occurrences of what the name names, in the order of the file, r among them.
func (t *Table) All(r Ref) (list []Ref) {
	switch r.Kind {
	case Stage:
		return t.allOfStage(r)
	case Variable:
		if r.By != Nobody {
			return t.allOfVariable(r)
		}
	case Local, Heredoc:
		return t.inInstruction(r, func(Ref) bool { return true })
	}
	return []Ref{r}
}

// allOfStage are the AS of a stage and its uses, or the uses of an image.
func (t *Table) allOfStage(r Ref) (list []Ref) {
	stage, isStage := t.StageOf(r)
	if !isStage {
		for _, use := range t.usesOf(r.Name) {
			if t.KindOf(use) == t.KindOf(r) && use.Name == r.Name {
				list = append(list, use)
			}
		}
		return list
	}
	return t.OfStage(stage)
}

// OfStage are the AS of a stage and its uses, in the order of the file.
func (t *Table) OfStage(stage int) (list []Ref) {
	add := func(uses []Ref) {
		for _, use := range uses {
			if s, ok := t.StageOf(use); ok && s == stage {
				list = append(list, use)
			}
		}
	}
	if def, ok := t.NameOf(stage); ok {
		list = append(list, def)
		add(t.usesOf(def.Name))
	}
	add(t.usesOf(strconv.Itoa(stage)))
	sortRefs(list)
	return list
}

// allOfVariable are the definitions that share values, or their name as a build argument, and all uses that have
// one of these for their definition.
func (t *Table) allOfVariable(r Ref) (list []Ref) {
	v := t.variable(r.Name)
	refs := v.refs
	groups := make(map[[2]int][2]int, len(refs)) // of definitions, by their places: another one of the same group
	root := func(at [2]int) [2]int {
		for {
			up, ok := groups[at]
			if !ok || up == at {
				return at
			}
			if next, ok := groups[up]; ok {
				groups[at] = next
			}
			at = up
		}
	}
	join := func(a, b Ref) {
		if x, y := root(a.place()), root(b.place()); x != y {
			groups[y] = x
		}
	}
	global := v.args
	for i, def := range refs {
		if !def.Defines || def.Onbuild {
			continue
		}
		stage := t.stageAt(def.Index)
		defs := v.defs[stage]
		if n := slices.IndexFunc(defs[:min(len(defs), 1)], def.Same); n < 0 {
			join(defs[0], refs[i])
		} else if stage >= 0 {
			if above := v.inherited(stage, false); !above.IsZero() {
				join(above, def)
			}
		}
		if !def.Env && len(global) > 0 {
			join(global[0], def)
		}
	}
	group := func(r Ref) ([2]int, bool) {
		def := t.definition(r)
		if def.IsZero() {
			return [2]int{}, false
		}
		return root(def.place()), true
	}
	mine, defined := group(r)
	top := t.top(r)
	for _, o := range refs {
		theirs, ok := group(o)
		if ok != defined || theirs != mine || !ok && (t.top(o) != top) {
			continue
		}
		list = append(list, o)
	}
	return list
}

// top is the stage at the start of the chain of a name's stage: what no file defines comes from its image.
func (t *Table) top(r Ref) int {
	stage := t.stageAt(r.Index)
	if stage < 0 || r.Index == t.first(stage) {
		return -1
	}
	t.chaining.Do(func() {
		t.tops = make([]int, len(t.graph.Stages))
		for i := range t.tops {
			t.tops[i] = i
			if parent := t.parent(i); parent >= 0 {
				t.tops[i] = t.tops[parent]
			}
		}
	})
	return t.tops[stage]
}

func (r Ref) place() [2]int { return [2]int{r.Index, r.n} }

// inInstruction are the names of the same instruction that are the same.
func (t *Table) inInstruction(r Ref, fits func(Ref) bool) (list []Ref) {
	for _, o := range t.In(r.Index) {
		if o.Kind == r.Kind && o.Name == r.Name && (r.Kind != Heredoc || o.Pair == r.Pair) && fits(o) {
			list = append(list, o)
		}
	}
	return list
}

func sortRefs(list []Ref) {
	slices.SortFunc(list, func(a, b Ref) int {
		if a.Index != b.Index {
			return a.Index - b.Index
		}
		return a.n - b.n
	})
}
