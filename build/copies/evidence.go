package copies

import (
	"slices"
	"sort"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"
)

// Evidence is what a stage tells of whether a folder is the context that the file is built with.
type Evidence struct {
	Lacks bool // the folder has not got a file that a COPY, a mount or a command names
	Shows bool // the folder has something that one of them names
	Whole bool // a COPY takes the whole context
}

// and is the evidence of both.
func (e Evidence) and(other Evidence) Evidence {
	return Evidence{e.Lacks || other.Lacks, e.Shows || other.Shows, e.Whole || other.Whole}
}

// Against reports whether the evidence of all stages of a file says that the folder is not the context
// that it is built with: it lacks something that the file names; or a COPY takes all of it, and it shows
// nothing that the file names, no sources and no repository's root: what is in a folder such as
// packaging/ is built from a directory above.
func (e Evidence) Against(bc *files.Context) bool {
	return e.Lacks || e.Whole && !e.Shows && !isProject(bc)
}

// Weighing is what the stages of a file tell of a folder.
type Weighing struct {
	Graph *stages.Graph

	context *files.Context
	stages  []*account
}

// Weigh asks all stages. before, which may be nil, is what an earlier state of the file told of the same folder;
// changes lead from there.
func Weigh(bc *files.Context, g *stages.Graph, before *Weighing, changes *stages.Changes) *Weighing {
	w := &Weighing{Graph: g, context: bc, stages: make([]*account, len(g.Stages))}
	for i, s := range g.Stages {
		var old *stages.Stage
		if before != nil && before.context == bc {
			old = changes.Before(s)
		}
		switch {
		case old == s:
			w.stages[i] = before.stages[i]
		case old != nil && old.Parent == s.Parent:
			w.stages[i] = before.stages[old.Index].after(bc, s, changes.Kept(s))
		default:
			w.stages[i] = newAccount(s)
			w.stages[i].copied = w.stages[i].copied || slices.ContainsFunc(s.Steps, takesWhole)
			w.stages[i].walk(bc, s.Steps)
		}
	}
	return w
}

// Of is the evidence of one stage of the graph.
func (w *Weighing) Of(s *stages.Stage) Evidence { return w.stages[s.Index].Evidence }

// Together is the evidence of all stages.
func (w *Weighing) Together() (sum Evidence) {
	for _, a := range w.stages {
		sum = sum.and(a.Evidence)
	}
	return sum
}

// account is how a stage was gone through: from the first step to the last, or to the one that the folder lacks
// something for. Most steps tell nothing. It notes those that do, so that the next state of the stage is gone
// through where it differs, and no further than to where all is known again.
type account struct {
	state
	copied bool   // a step, or a stage below, copies the whole context
	whole  []Copy // those that do, so far; without their steps, which are others in the next state
	made   made   // so far
	marks  []mark // after the steps that changed the state, and at the start
}

// state is what is known before a step. Lists only grow, so their lengths tell which part of them that is.
type state struct {
	Evidence
	whole, trees, files int
	any                 bool
}

type mark struct {
	steps int // that lie behind
	state
}

func newAccount(s *stages.Stage) *account {
	a := &account{}
	if s.Parent != nil {
		for _, stage := range s.Chain() {
			if stage != s {
				a.whole = append(a.whole, wholeOf(stage)...)
				a.made.stage(stage)
			}
		}
		a.whole = a.whole[:min(len(a.whole), MaxWhole)]
	}
	// Without a copied directory no command tells anything, and none has to be read.
	a.copied = len(a.whole) > 0
	a.count()
	a.marks = []mark{{0, a.state}}
	return a
}

func takesWhole(s *stages.Step) bool {
	c, ok := Of(s)
	return ok && c.Whole()
}

// count notes how long the lists are.
func (a *account) count() {
	a.state.whole, a.trees, a.files, a.any = len(a.whole), len(a.made.trees), len(a.made.files), a.made.any
}

// walk goes through steps.
func (a *account) walk(bc *files.Context, steps []*stages.Step) {
	for _, s := range steps {
		if a.Lacks {
			return // that decides
		}
		was := a.state
		a.step(bc, s)
		if a.count(); a.state != was {
			a.marks = append(a.marks, mark{s.N + 1, a.state})
		}
	}
}

func (a *account) step(bc *files.Context, s *stages.Step) {
	e := &a.Evidence
	if len(a.whole) > 0 {
		e.Shows = e.Shows || names(bc, a.whole, s)
	}
	if s.Instr.Name == "RUN" { // what starts later may have been built
		if a.copied {
			e.script(bc, a.whole, s, &a.made)
		}
		e.mounts(bc, s)
	}
	a.made.step(s)
	c, ok := Of(s)
	if !ok {
		return
	}
	e.Lacks = e.Lacks || slices.ContainsFunc(c.Sources, func(source string) bool { return missing(bc, source) })
	if !c.Whole() {
		e.Shows = e.Shows || c.Select(bc).Files > 0
		return
	}
	e.Whole = true
	if len(a.whole) < MaxWhole {
		c.Step = nil
		a.whole = append(a.whole, c)
	}
}

// at is the number of marks up to where so many steps lie behind. There is one at the start.
func (a *account) at(steps int) int {
	return sort.Search(len(a.marks), func(i int) bool { return a.marks[i].steps > steps })
}

// upTo is the account of the first steps.
func (a *account) upTo(steps int) *account {
	n := a.at(steps)
	s := a.marks[n-1].state
	return &account{
		state: s, copied: a.copied, whole: slices.Clip(a.whole[:s.whole]), marks: slices.Clip(a.marks[:n]),
		made: made{any: s.any, trees: slices.Clip(a.made.trees[:s.trees]), files: slices.Clip(a.made.files[:s.files])},
	}
}

// after is the account of the next state of the stage, which has the same stages below.
func (a *account) after(bc *files.Context, s *stages.Stage, k *stages.Kept) *account {
	from, to := k.Head, k.New-k.Tail // the steps that may have changed something
	if len(k.Fresh) > 0 {
		from, to = min(from, k.Fresh[0]), max(to, k.Fresh[len(k.Fresh)-1]+1)
	}
	next := a.upTo(from)
	next.copied = len(next.whole) > 0 || slices.ContainsFunc(s.Steps[from:to], takesWhole) || a.copied && slices.ContainsFunc(s.Steps, takesWhole)
	if next.copied != a.copied {
		next = a.upTo(0)
		next.copied = !a.copied
		next.walk(bc, s.Steps)
		return next
	}
	start := next.state
	next.walk(bc, s.Steps[from:to])
	n := a.at(to - k.New + k.Old)
	if !next.same(a, start, a.marks[n-1].state) {
		next.walk(bc, s.Steps[to:])
		return next
	}
	if k.New == k.Old && slices.Equal(next.marks, a.marks[:n]) {
		return a
	}
	for _, m := range a.marks[n:] {
		m.steps += k.New - k.Old
		next.marks = append(next.marks, m)
	}
	next.state, next.whole, next.made = a.state, a.whole, a.made
	return next
}

// same reports whether all is as it was in the account of an earlier state when that stood at then; up to start they
// are one.
func (a *account) same(was *account, start, then state) bool {
	return a.state == then && a.state.whole == start.whole &&
		slices.Equal(a.made.trees[start.trees:], was.made.trees[start.trees:then.trees]) &&
		slices.Equal(a.made.files[start.files:], was.made.files[start.files:then.files])
}
