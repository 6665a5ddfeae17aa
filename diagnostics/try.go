package diagnostics

import (
	"maps"
	"strings"
	"unicode"

	"layerwise/dockerfile/text"
)

// maxTries bounds how many fixes of one state of a file are tried: each is a check of the whole file. Those
// beyond are not offered until some of the others are applied.
const maxTries = 300

// offered are the fixes of a diagnostic that keep what they promise: tried, they make it go away and bring
// no new error.
func (r *Results) offered(d *Diagnostic, compute func(*Pass) []Fix, p *Pass) (fixes []Fix) {
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
	r.tried++
	enough := r.tried > maxTries
	if r.existing == nil {
		r.existing = count(r.Diagnostics)
	}
	before := r.existing
	r.mu.Unlock()
	if enough {
		return false
	}
	own, others := f.split()
	files := map[string]string{}
	for _, e := range others {
		files[e.Path] = text.Apply(e.Source, e.Edits)
	}
	after := r.in.Try(text.Apply(r.in.Graph.File.Src, own), files)
	if after == nil {
		return false // it was interrupted
	}
	now := count(after.Diagnostics)
	if now.errors > before.errors {
		return false
	}
	return now.rules[d.Rule] < before.rules[d.Rule] || now.kinds[kindOf(d)] < before.kinds[kindOf(d)]
}

// census counts findings. Places and lines do not tell whether a finding is still there, for they move.
type census struct {
	errors int
	rules  map[*Rule]int
	kinds  map[kind]int
}

// kind is what stays the same of a finding when lines move.
type kind struct {
	rule    *Rule
	message string // without its digits
}

func kindOf(d *Diagnostic) kind {
	return kind{d.Rule, strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return -1
		}
		return c
	}, d.Message)}
}

func count(found []Diagnostic) *census {
	c := &census{rules: map[*Rule]int{}, kinds: map[kind]int{}}
	for i := range found {
		d := &found[i]
		if d.Severity == Error {
			c.errors++
		}
		c.rules[d.Rule]++
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
