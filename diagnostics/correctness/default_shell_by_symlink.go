package correctness

import (
	"path"
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var defaultShellBySymlink = &diagnostics.Rule{
	Name:      "default-shell-by-symlink",
	Severity:  diagnostics.Info,
	Off:       true,
	Hadolint:  []string{"DL4005"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"8a301064-c291-4b20-adcb-403fe7fd95fd"}, Semgrep: []string{"use-shell-instruction"}},
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		if s.Instr.Name != "RUN" {
			return
		}
		// Where there is none, as in images with busybox in a folder of its own, a link makes one, and replaces nothing.
		if to := c.Operands(); len(to) == 0 || !shell.IsShellName(to[0].Text) || path.Base(to[0].Text) == path.Base(defaultShells[0]) {
			return
		}
		if slices.ContainsFunc(c.Links(), func(w shell.Word) bool { return slices.Contains(defaultShells, path.Clean(w.Text)) }) {
			p.Report(diagnostics.Finding{
				Step: s, Span: s.Instr.FirstLine(c.Span),
				Message: diagnostics.Plain("This changes the shell for every script and program of the image, and an update of packages may change it back; the instruction SHELL chooses the one for the RUNs below"),
			})
		}
	},
}

// defaultShells are the paths of the shell that RUN and scripts use by themselves.
var defaultShells = []string{"/bin/sh", "/usr/bin/sh"}
