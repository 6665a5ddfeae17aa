package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var cdInRun = &diagnostics.Rule{
	Name:      "cd-in-run",
	Severity:  diagnostics.Hint,
	Off:       true,
	Hadolint:  []string{"DL3003"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0013"}, KICS: []string{"f4a6bcd3-e231-4acf-993c-aa027be50d2e"}, Semgrep: []string{"use-workdir"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		script := shell.Of(s.Instr, s.Shell)
		if len(script.List) < 2 || script.Partial || script.Unknown || !script.Chained() {
			return
		}
		first := script.Commands[0]
		dir, ok := first.EntersDir()
		if !ok || !dir.Literal || !path.IsAbs(dir.Text) || first.Top != script.List[0] || leavesDir(script, dir.Text) {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(first.Span),
			Message: diagnostics.Plain("This folder counts for this RUN alone; " + words.Code("WORKDIR "+dir.Text) + " above it tells at a glance where the commands work, and makes the folder if it is not there"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return byWorkdir(p, s, first, dir.Text) },
		})
	},
}

// leavesDir reports whether a later command works elsewhere, or deletes the folder: then the RUN is one thing, and the
// folder a place for this RUN alone.
func leavesDir(script *shell.Script, dir string) bool {
	return strings.HasPrefix(dir, "/tmp") || slices.ContainsFunc(script.Commands[1:], func(c *shell.Command) bool {
		_, enters := c.EntersDir()
		return enters || c.Dir != dir || slices.ContainsFunc(c.Removes(), func(w shell.Word) bool {
			return strings.Contains(w.Text, dir) || w.Text == "." || strings.HasPrefix(w.Text, "..")
		})
	})
}

// byWorkdir puts a WORKDIR above the RUN, and below it the one that was there. It is not safe: WORKDIR is a layer of its own.
func byWorkdir(p *diagnostics.Pass, s *stages.Step, cd *shell.Command, dir string) []diagnostics.Fix {
	if !s.Workdir.Known || strings.ContainsAny(dir, " \t\"'") {
		return nil
	}
	change := p.Change()
	change.DropCommand(s, cd)
	change.Insert(rewrite.Above(s), rewrite.Keyword(s, "WORKDIR")+" "+dir)
	if s.Workdir.Text != path.Clean(dir) {
		change.Insert(rewrite.Below(s), rewrite.Keyword(s, "WORKDIR")+" "+s.Workdir.Text)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: "Use " + words.Code("WORKDIR "+dir), Edits: []diagnostics.FileEdit{edit}}}
}
