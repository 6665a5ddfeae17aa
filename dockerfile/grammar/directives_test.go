package grammar_test

import (
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"layerwise/dockerfile/grammar"
)

func TestDirectives(t *testing.T) {
	theirs := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\tkey[A-Z]\w+ += "(\w+)"$`).FindAllStringSubmatch(upstream(t, "parser/directives.go"), -1) {
		theirs[m[1]] = true
	}
	var ours []string
	for _, d := range grammar.Directives {
		ours = append(ours, d.Name)
	}
	same(t, "directives", ours, slices.Collect(maps.Keys(theirs)))

	var keys []string
	for _, key := range grammar.FindDirective("check").Keys {
		keys = append(keys, key.Name)
		value := "true"
		if key.Rules {
			value = "all"
		}
		if _, err := linter.ParseLintOptions(key.Name + "=" + value); err != nil {
			t.Error(err)
		}
	}
	var cases []string
	ast.Inspect(function(t, "linter/linter.go", "ParseLintOptions"), func(n ast.Node) bool {
		if c, ok := n.(*ast.CaseClause); ok {
			for _, e := range c.List {
				cases = append(cases, literals(e, func(string) bool { return true })...)
			}
		}
		return true
	})
	same(t, "keys of check", keys, cases)

	for _, escape := range append(slices.Clone(grammar.FindDirective("escape").Values), "x") {
		_, err := parser.Parse(strings.NewReader("# escape=" + escape + "\nFROM a\n"))
		if (err == nil) != (escape != "x") {
			t.Errorf("escape=%s: %v", escape, err)
		}
	}
}

// TestCheckRules reads the names of BuildKit's rules from its source.
func TestCheckRules(t *testing.T) {
	var theirs, experimental, ours, oursExperimental []string
	ast.Inspect(goFile(t, "linter/ruleset.go"), func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		name, page, exp := "", "", false
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch kv.Key.(*ast.Ident).Name {
			case "Name":
				name = literals(kv.Value, func(string) bool { return true })[0]
			case "URL":
				page = literals(kv.Value, func(string) bool { return true })[0]
			case "Experimental":
				exp = kv.Value.(*ast.Ident).Name == "true"
			}
		}
		if name != "" {
			theirs = append(theirs, name)
			if ours := grammar.RulePage(name); ours != page {
				t.Errorf("the page of %s is %q, want %q", name, ours, page)
			}
		}
		if exp {
			experimental = append(experimental, name)
		}
		return true
	})
	for _, r := range grammar.CheckRules {
		ours = append(ours, r.Name)
		if r.Experimental {
			oursExperimental = append(oursExperimental, r.Name)
		}
	}
	same(t, "rules", ours, theirs)
	same(t, "experimental rules", oursExperimental, experimental)
	if !slices.IsSorted(ours) {
		t.Error("the rules are not sorted")
	}
}
