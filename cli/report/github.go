package report

import (
	"fmt"
	"strings"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
)

// annotationsShown is how many annotations of a level GitHub shows for one step of a workflow. The
// log has all of them.
const annotationsShown = 10

var githubLevel = [...]string{
	diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "notice", diagnostics.Hint: "notice",
}

// newGitHub is workflow commands, which the runner of GitHub Actions makes annotations of.
func newGitHub(r *Run, _ terminal.Screen) Form {
	return Form{part: r.githubFile, end: func(c totals) string {
		line := c.summary()
		for _, n := range []int{c.Severity[diagnostics.Error], c.Severity[diagnostics.Warning], c.Severity[diagnostics.Info] + c.Severity[diagnostics.Hint]} {
			if n > annotationsShown {
				line += fmt.Sprintf("; GitHub shows the first %[1]d errors, %[1]d warnings and %[1]d notices of a step, this log has all", annotationsShown)
				break
			}
		}
		return line + "\n"
	}}
}

func (r *Run) githubFile(file *File) []byte {
	var b strings.Builder
	path := githubProperty(r.inProject(file))
	for i := range file.Findings {
		f := &file.Findings[i]
		at := file.place(f.Span)
		fmt.Fprintf(&b, "::%s file=%s,line=%d,endLine=%d", githubLevel[f.Severity], path, at.Start.Line, at.End.Line)
		if at.Start.Line == at.End.Line { // columns are refused otherwise
			fmt.Fprintf(&b, ",col=%d,endColumn=%d", at.Start.Column, at.End.Column)
		}
		fmt.Fprintf(&b, ",title=%s::%s\n", githubProperty("layerwise "+f.ID()), githubData(strings.Join(file.account(f), "\n")))
	}
	return []byte(b.String())
}

var (
	escapeData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// githubData is a text as a command's message, githubProperty as the value of a property. What can
// control the terminal that shows the log is escaped too.
func githubData(s string) string     { return terminal.Escape(escapeData.Replace(s)) }
func githubProperty(s string) string { return terminal.Escape(escapeProperty.Replace(s)) }
