package diagnostics

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"layerwise/dockerfile/text"
)

// maxTries bounds how many fixes of one state of a file are tried, and tryWork the instructions that are looked at
// for them: each try is a check of the whole file. Those beyond are not offered until some of the others are
// applied; Untried says that there are such.
const (
	maxTries = 300
	minTries = 20
	tryWork  = 300_000
)

// mayTry reports whether another fix may be tried, and counts it.
func (r *Results) mayTry() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tried >= max(minTries, min(maxTries, tryWork/max(1, len(r.in.Graph.File.Instructions)))) {
		r.untried = true
		return false
	}
	r.tried++
	return true
}

// Untried reports whether some of the findings may have fixes that are not offered, because those of too many
// were asked for.
func Untried(found []Diagnostic) bool {
	return slices.ContainsFunc(found, func(d Diagnostic) bool {
		if d.results == nil {
			return false
		}
		d.results.mu.Lock()
		defer d.results.mu.Unlock()
		return d.results.untried
	})
}

// offered are the fixes of a diagnostic that keep what they promise: tried, they make it go away and bring
// no new error.
func (r *Results) offered(d *Diagnostic, compute func(*Pass) []Fix, p *Pass) (fixes []Fix) {
	if r.in.Try != nil && !r.mayTry() {
		return nil // nor worked out, which takes as long
	}
	r.guard(d.Rule, func() { fixes = compute(p) })
	if r.in.Try == nil {
		return fixes
	}
	kept := fixes[:0:0]
	for _, f := range fixes {
		if r.mends(d, f) {
			kept = append(kept, f)
		}
	}
	return kept
}

func (r *Results) mends(d *Diagnostic, f Fix) bool {
	r.mu.Lock()
	if r.existing == nil {
		r.existing = count(r.Diagnostics)
	}
	before := r.existing
	r.mu.Unlock()
	own, others := f.split()
	files := map[string]string{}
	for _, e := range others {
		files[e.Path] = text.Apply(e.Source, e.Edits)
	}
	after := r.in.Try(text.Apply(r.in.Graph.File.Src, own), files, onlyFor(d.Rule))
	if after == nil {
		return false // it was interrupted
	}
	now := count(after.Diagnostics)
	if now.errors > before.errors {
		return false
	}
	return now.rules[d.Rule] < before.rules[d.Rule] || now.kinds[kindOf(d)] < before.kinds[kindOf(d)]
}

// onlyFor are the rules that tell whether a fix of the rule does what it promises: the rule, and those that find what
// breaks the build. Nil are all of them, for a rule that looks at what the others have found.
func onlyFor(rule *Rule) func(*Rule) bool {
	if rule.After != nil {
		return nil
	}
	return func(other *Rule) bool { return other == rule || other.Always }
}

// census counts findings. Places and lines do not tell whether a finding is still there, for they move.
type census struct {
	errors int           // that break the build; also those that are not shown
	rules  map[*Rule]int // likewise
	kinds  map[kind]int
}

// kind is what stays the same of a finding when lines move.
type kind struct {
	rule    *Rule
	message string // without its digits
}

func kindOf(d *Diagnostic) kind {
	message := d.Message
	if d.alone != "" {
		message = d.alone
	}
	return kind{d.Rule, strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return -1
		}
		return c
	}, message)}
}

func count(found []Diagnostic) *census {
	c := &census{rules: map[*Rule]int{}, kinds: map[kind]int{}}
	for i := range found {
		d := &found[i]
		n := max(1, d.stands)
		if d.Rule.Always {
			c.errors += n
		}
		c.rules[d.Rule] += n
		c.kinds[kindOf(d)]++
	}
	return c
}

// lost are the kinds of findings that had a safe fix before and are left without one.
func lost(before, after map[kind]int, was, still *census) map[kind]bool {
	gone := map[kind]bool{}
	for k, n := range before {
		// More have no fix now than had none.
		if still.kinds[k]-after[k] > was.kinds[k]-n {
			gone[k] = true
		}
	}
	return gone
}

// overlaid is the texts of other files with a fix's over them.
func overlaid(files map[string]string, others []FileEdit) map[string]string {
	next := maps.Clone(files)
	for _, e := range others {
		next[e.Path] = text.Apply(e.Source, e.Edits)
	}
	return next
}
