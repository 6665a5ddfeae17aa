package stages

import (
	"strings"

	"layerwise/internal/lazy"
)

// shellSaid matches the comments by which hadolint and tally are told what the shell of the image is.
var shellSaid = lazy.New(`^#\s*(?:hadolint|tally)\s+shell\s*=\s*([^\s#;]+)`)

// SaidShell is the shell that a comment for another linter says runs the step where no SHELL is: the last one above it in its
// stage, as in "# hadolint shell=bash". It is empty if none says so.
func (s *Step) SaidShell() string {
	if s.Stage == nil || s.OwnShell {
		return ""
	}
	for n := min(s.N, len(s.Stage.Steps)-1); n >= 0; n-- {
		in := s.Stage.Steps[n].Instr
		for i := len(in.Comments) - 1; i >= 0; i-- {
			comment := in.Comments[i].Of(in.Text)
			if !strings.Contains(comment, "shell") {
				continue
			}
			if m := shellSaid.FindStringSubmatch(comment); m != nil {
				return m[1]
			}
		}
	}
	return ""
}
