package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// Counts is what the summary tells.
type Counts struct {
	Files       int
	WithFinding int // files with a finding
	Severity    [diagnostics.Error + 1]int
	Fixable     int // findings with a safe fix
	Suggested   int // findings that have only other fixes
	Known       int // findings that are not reported, because the baseline has them
	Fixes       int // fixes applied, or that would be
	FixedFiles  int
	rules       map[*diagnostics.Rule]ruleCount
}

// ruleCount is what --statistics tells about a rule.
type ruleCount struct {
	rule                     *diagnostics.Rule
	findings, fixable, files int
}

// Count counts the findings of one file. known are those that are not reported, because the baseline
// has them.
func Count(found []Finding, known int) Counts {
	c := Counts{Files: 1, Known: known}
	if len(found) > 0 {
		c.WithFinding, c.rules = 1, map[*diagnostics.Rule]ruleCount{}
	}
	for i := range found {
		f := &found[i]
		c.Severity[f.Severity]++
		rule := c.rules[f.Rule]
		rule.rule, rule.files = f.Rule, 1
		rule.findings++
		switch {
		case f.fixable():
			c.Fixable++
			rule.fixable++
		case len(f.Offers) > 0:
			c.Suggested++
		}
		c.rules[f.Rule] = rule
	}
	return c
}

// Add adds the counts of another file.
func (c *Counts) Add(o Counts) {
	c.Files += o.Files
	c.WithFinding += o.WithFinding
	c.Fixable += o.Fixable
	c.Suggested += o.Suggested
	c.Known += o.Known
	c.Fixes += o.Fixes
	c.FixedFiles += o.FixedFiles
	for s, n := range o.Severity {
		c.Severity[s] += n
	}
	for rule, n := range o.rules {
		if c.rules == nil {
			c.rules = map[*diagnostics.Rule]ruleCount{}
		}
		sum := c.rules[rule]
		c.rules[rule] = ruleCount{rule, sum.findings + n.findings, sum.fixable + n.fixable, sum.files + n.files}
	}
}

// ranking is the rules by their number of findings.
func (c *Counts) ranking() []ruleCount {
	return slices.SortedFunc(maps.Values(c.rules), func(a, b ruleCount) int {
		return cmp.Or(b.findings-a.findings, strings.Compare(a.rule.Name, b.rule.Name))
	})
}

// Any reports whether there is a finding of a severity that matters.
func (c *Counts) Any(matters func(diagnostics.Severity) bool) bool {
	for s, n := range c.Severity {
		if n > 0 && matters(diagnostics.Severity(s)) {
			return true
		}
	}
	return false
}

func (c *Counts) findings() (n int) {
	for _, m := range c.Severity {
		n += m
	}
	return n
}

// summary is the last line of a report.
func (c *Counts) summary() string {
	known := ""
	if c.Known > 0 {
		known = fmt.Sprintf(" besides %d in the baseline", c.Known)
	}
	if c.findings() == 0 {
		return "No findings in " + words.Count(c.Files, "file") + known
	}
	var parts []string
	for s := diagnostics.Error; s > diagnostics.Off; s-- {
		switch n := c.Severity[s]; {
		case n == 0:
		case s == diagnostics.Info: // has no plural
			parts = append(parts, fmt.Sprintf("%d info", n))
		default:
			parts = append(parts, words.Count(n, s.String()))
		}
	}
	files := words.Count(c.WithFinding, "file")
	if c.WithFinding < c.Files {
		files = fmt.Sprintf("%d of %d files", c.WithFinding, c.Files)
	}
	line := fmt.Sprintf("%s (%s) in %s", words.Count(c.findings(), "finding"), strings.Join(parts, ", "), files) + known
	switch {
	case c.Fixable > 0 && c.Suggested > 0:
		line += fmt.Sprintf("; %d can be fixed with --fix, %d more with --fix --suggested", c.Fixable, c.Suggested)
	case c.Fixable > 0:
		line += fmt.Sprintf("; %d can be fixed with --fix", c.Fixable)
	case c.Suggested > 0:
		line += fmt.Sprintf("; %d can be changed with --fix --suggested", c.Suggested)
	}
	return line
}
