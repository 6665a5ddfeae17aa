// Package catalog is the table of all rules.
package catalog

import (
	"slices"
	"sync/atomic"

	"layerwise/diagnostics"
	"layerwise/diagnostics/caching"
	"layerwise/diagnostics/correctness"
	"layerwise/diagnostics/maintainability"
	"layerwise/diagnostics/security"
	"layerwise/diagnostics/size"
	"layerwise/diagnostics/style"
)

var all = slices.Concat(
	caching.Rules,
	correctness.Rules,
	maintainability.Rules,
	security.Rules,
	size.Rules,
	style.Rules,
)

// used are the rules that tests put in the place of all; nil if none do. A server of a test may still ask.
var used atomic.Pointer[[]*diagnostics.Rule]

// Use puts other rules in the place of all. Only tests do so: those of other things than rules, which a new
// rule must not change.
func Use(others []*diagnostics.Rule) { used.Store(&others) }

// Rules are all rules, by family and name.
func Rules() []*diagnostics.Rule {
	if others := used.Load(); others != nil {
		return *others
	}
	return all
}

// Find returns the rule with the name or code; nil if there is none.
func Find(id string) *diagnostics.Rule {
	for _, r := range Rules() {
		if r.Names(id) {
			return r
		}
	}
	return nil
}

// Named are the rules that an id means: the one with that name or code, those of a family, those
// for the mistake that another tool calls so, or the one that passes on what the tool finds.
func Named(id string) (named []*diagnostics.Rule) {
	if rule := Find(id); rule != nil {
		return []*diagnostics.Rule{rule}
	}
	for _, rule := range Rules() {
		if _, part := rule.Part(id); part || rule.Is(id) || rule.Foreign(id) || rule.PassesOn(id) {
			named = append(named, rule)
		}
	}
	return named
}

// Setting reports whether a configuration may set the id: it is known, or names some of what a rule passes on of another
// tool, as in shellcheck/SC2086.
func Setting(id string) bool {
	return Known(id) || slices.ContainsFunc(Rules(), func(r *diagnostics.Rule) bool { _, ok := r.Part(id); return ok })
}

// Known reports whether the id names a rule, a code or a family.
func Known(id string) bool {
	return slices.ContainsFunc(Rules(), func(r *diagnostics.Rule) bool { return r.Is(id) })
}
