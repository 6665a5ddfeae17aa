package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/endtoend"
	"layerwise/internal/golden"

	"golang.org/x/tools/txtar"
)

// TestCases runs every rule's golden cases: the .txtar beside its source.
func TestCases(t *testing.T) {
	for _, r := range catalog.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			needs(t, r)
			golden.Run(t, stem(r)+".txtar", r, catalog.Rules())
		})
	}
}

// needs makes sure of the program that a rule asks.
func needs(t *testing.T, r *diagnostics.Rule) {
	if golden.Scripts = nil; r.Passes != "" {
		golden.Scripts = endtoend.ShellCheck(t)
	}
}

func stem(r *diagnostics.Rule) string {
	return filepath.Join("..", r.Folder(), strings.ReplaceAll(r.Name, "-", "_"))
}

// TestTable checks that rules, pages and cases belong together, and that the table is sorted.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	byFolder := map[string][]string{}
	for _, r := range catalog.Rules() {
		if seen[r.Name] || r.Code != "" && seen[r.Code] {
			t.Errorf("%s or its code %s is there twice", r.Name, r.Code)
		}
		seen[r.Name], seen[r.Code] = true, true
		byFolder[r.Folder()] = append(byFolder[r.Folder()], r.Name)
		if r.Severity == diagnostics.Off || !reports(r) {
			t.Errorf("%s is never reported", r.Name)
		}
		if !strings.HasPrefix(r.Page, "# "+r.Name+"\n") || !strings.HasSuffix(r.Summary(), ".") {
			t.Errorf("the page of %s must begin with its name, then one sentence", r.Name)
		}
		for _, heading := range []string{"## Why", "## Example", "## When to ignore"} {
			if !strings.Contains(r.Page, "\n"+heading+"\n") {
				t.Errorf("the page of %s has no %q", r.Name, heading)
			}
		}
	}
	for folder, names := range byFolder {
		if !sort.StringsAreSorted(names) {
			t.Errorf("the rules of %s are not sorted: %v", folder, names)
		}
		cases, _ := filepath.Glob(filepath.Join("..", folder, "*.txtar"))
		if len(cases) != len(names) {
			t.Errorf("%s has %d rules and %d files of cases", folder, len(names), len(cases))
		}
	}
}

// TestYields: a rule yields to rules that there are, and not to one that yields to it.
func TestYields(t *testing.T) {
	byName := map[string]*diagnostics.Rule{}
	for _, r := range catalog.Rules() {
		byName[r.Name] = r
	}
	for _, r := range catalog.Rules() {
		for _, name := range r.Yields {
			if other := byName[name]; other == nil || slices.Contains(other.Yields, r.Name) {
				t.Errorf("%s yields to %s, which is no rule, or yields to it", r.Name, name)
			}
		}
	}
}

var block = regexp.MustCompile("(?s)```(dockerfile before|dockerfile after|context)\n(.*?)```")

// TestPages runs the examples of the pages: "before" must report its rule, "after" must not.
func TestPages(t *testing.T) {
	for _, r := range catalog.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			needs(t, r)
			blocks := map[string]string{}
			for _, m := range block.FindAllStringSubmatch(r.Page, -1) {
				blocks[m[1]] = m[2]
			}
			context := map[string]string{}
			for _, f := range txtar.Parse([]byte(blocks["context"])).Files {
				context[f.Name] = string(f.Data)
			}
			check := golden.Checker(catalog.Rules(), r, context)
			if len(check(blocks["dockerfile before"], nil)) == 0 {
				t.Error("the example before is not reported")
			}
			for _, d := range check(blocks["dockerfile after"], nil) {
				t.Errorf("the example after is reported: %s", d.Message)
			}
		})
	}
}

// TestCasesAreNotEmpty keeps a rule from having silent cases only.
func TestCasesAreNotEmpty(t *testing.T) {
	for _, r := range catalog.Rules() {
		data, err := os.ReadFile(stem(r) + ".txtar")
		if err != nil {
			t.Error(err)
			continue
		}
		hits, silent := 0, 0
		for _, c := range golden.Parse(txtar.Parse(data)) {
			if c.Expect["want"] != "" {
				hits++
			} else {
				silent++
			}
		}
		if hits == 0 || silent == 0 {
			t.Errorf("%s has %d cases that report and %d that do not: it needs both", r.Name, hits, silent)
		}
	}
}

// TestNoFixIsLost: after all safe fixes there is no finding that had one at the start, whichever goes first.
func TestNoFixIsLost(t *testing.T) {
	for _, src := range []string{
		"FROM debian:12\nARG GIT_COMMIT\nRUN apt-get update && apt-get install -y x\nRUN rm -rf /var/lib/apt/lists/*\n",
		"FROM debian:12\nARG GIT_COMMIT\nRUN apt-get update && apt-get install -y x\nRUN rm -rf /var/lib/apt/lists/*\nUSER 1\n",
		"FROM debian:12\nARG GIT_COMMIT\nARG BUILD_DATE\nRUN apt-get update\nRUN apt-get install -y x\nLABEL c=$GIT_COMMIT\n",
		"FROM debian:12\nMAINTAINER me\nARG GIT_COMMIT\nRUN apt-get update\nRUN apt-get install -y x\nRUN rm -rf /var/lib/apt/lists/*\n",
	} {
		check := golden.Checker(catalog.Rules(), nil, nil)
		had := map[string]bool{}
		for _, d := range check(src, nil) {
			for _, f := range d.Fixes() {
				had[d.Rule.Name] = had[d.Rule.Name] || f.Safety == diagnostics.Safe
			}
		}
		fixed := diagnostics.FixAll(src, false, check).Src
		for _, d := range check(fixed, nil) {
			if had[d.Rule.Name] {
				t.Errorf("%s is still reported in\n%s\nwhich was\n%s", d.Rule.Name, fixed, src)
			}
		}
	}
}

// reports is whether the rule has a hook.
func reports(r *diagnostics.Rule) bool {
	return r.Command != nil || r.Step != nil || r.Stage != nil || r.File != nil || r.After != nil || r.Late != nil
}
