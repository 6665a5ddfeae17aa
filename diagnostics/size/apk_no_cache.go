package size

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// Packages that are files or that a variable names do not count, nor do RUNs that use the option elsewhere: official images
// add again, by name, what is there.
var apkNoCache = &diagnostics.Rule{
	Name:      "apk-no-cache",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3019"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0025"}, KICS: []string{"ae9c56a6-3ed1-4ac0-9b54-31267f51151d"}, Semgrep: []string{"missing-apk-no-cache"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		l, ok := leavesOf(s, func(os shell.OSPackages) bool { return os.Manager == "apk" && os.Install && len(os.Unpinned) > 0 })
		if !ok || slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), keepsNoIndex) || !p.Exported() {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: l.cmd.Span,
			Message: diagnostics.Plain(words.Code(l.cmd.Phrase()) + " leaves the package index in the layer (some 2 MB); use " + words.Code(l.cmd.Phrase()+" "+l.os.Lean) + ", which needs no update before it either"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return withoutIndex(p, s) },
		})
	},
}

// keepsNoIndex reports whether the command installs, and leaves no index.
func keepsNoIndex(c *shell.Command) bool {
	os, ok := c.OSPackages()
	return ok && os.Install && !os.KeepsIndex
}

// withoutIndex adds the option to all installs of the RUN, and takes updates out that serve nothing then.
func withoutIndex(p *diagnostics.Pass, s *stages.Step) []diagnostics.Fix {
	commands := shell.Commands(s.Instr, s.Shell)
	lean := func(change *rewrite.Change) (title string) {
		for _, c := range commands {
			if os, ok := c.OSPackages(); ok && os.Install && len(os.Leaves) > 0 && os.Lean != "" {
				change.InsertWords(s, c.Operands()[0].Span, os.Lean)
				title = "Add " + words.Code(os.Lean)
			}
		}
		return title
	}
	refresh := slices.IndexFunc(commands, func(c *shell.Command) bool { os, ok := c.OSPackages(); return ok && os.Refresh })
	if refresh >= 0 {
		change := p.Change()
		title := lean(change)
		change.DropCommand(s, commands[refresh])
		if fixes := suggest(change.Edit())(title + ", and remove " + words.Code(commands[refresh].Phrase())); fixes != nil {
			return fixes
		}
	}
	change := p.Change()
	title := lean(change)
	return suggest(change.Edit())(title)
}
