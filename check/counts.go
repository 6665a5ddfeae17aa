package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"layerwise/diagnostics"
)

// counts is what the summary tells.
type counts struct {
	files       int
	withFinding int // files with a finding
	severity    [diagnostics.Error + 1]int
	fixable     int // findings with a safe fix
	suggested   int // findings that have only other fixes
	known       int // findings that are not reported, because the baseline has them
	fixes       int // fixes applied, or that would be
	fixedFiles  int
	rules       map[*diagnostics.Rule]ruleCount
}

// ruleCount is what --statistics tells about a rule.
type ruleCount struct {
	rule                     *diagnostics.Rule
	findings, fixable, files int
}

// countFile counts the findings of one file.
func countFile(found []finding, known int) counts {
	c := counts{files: 1, known: known}
	if len(found) > 0 {
		c.withFinding, c.rules = 1, map[*diagnostics.Rule]ruleCount{}
	}
	for i := range found {
		f := &found[i]
		c.severity[f.Severity]++
		rule := c.rules[f.Rule]
		rule.rule, rule.files = f.Rule, 1
		rule.findings++
		switch {
		case f.fixable():
			c.fixable++
			rule.fixable++
		case len(f.fixes) > 0:
			c.suggested++
		}
		c.rules[f.Rule] = rule
	}
	return c
}

func (c *counts) add(o counts) {
	c.files += o.files
	c.withFinding += o.withFinding
	c.fixable += o.fixable
	c.suggested += o.suggested
	c.known += o.known
	c.fixes += o.fixes
	c.fixedFiles += o.fixedFiles
	for s, n := range o.severity {
		c.severity[s] += n
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
func (c *counts) ranking() []ruleCount {
	return slices.SortedFunc(maps.Values(c.rules), func(a, b ruleCount) int {
		return cmp.Or(b.findings-a.findings, strings.Compare(a.rule.Name, b.rule.Name))
	})
}

// any reports whether there is a finding of a severity that matters.
func (c *counts) any(matters func(diagnostics.Severity) bool) bool {
	for s, n := range c.severity {
		if n > 0 && matters(diagnostics.Severity(s)) {
			return true
		}
	}
	return false
}

func (c *counts) findings() (n int) {
	for _, m := range c.severity {
		n += m
	}
	return n
}

// summary is the last line of a report.
func (c *counts) summary() string {
	known := ""
	if c.known > 0 {
		known = fmt.Sprintf(" besides %d in the baseline", c.known)
	}
	if c.findings() == 0 {
		return "No findings in " + plural(c.files, "file") + known
	}
	var parts []string
	for s := diagnostics.Error; s > diagnostics.Off; s-- {
		switch n := c.severity[s]; {
		case n == 0:
		case s == diagnostics.Info: // has no plural
			parts = append(parts, fmt.Sprintf("%d info", n))
		default:
			parts = append(parts, plural(n, s.String()))
		}
	}
	files := plural(c.withFinding, "file")
	if c.withFinding < c.files {
		files = fmt.Sprintf("%d of %d files", c.withFinding, c.files)
	}
	line := fmt.Sprintf("%s (%s) in %s", plural(c.findings(), "finding"), strings.Join(parts, ", "), files) + known
	switch {
	case c.fixable > 0 && c.suggested > 0:
		line += fmt.Sprintf("; %d can be fixed with --fix, %d more with --fix --suggested", c.fixable, c.suggested)
	case c.fixable > 0:
		line += fmt.Sprintf("; %d can be fixed with --fix", c.fixable)
	case c.suggested > 0:
		line += fmt.Sprintf("; %d can be changed with --fix --suggested", c.suggested)
	}
	return line
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
