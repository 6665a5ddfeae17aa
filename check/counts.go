package check

import (
	"fmt"
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
	fixes       int // fixes applied, or that would be
	fixedFiles  int
}

func (c *counts) addFinding(s diagnostics.Severity, fixes []diagnostics.Fix) {
	c.withFinding = 1
	c.severity[s]++
	for _, f := range fixes {
		if f.Safety == diagnostics.Safe {
			c.fixable++
			return
		}
	}
	if len(fixes) > 0 {
		c.suggested++
	}
}

func (c *counts) add(o counts) {
	c.files += o.files
	c.withFinding += o.withFinding
	c.fixable += o.fixable
	c.suggested += o.suggested
	c.fixes += o.fixes
	c.fixedFiles += o.fixedFiles
	for s, n := range o.severity {
		c.severity[s] += n
	}
}

// atLeast reports whether there is a finding of the severity or a higher one; Off means never.
func (c *counts) atLeast(level diagnostics.Severity) bool {
	if level == diagnostics.Off {
		return false
	}
	for _, n := range c.severity[level:] {
		if n > 0 {
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
	if c.findings() == 0 {
		return "No findings in " + plural(c.files, "file")
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
	line := fmt.Sprintf("%s (%s) in %s", plural(c.findings(), "finding"), strings.Join(parts, ", "), files)
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
