package correctness

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/internal/words"

	"github.com/containerd/platforms"
)

var basePlatformMismatch = &diagnostics.Rule{
	Name:      "base-platform-mismatch",
	Severity:  diagnostics.Warning,
	Off:       true,
	BuildKit:  []string{"InvalidBaseImagePlatform"},
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"platform-mismatch"}},
	Stage: func(p *diagnostics.Pass) {
		if p.Stage.Parent != nil || p.Stage.Platform == "" || !p.Stage.Base.Known {
			return
		}
		is, known := images.PlatformOf(p.Stage.Base.Text)
		wanted, err := platforms.Parse(p.Stage.Platform)
		if !known || err != nil || p.NamedContext(p.Stage.Base.Text) || is.OS == wanted.OS && (is.Architecture == "" || is.Architecture == wanted.Architecture) {
			return
		}
		from := p.Stage.Steps[0]
		of := is.OS
		if is.Architecture != "" {
			of += "/" + is.Architecture
		}
		p.Report(diagnostics.Finding{
			Step: from, Span: from.Instr.Words[0].Span,
			Message: diagnostics.Plain("The stage is for " + p.Stage.Platform + ", but this image is for " + of + " only: its programs run slowly, by emulation, or not at all; " +
				"take the image for all platforms, or drop " + words.Code("--platform")),
		})
	},
}
