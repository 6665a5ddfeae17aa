package security

import (
	"path"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var sensitiveVolumeOrWorkdir = &diagnostics.Rule{
	Name:      "sensitive-volume-or-workdir",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0030"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Stage == nil || s.Stage.Windows {
			return
		}
		switch c := s.Instr.Cmd().(type) {
		case *instructions.VolumeCommand:
			for _, w := range s.Instr.Words {
				v := s.Expand(w.Text)
				switch at := path.Clean(v.Text); {
				case !v.Known, given.MatchString(at):
				case ofKernel.MatchString(at):
					p.Report(diagnostics.Finding{Step: s, Span: w.Span, Message: diagnostics.Plain(
						"The kernel provides " + at + ", and the volume hides it from the container: programs do not find their devices and settings; name a folder of your own")})
				case ofSystem.MatchString(at):
					p.Report(diagnostics.Finding{Step: s, Span: w.Span, Message: diagnostics.Plain(
						"The volume keeps " + at + " of the first container that uses it: a new image does not bring its fixes of the system there; name only the folders that hold data")})
				}
			}
		case *instructions.WorkdirCommand:
			dir := s.Expand(c.Path)
			if at := s.Join(dir.Text); dir.Known && at.Known && ofKernel.MatchString(at.Text) {
				p.Report(diagnostics.Finding{Step: s, Span: diagnostics.Line(s.Instr), Message: diagnostics.Plain(
					"The kernel provides " + at.Text + " when a container runs: what steps write there is not in the image; use a folder of your own, such as /srv/" + strings.ToLower(path.Base(at.Text)))})
			}
		}
	},
}

// What the kernel shows in each container, what packages of the system own, and what is a volume by custom: memory that
// programs share, and what systemd is given of the machine.
var (
	ofKernel = lazy.New(`^/(proc|sys|dev)(/|$)`)
	given    = lazy.New(`^/(dev/shm|sys/fs/cgroup)(/|$)`)
	ofSystem = lazy.New(`^/$|^/(bin|boot|etc|lib|lib64|sbin|usr|usr/bin|usr/lib|usr/lib64|usr/sbin|var/lib/dpkg|var/lib/rpm)$`)
)
