package diagnostics

import (
	"maps"
	"slices"

	"layerwise/dockerfile/text"
)

// maxPasses bounds FixAll: a rule whose fix makes room for the next finding ends all the same. maxLong is how many
// of them may leave fixes untried: these take long, and each brings no more than what was tried.
const (
	maxPasses = 50
	maxLong   = 10
)

// Fixed is what FixAll leaves.
type Fixed struct {
	Src   string            // the Dockerfile's new text
	Files map[string]string // the new texts of other files, by absolute path
	Edits []FileEdit        // what has become of other files, from their texts before; sorted by path
	Fixes int               // how many were applied
}

// state is where FixAll stands.
type state struct {
	src    string
	files  map[string]string
	others map[string]FileEdit // of each other file: the first edit, which knows the text before
	fixes  int
}

// choice is a fix with the finding that it mends.
type choice struct {
	Fix
	kind kind
}

// progress is how many findings of a kind, and of its rule, there were when one was last mended, and how often one
// was mended since without there being fewer. Of those that are not shown only the rule is known.
type progress struct{ findings, ofRule, vain int }

// maxVain bounds how often a finding is mended without there being fewer of its kind.
const maxVain = 1

// FixAll applies the first safe fix of each finding (or, with suggested, the first of any kind),
// checks the new text, and goes on until none is left. Fixes of one pass lie apart in the
// Dockerfile, and at most one of them changes another file; the others wait for the next pass, for
// which they are worked out anew. If a pass leaves a finding without the safe fix that it had, that fix goes
// first. A fix is applied again where there are fewer findings of its kind than there were. Where there are as
// many, once more, but no oftener: another fix may bring one to light that says the same, but all must end.
// check returns the findings of a Dockerfile's text, with other files, such as .dockerignore, as the fixes so
// far leave them.
func FixAll(src string, suggested bool, check func(src string, files map[string]string) []Diagnostic) Fixed {
	at := state{src: src, files: map[string]string{}, others: map[string]FileEdit{}}
	applied := map[kind]progress{} // where it stood when a finding of the kind was last mended
	found := check(at.src, at.files)
	choices := choose(found, suggested)
	long := 0
	for range maxPasses {
		if Untried(found) {
			if long++; long > maxLong {
				break
			}
		}
		now := count(found)
		choices = slices.DeleteFunc(choices, func(c choice) bool {
			last, again := applied[c.kind]
			return again && now.rules[c.kind.rule] >= last.ofRule &&
				(now.kinds[c.kind] > last.findings || now.kinds[c.kind] == last.findings && last.vain == maxVain)
		})
		if len(choices) == 0 {
			break
		}
		next, done := at.pass(choices)
		foundNext := check(next.src, next.files)
		choicesNext := choose(foundNext, suggested)
		if gone := lost(fixable(choices), fixable(choicesNext), now, count(foundNext)); len(gone) > 0 {
			// Once with the lost ones first: if that loses others, the order of the file is as good.
			first := slices.Clone(choices)
			slices.SortStableFunc(first, func(a, b choice) int { return rank(gone[a.kind]) - rank(gone[b.kind]) })
			other, otherDone := at.pass(first)
			foundOther := check(other.src, other.files)
			choicesOther := choose(foundOther, suggested)
			if len(lost(fixable(choices), fixable(choicesOther), now, count(foundOther))) < len(gone) {
				next, done, foundNext, choicesNext = other, otherDone, foundOther, choicesOther
			}
		}
		for _, c := range done {
			next := progress{findings: now.kinds[c.kind], ofRule: now.rules[c.kind.rule]}
			if last, again := applied[c.kind]; again && next.findings >= last.findings && next.ofRule >= last.ofRule {
				next.vain = last.vain + 1
			}
			applied[c.kind] = next
		}
		if next.same(at) {
			break
		}
		at, found, choices = next, foundNext, choicesNext
	}
	return at.result()
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

func fixable(choices []choice) map[kind]int {
	number := map[kind]int{}
	for _, c := range choices {
		number[c.kind]++
	}
	return number
}

func (s state) same(o state) bool { return s.src == o.src && maps.Equal(s.files, o.files) }

func (s state) result() Fixed {
	done := Fixed{Src: s.src, Files: s.files, Fixes: s.fixes}
	for _, path := range slices.Sorted(maps.Keys(s.others)) {
		e := s.others[path]
		e.Edits = []text.Edit{{Span: text.Span{End: len(e.Source)}, New: s.files[path]}}
		done.Edits = append(done.Edits, e)
	}
	return done
}

// choose is the first fix of each finding that may be applied.
func choose(found []Diagnostic, suggested bool) (choices []choice) {
	for i := range found {
		for _, f := range found[i].Fixes() {
			if f.Safety == Safe || suggested {
				choices = append(choices, choice{f, kindOf(&found[i])})
				break
			}
		}
	}
	return choices
}

// pass applies the fixes that lie apart. A fix takes all that stands between its first edit and its
// last, since it may depend on it.
func (s state) pass(choices []choice) (next state, done []choice) {
	next = state{files: s.files, others: maps.Clone(s.others), fixes: s.fixes}
	var edits []text.Edit
	var taken []text.Span // sorted, apart from each other
	changed := false      // another file
	for _, c := range choices {
		own, other := c.split()
		hull := hullOf(own)
		at, free := fits(taken, hull)
		if len(own) > 0 && !free || len(other) > 0 && changed {
			continue
		}
		if len(own) > 0 {
			taken = slices.Insert(taken, at, hull)
			edits = append(edits, own...)
		}
		if len(other) > 0 {
			changed = true
			next.files = overlaid(next.files, other)
			for _, e := range other {
				if _, known := next.others[e.Path]; !known {
					next.others[e.Path] = e
				}
			}
		}
		next.fixes++
		done = append(done, c)
	}
	next.src = text.Apply(s.src, edits)
	return next, done
}

// split parts a fix into the edits of the Dockerfile and those of other files.
func (f Fix) split() (own []text.Edit, others []FileEdit) {
	for _, e := range f.Edits {
		if e.Path == "" {
			own = append(own, e.Edits...)
		} else {
			others = append(others, e)
		}
	}
	return own, others
}

func hullOf(edits []text.Edit) (hull text.Span) {
	for i, e := range edits {
		if i == 0 {
			hull = e.Span
		}
		hull.Start, hull.End = min(hull.Start, e.Span.Start), max(hull.End, e.Span.End)
	}
	return hull
}

// fits finds where a span belongs in a sorted list, and whether it stays clear of its neighbours.
func fits(taken []text.Span, span text.Span) (at int, free bool) {
	at, _ = slices.BinarySearchFunc(taken, span, func(a, b text.Span) int { return a.Start - b.Start })
	free = (at == 0 || taken[at-1].End < span.Start) && (at == len(taken) || span.End < taken[at].Start)
	return at, free
}
