package report

import (
	"bytes"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
)

// The types of GitLab's code quality report, a subset of Code Climate's.
type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
		End   int `json:"end"`
	}
)

var gitlabSeverity = [...]string{
	diagnostics.Error: "critical", diagnostics.Warning: "major", diagnostics.Info: "minor", diagnostics.Hint: "info",
}

func newGitLab(r *Run, _ terminal.Screen) Form {
	return Form{head: "[", first: "\n", next: ",\n", part: r.gitlabFile, end: func(totals) string { return "\n]\n" }}
}

func (r *Run) gitlabFile(file *File) []byte {
	var issues [][]byte
	path := r.inProject(file)
	for _, f := range file.Findings {
		at := file.place(f.Span)
		issues = append(issues, JSON(gitlabIssue{
			Description: terminal.Shorten(f.Message), CheckName: f.ID(), Fingerprint: f.Print.within(path),
			Severity: gitlabSeverity[f.Severity], Location: gitlabLocation{path, gitlabLines{at.Start.Line, at.End.Line}},
		}))
	}
	return bytes.Join(issues, []byte(",\n"))
}
