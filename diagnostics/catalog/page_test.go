package catalog_test

import (
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
)

func TestPage(t *testing.T) {
	const page = "# a-rule\n\nIt is wrong.\n\n## Why\n\nBecause.\n"
	tests := []struct {
		name string
		rule diagnostics.Rule
		want string
	}{
		{"on", diagnostics.Rule{Severity: diagnostics.Warning},
			"Severity: warning. To turn it off, write `a-rule: off` below `rules` in `.layerwise.yaml`."},
		{"off", diagnostics.Rule{Severity: diagnostics.Info, Off: true},
			"Severity: info, off by default. To turn it on, write `a-rule: on` below `rules` in `.layerwise.yaml`."},
		{"known to others", diagnostics.Rule{Severity: diagnostics.Error, Always: true, BuildKit: []string{"X"}, Hadolint: []string{"DL1", "DL2"}},
			"Severity: error. To turn it off, write `a-rule: off` below `rules` in `.layerwise.yaml`. A comment cannot silence it, because the build fails all the same. BuildKit calls it `X`. Hadolint calls it `DL1` or `DL2`."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Name, tt.rule.Page = "a-rule", page
			if got, want := catalog.Page(&tt.rule), "# a-rule\n\nIt is wrong.\n\n"+tt.want+"\n\n## Why\n\nBecause.\n"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestShownPages: every page says why, shows an example and says when to ignore the rule, in this order.
func TestShownPages(t *testing.T) {
	for _, r := range catalog.Rules() {
		rest := catalog.Page(r)
		for _, heading := range []string{"# " + r.Name + "\n", "\nSeverity: ", "\n## Why\n", "\n## Example\n", "\n## When to ignore\n"} {
			_, after, ok := strings.Cut(rest, heading)
			if !ok {
				t.Errorf("%s: the page lacks %q, or has it too early", r.Name, heading)
				break
			}
			rest = after
		}
	}
}
