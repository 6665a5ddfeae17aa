package correctness

import (
	"path"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var relativeWorkdir = &diagnostics.Rule{
	Name:      "relative-workdir",
	Severity:  diagnostics.Warning,
	BuildKit:  []string{"WorkdirRelativePath"},
	Hadolint:  []string{"DL3000"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0009"}, Checkov: []string{"CKV_DOCKER_10"}, KICS: []string{"6b376af8-cfe8-49ab-a08d-f32de23661a4"}, Sonar: []string{"S7021"}},
	Stage: func(p *diagnostics.Pass) {
		var held []*stages.Step // in an ONBUILD: it begins where the stage ends
		for _, seen := range p.SeeChain(workdirKey{}, seeWorkdir) {
			c, ok := seen.Step.Instr.Cmd().(*instructions.WorkdirCommand)
			if !ok {
				if step := seen.Step.Held(); step != nil && seen.What != nil && seen.Step.Stage == p.Stage {
					held = append(held, seen.Step)
				}
				continue
			}
			if seen.Step.Stage == p.Stage && isRelative(seen.Step, c.Path) {
				reportRelative(p, seen.Step, c.Path)
			}
			return // those below begin where the first leads to
		}
		if len(held) > 0 {
			in := held[0].Held().Instr
			if c, ok := in.Cmd().(*instructions.WorkdirCommand); ok && isRelative(held[0], c.Path) {
				p.Report(diagnostics.Finding{Step: held[0], Span: held[0].Instr.FirstLine(in.Args), Message: relativeMessage(c.Path)})
			}
		}
	},
}

type workdirKey struct{}

func seeWorkdir(s *stages.Step) any {
	in := s.Instr
	if held := s.Held(); held != nil {
		in = held.Instr
	}
	if _, ok := in.Cmd().(*instructions.WorkdirCommand); ok {
		return true
	}
	return nil
}

func relativeMessage(written string) func(*diagnostics.Pass) string {
	return diagnostics.Plain("WORKDIR " + words.Shorten(written, 40) + " begins in the directory that the base image sets, and moves when that does; write it with a / in front")
}

// isRelative reports whether a path is surely one that begins in the directory in effect.
func isRelative(s *stages.Step, written string) bool {
	v := s.Expand(written)
	if !v.Known {
		v.Text = strings.TrimLeft(written, `"'`)
	}
	switch {
	case v.Text == "":
		return !strings.Contains(written, "$") // WORKDIR ""
	case v.Text[0] == '/', v.Text[0] == '$', isHome(s, written) && !s.Stage.Windows: // tilde-not-expanded tells of the last
		return false
	case s.Stage.Windows:
		return v.Text[0] != '\\' && !drive.MatchString(v.Text)
	}
	// An image that is not known may be Windows.
	return !drive.MatchString(v.Text) || s.Workdir.Known
}

var drive = lazy.New(`^[A-Za-z]:`)

func reportRelative(p *diagnostics.Pass, s *stages.Step, written string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(s.Instr.Args),
		Message: relativeMessage(written),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			dir := s.Join(s.Expand(written).Text)
			if !s.Expand(written).Known || strings.ContainsAny(written, "$\"'\\` \t") || written == "" {
				return nil
			}
			to, safety, title := path.Clean("/"+written), diagnostics.Suggested, " (check where the base image begins)"
			if dir.Known {
				to, title = dir.Text, ", where it is now"
			}
			if s.Stage.Root().Scratch() {
				safety, title = diagnostics.Safe, ""
			}
			return p.FixBy("Write "+words.Code("WORKDIR "+to)+title, safety, func(c *rewrite.Change) { c.ReplaceWord(s, s.Instr.Args, to) })
		},
	})
}
