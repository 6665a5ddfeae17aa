package security

import (
	"path"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var dockerSocketVolume = &diagnostics.Rule{
	Name:      "docker-socket-volume",
	Severity:  diagnostics.Error,
	Elsewhere: diagnostics.Elsewhere{Semgrep: []string{"dockerfile-dockerd-socket-mount"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if _, ok := s.Instr.Cmd().(*instructions.VolumeCommand); !ok {
			return
		}
		for _, w := range s.Instr.Words {
			v := s.Expand(w.Text)
			if at := path.Clean(v.Text); v.Known && (at == "/var/run/docker.sock" || at == "/run/docker.sock") {
				p.Report(diagnostics.Finding{Step: s, Span: w.Span, Message: diagnostics.Plain(
					"VOLUME makes an empty folder where Docker's socket is expected, and asks users for a mount that gives the container root on their machine; leave it out, and let those mount the socket who want that")})
			}
		}
	},
}
