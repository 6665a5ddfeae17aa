package diagnostics

import (
	"maps"
	"slices"
	"strings"

	"layerwise/dockerfile/text"
)

// maxPasses bounds FixAll: a rule whose fix makes room for the next finding ends all the same.
const maxPasses = 200

// Fixed is what FixAll leaves.
type Fixed struct {
	Src   string            // the Dockerfile's new text
	Files map[string]string // the new texts of other files, by absolute path
	Fixes int               // how many were applied
}

// FixAll applies the first safe fix of each finding (or, with suggested, the first of any kind),
// checks the new text, and goes on until none is left. Fixes of one pass lie apart in the
// Dockerfile, and at most one of them changes another file; the others wait for the next pass, for
// which they are worked out anew. check returns the findings of a Dockerfile's text, with other
// files, such as .dockerignore, as the fixes so far leave them.
func FixAll(src string, suggested bool, check func(src string, files map[string]string) []Diagnostic) Fixed {
	done := Fixed{Src: src, Files: map[string]string{}}
	seen := map[string]bool{done.key(): true}
	for range maxPasses {
		next := done.pass(choose(check(done.Src, done.Files), suggested))
		if next.Fixes == done.Fixes {
			return done
		}
		if seen[next.key()] {
			return done // it leads in a circle
		}
		seen[next.key()] = true
		done = next
	}
	return done
}

// key tells states apart.
func (f Fixed) key() string {
	var b strings.Builder
	b.WriteString(f.Src)
	for _, path := range slices.Sorted(maps.Keys(f.Files)) {
		b.WriteString("\x00" + path + "\x00" + f.Files[path])
	}
	return b.String()
}

// choose is the first fix of each finding that may be applied.
func choose(found []Diagnostic, suggested bool) (fixes []Fix) {
	for _, d := range found {
		for _, f := range d.Fixes() {
			if f.Safety == Safe || suggested {
				fixes = append(fixes, f)
				break
			}
		}
	}
	return fixes
}

// pass applies the fixes that lie apart. A fix takes all that stands between its first edit and its
// last, since it may depend on it.
func (f Fixed) pass(fixes []Fix) Fixed {
	next := Fixed{Src: f.Src, Files: maps.Clone(f.Files), Fixes: f.Fixes}
	var edits []text.Edit
	var taken []text.Span // sorted, apart from each other
	others := false
	for _, fix := range fixes {
		own, other := fix.split()
		hull := hullOf(own)
		at, free := fits(taken, hull)
		if len(own) > 0 && !free || len(other) > 0 && others {
			continue
		}
		if len(own) > 0 {
			taken = slices.Insert(taken, at, hull)
			edits = append(edits, own...)
		}
		for _, e := range other {
			others = true
			before, ok := f.Files[e.Path]
			if !ok {
				before = e.Source
			}
			next.Files[e.Path] = text.Apply(before, e.Edits)
		}
		next.Fixes++
	}
	next.Src = text.Apply(f.Src, edits)
	return next
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
