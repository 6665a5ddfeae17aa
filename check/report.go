package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// format is one that a report can have.
type format struct {
	name, about string
	statistics  bool // it has a place for --statistics
	new         func(*runner, terminal) form
}

// formats are all of them, in the order of --help.
var formats = []format{
	{"text", "for people", true, newText},
	{"json", "all that is known, for programs of your own", true, newJSON},
	{"sarif", "SARIF 2.1.0, for code scanning", false, newSARIF},
	{"github", "annotations of GitHub Actions", false, newGitHub},
	{"gitlab", "the code quality report of GitLab", false, newGitLab},
	{"checkstyle", "XML that Jenkins and many others read", false, newCheckstyle},
	{"junit", "XML with a test for each finding", false, newJUnit},
	{"markdown", "a table, for a pull request or the summary of a job", true, newMarkdown},
}

// formatNamed returns nil if there is none of that name.
func formatNamed(name string) *format {
	for i := range formats {
		if formats[i].name == name {
			return &formats[i]
		}
	}
	return nil
}

func formatNames() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// formatsHelp is the list of them in --help.
func formatsHelp() string {
	var b strings.Builder
	for _, f := range formats {
		fmt.Fprintf(&b, "  %-11s %s\n", f.name, f.about)
	}
	return b.String()
}

// form is a report in some format: a part for each file, and what is around them. A part is written
// as soon as its file's turn has come, so that a long report is never held in memory.
type form struct {
	head        string               // before everything
	first, next string               // before the first part, and before each later one
	part        func(*result) []byte // about one file, empty for nothing; called for several files at once
	end         func(totals) string  // behind everything
	limit       int                  // bytes that all parts may have, in whole lines; 0 for any number
}

// totals are what is known at the end of a report.
type totals struct {
	counts
	parts int // how many were written
	cut   int // lines that the limit left out
}

// finding is a diagnostic with what reports add to it.
type finding struct {
	diagnostics.Diagnostic
	fixes []diagnostics.Fix
	print fingerprint
}

// fixable reports whether --fix mends it.
func (f *finding) fixable() bool {
	return slices.ContainsFunc(f.fixes, func(fix diagnostics.Fix) bool { return fix.Safety == diagnostics.Safe })
}

// projectRoot is the folder that CI systems count paths from: the checkout, if this is a job of GitHub or
// GitLab that runs in it, or else the working directory.
func projectRoot(dir string) string {
	for _, checkout := range []string{os.Getenv("GITHUB_WORKSPACE"), os.Getenv("CI_PROJECT_DIR")} {
		real, _ := filepath.EvalSymlinks(checkout)
		for _, root := range []string{checkout, real} {
			if rel, err := filepath.Rel(root, dir); root != "" && err == nil && filepath.IsLocal(rel) {
				return root
			}
		}
	}
	return dir
}

// inProject is the path of a target from the root of the project.
func (r *runner) inProject(t target) string {
	if rel, err := filepath.Rel(r.project, t.abs); t.abs != "" && err == nil {
		return filepath.ToSlash(rel)
	}
	return t.name
}

// place is where a span begins and ends: in lines and columns from 1, columns in UTF-16 code units,
// the end exclusive.
func (res *result) place(span text.Span) jsonRange { return rangeOf(res.snapshot.Lines(), span) }

// remark is what a report for people adds to the message of a finding, in one line.
type remark struct{ label, text string }

func (m remark) String() string { return m.label + ": " + m.text }

// remarks are about the other places that belong to a finding, and about its fixes.
func (res *result) remarks(f *finding) (all []remark) {
	for _, related := range f.Related {
		all = append(all, remark{"note", fmt.Sprintf("line %d: %s", res.place(related.Span).Start.Line, Escape(shorten(related.Message)))})
	}
	for _, fix := range f.fixes {
		label := "suggestion"
		if fix.Safety == diagnostics.Safe {
			label = "fix"
		}
		all = append(all, remark{label, Escape(shorten(fix.Title))})
	}
	return all
}

// account is the message of a finding with the remarks, a line each.
func (res *result) account(f *finding) []string {
	lines := []string{Escape(shorten(f.Message))}
	for _, m := range res.remarks(f) {
		lines = append(lines, m.String())
	}
	return lines
}
