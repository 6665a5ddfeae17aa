package correctness

import (
	"slices"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var wgetProgressNoise = &diagnostics.Rule{
	Name:     "wget-progress-noise",
	Severity: diagnostics.Hint,
	Off:      true,
	Hadolint: []string{"DL3047"},
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		if s.Instr.Name != "RUN" || !c.ShowsProgress() {
			return
		}
		image, ok := images.Of(s.Stage)
		if !ok || !slices.Contains(withGNUTools, image.Family) {
			return // the program may be that of busybox, which does not know the options
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.FirstLine(c.Span),
			Message: diagnostics.Plain(words.Code(c.Phrase()) + " prints a line for every 50 kB that it downloads, which fills the log of the build; " + words.Code("-nv") + " prints one line a file"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				change.InsertWords(s, c.Words[0].Span, "-nv")
				edit, err := change.Edit()
				if err != nil {
					return nil
				}
				return []diagnostics.Fix{{Title: "Add " + words.Code("-nv"), Edits: []diagnostics.FileEdit{edit}}}
			},
		})
	},
}

// withGNUTools are the distributions whose tools are not those of busybox.
var withGNUTools = []string{"amazonlinux", "centos", "debian", "fedora", "rhel", "rockylinux", "almalinux", "ubuntu"}
