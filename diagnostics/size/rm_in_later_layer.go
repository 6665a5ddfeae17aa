package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var rmInLaterLayer = &diagnostics.Rule{
	Name:     "rm-in-later-layer",
	Code:     "C26",
	Severity: diagnostics.Warning,
	Stage:    checkRmInLaterLayer,
}

const aptLists = "/var/lib/apt/lists"

// written is a path that an earlier layer of the stage has written.
type written struct {
	path string
	step *stages.Step
	what string
}

func checkRmInLaterLayer(p *diagnostics.Pass) {
	if !p.Exported {
		return
	}
	var layers []written
	for _, s := range p.Stage.Steps {
		if c, ok := copies.Of(s); ok {
			for _, source := range c.Sources {
				if to, ok := c.Landing(source); ok {
					layers = append(layers, written{to, s, path.Base(source)})
				}
			}
			continue
		}
		if s.Instr.Name != "RUN" {
			continue
		}
		commands := shell.Commands(s.Instr, s.Shell)
		for _, c := range commands {
			layers = slices.DeleteFunc(layers, func(w written) bool {
				span, ok := removes(s, c, w.path)
				if ok && !(w.path == aptLists && refreshes(commands)) {
					reportRm(p, s, span, w)
				}
				return ok
			})
		}
		if lists, ok := leavesLists(s, commands); ok {
			layers = append(layers, lists)
		}
	}
}

// leavesLists reports whether the RUN fetches package lists and leaves them in its layer.
func leavesLists(s *stages.Step, commands []*shell.Command) (written, bool) {
	for _, c := range commands {
		if _, ok := removes(s, c, aptLists); ok {
			return written{}, false
		}
	}
	if !refreshes(commands) || strings.Contains(s.Instr.Text, "/var/lib/apt") {
		return written{}, false // a mount or a script of its own takes care of them
	}
	return written{aptLists, s, "the package lists"}, true
}

// refreshes reports whether apt fetches the package lists.
func refreshes(commands []*shell.Command) bool {
	return slices.ContainsFunc(commands, func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		return ok && os.Manager == "apt" && os.Refresh
	})
}

// removes reports whether the command is an rm of the path, and where it names it.
func removes(s *stages.Step, c *shell.Command, target string) (text.Span, bool) {
	if c.Program != "rm" || c.InSubst {
		return text.Span{}, false
	}
	for _, w := range c.Words[1:] {
		if strings.HasPrefix(w.Text, "-") || strings.Contains(w.Text, "$") {
			continue
		}
		name := w.Text
		switch {
		case path.IsAbs(name):
		case path.IsAbs(c.Dir):
			name = path.Join(c.Dir, name)
		case s.Workdir.Known && c.Dir == "":
			name = path.Join(s.Workdir.Text, name)
		default:
			continue
		}
		matched, _ := path.Match(name, target)
		if matched || strings.TrimSuffix(strings.TrimSuffix(name, "*"), "/") == target {
			return w.Span, true
		}
	}
	return text.Span{}, false
}

func reportRm(p *diagnostics.Pass, s *stages.Step, span text.Span, w written) {
	format := "This saves nothing: the layer of line %v still holds %s. Delete it in the step that writes it"
	if w.step.Instr.Name != "RUN" {
		format = "This saves nothing: the layer of line %v still holds %s. Let the RUN that needs it read it through a bind mount (RUN --mount=type=bind)"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: span, Format: format,
		Args: []any{w.step, w.what},
		Related: []diagnostics.Related{{
			Step: w.step, Span: diagnostics.Line(w.step.Instr), Message: "written here",
		}},
	})
}
