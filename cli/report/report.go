// Package report writes what a check found, in the formats that people and programs read. It knows
// nothing of the command: it is told of files with their findings, and of the run as a whole.
package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// Format is one that a report can have.
type Format struct {
	Name, About string
	Statistics  bool // it has a place for --statistics
	form        func(*Run, terminal.Screen) Form
}

// Form is a report of the run in the format, for a screen if it is for people.
func (f *Format) Form(r *Run, screen terminal.Screen) Form { return f.form(r, screen) }

// Formats are all of them, in the order of --help.
var Formats = []Format{
	{"text", "for people", true, newText},
	{"json", "all that is known, for programs of your own", true, newJSON},
	{"sarif", "SARIF 2.1.0, for code scanning", false, newSARIF},
	{"github", "annotations of GitHub Actions", false, newGitHub},
	{"gitlab", "the code quality report of GitLab", false, newGitLab},
	{"checkstyle", "XML that Jenkins and many others read", false, newCheckstyle},
	{"junit", "XML with a test for each finding", false, newJUnit},
	{"markdown", "a table, for a pull request or the summary of a job", true, newMarkdown},
}

// Named returns nil if there is none of that name.
func Named(name string) *Format {
	for i := range Formats {
		if Formats[i].Name == name {
			return &Formats[i]
		}
	}
	return nil
}

// Names are those of all formats.
func Names() (names []string) {
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return names
}

// Help is the list of them in --help.
func Help() string {
	var b strings.Builder
	for _, f := range Formats {
		fmt.Fprintf(&b, "  %-11s %s\n", f.Name, f.About)
	}
	return b.String()
}

// Run is what a report tells of the run as a whole.
type Run struct {
	Dir        string               // working directory, absolute
	Project    string               // folder that CI systems count paths from, absolute
	Version    string               // of this program
	FailLevel  diagnostics.Severity // the least that makes the run fail; Off for none
	Statistics bool                 // count the findings of each rule
	Baseline   bool                 // findings may be left out because a baseline has them
	Patch      bool                 // fixes are shown, not made
}

// Fails reports whether a finding of the severity makes the run fail.
func (r *Run) Fails(s diagnostics.Severity) bool {
	return r.FailLevel != diagnostics.Off && s >= r.FailLevel
}

// Show is a path as reports name it: relative to the working directory, with slashes.
func (r *Run) Show(abs string) string {
	rel, err := filepath.Rel(r.Dir, abs)
	if err != nil {
		rel = abs // on another volume
	}
	return filepath.ToSlash(rel)
}

// File is a Dockerfile with what was found in it.
type File struct {
	Name     string // as reports name it: relative to the working directory, with slashes
	Path     string // absolute; empty for standard input that stands for no file
	Source   string
	Lines    *text.Lines // of the source
	Findings []Finding
}

// Finding is a diagnostic with what reports add to it.
type Finding struct {
	diagnostics.Diagnostic
	Offers []diagnostics.Fix // its fixes
	Print  Fingerprint
}

// fixable reports whether --fix mends it.
func (f *Finding) fixable() bool {
	return slices.ContainsFunc(f.Offers, func(fix diagnostics.Fix) bool { return fix.Safety == diagnostics.Safe })
}

// ProjectRoot is the folder that CI systems count paths from: the checkout, if this is a job of GitHub or
// GitLab that runs in it, or else the working directory.
func ProjectRoot(dir string) string {
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

// inProject is the path of a file from the root of the project.
func (r *Run) inProject(file *File) string {
	if rel, err := filepath.Rel(r.Project, file.Path); file.Path != "" && err == nil {
		return filepath.ToSlash(rel)
	}
	return file.Name
}

// place is where a span begins and ends: in lines and columns from 1, columns in UTF-16 code units,
// the end exclusive.
func (file *File) place(span text.Span) jsonRange { return rangeOf(file.Lines, span) }

// remark is what a report for people adds to the message of a finding, in one line.
type remark struct{ label, text string }

func (m remark) String() string { return m.label + ": " + m.text }

// remarks are about the other places that belong to a finding, and about its fixes.
func (file *File) remarks(f *Finding) (all []remark) {
	for _, related := range f.Related {
		all = append(all, remark{"note", fmt.Sprintf("line %d: %s", file.place(related.Span).Start.Line, terminal.Escape(terminal.Shorten(related.Message)))})
	}
	for _, fix := range f.Offers {
		label := "suggestion"
		if fix.Safety == diagnostics.Safe {
			label = "fix"
		}
		all = append(all, remark{label, terminal.Escape(terminal.Shorten(fix.Title))})
	}
	return all
}

// account is the message of a finding with the remarks, a line each.
func (file *File) account(f *Finding) []string {
	lines := []string{terminal.Escape(terminal.Shorten(f.Message))}
	for _, m := range file.remarks(f) {
		lines = append(lines, m.String())
	}
	return lines
}
