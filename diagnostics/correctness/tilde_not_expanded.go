package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var tildeNotExpanded = &diagnostics.Rule{
	Name:     "tilde-not-expanded",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		for _, w := range targets(s) {
			if s.Stage.Windows || !strings.ContainsAny(w.Text, "~$") || !isHome(s, w.Text) {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: w.Span,
				Message: diagnostics.Plain(s.Instr.Name + " knows no home directory: this means a folder whose name is ~; write the path, such as " + words.Code(homeOf(s)+s.Expand(w.Text).Text[1:])),
			})
		}
	},
}

// targets are the words of an instruction that name a path of the image.
func targets(s *stages.Step) []syntax.Word {
	all := s.Instr.Words
	switch s.Instr.Cmd().(type) {
	case *instructions.WorkdirCommand, *instructions.VolumeCommand:
		return all
	case *instructions.CopyCommand, *instructions.AddCommand:
		if len(all) > 0 {
			return all[len(all)-1:]
		}
	}
	return nil
}

// isHome reports whether a word means the home directory to a shell: ~ and ~/x.
func isHome(s *stages.Step, word string) bool {
	v := s.Expand(word)
	return v.Known && (v.Text == "~" || strings.HasPrefix(v.Text, "~/"))
}

// homeOf is where the home of the user at a step usually is.
func homeOf(s *stages.Step) string {
	name, _, _ := strings.Cut(s.User.Text, ":")
	if !s.User.Known || name == "root" || strings.Trim(name, "0123456789") == "" {
		return "/root"
	}
	return "/home/" + name
}
