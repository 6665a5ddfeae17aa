// Package catalog is the table of all rules.
package catalog

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/diagnostics/cache"
	"layerwise/diagnostics/correctness"
	"layerwise/diagnostics/maintainability"
	"layerwise/diagnostics/security"
	"layerwise/diagnostics/size"
)

var rules = slices.Concat(
	cache.Rules,
	correctness.Rules,
	maintainability.Rules,
	security.Rules,
	size.Rules,
)

// Rules are all rules, by family and name.
func Rules() []*diagnostics.Rule { return rules }

// Find returns the rule with the name or code; nil if there is none.
func Find(id string) *diagnostics.Rule {
	for _, r := range rules {
		if r.Name == id || r.Code != "" && strings.EqualFold(r.Code, id) {
			return r
		}
	}
	return nil
}

// Known reports whether the id names a rule, a code or a family.
func Known(id string) bool {
	return Find(id) != nil || slices.ContainsFunc(rules, func(r *diagnostics.Rule) bool { return r.Family == id })
}
