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
	Local:    true,
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
	packages := map[string]written{} // by manager and name: what an earlier layer has installed
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
			var gone []written // what one word removes of one layer is one finding
			var at text.Span
			layers = slices.DeleteFunc(layers, func(w written) bool {
				span, ok := removes(s, c, w.path)
				if ok && !(w.path == aptLists && refreshes(commands)) {
					if len(gone) > 0 && (gone[0].step != w.step || at != span) {
						reportRm(p, s, at, gone)
						gone = nil
					}
					gone, at = append(gone, w), span
				}
				return ok
			})
			if len(gone) > 0 {
				reportRm(p, s, at, gone)
			}
			noteInstalls(s, c, packages)
			if w, span, ok := uninstalls(c, packages); ok && w.step != s {
				reportRm(p, s, span, []written{w})
			}
		}
		for _, c := range commands {
			if to, ok := downloadsTo(s, c); ok && !slices.ContainsFunc(commands, func(c *shell.Command) bool { _, gone := removes(s, c, to); return gone }) {
				layers = append(layers, written{to, s, path.Base(to)})
			}
		}
		if lists, ok := leavesLists(s, commands); ok {
			layers = append(layers, lists)
		}
	}
}

const devDependencies = "the development dependencies"

// noteInstalls notes the packages that the command installs by name, and development dependencies.
func noteInstalls(s *stages.Step, c *shell.Command, packages map[string]written) {
	note := func(key, what string) { packages[key] = written{key, s, what} }
	if os, ok := c.OSPackages(); ok && os.Install {
		names := os.Packages
		if virtual, ok := c.Flag("-t", "--virtual"); ok && os.Manager == "apk" {
			names = append(slices.Clone(names), virtual)
		}
		for _, w := range names {
			if w.Literal {
				note(os.Manager+" "+w.Text, w.Text)
			}
		}
	}
	if inst, ok := c.Install(); ok && inst.ProductionFlag != "" && !inst.Production && !byEnv(s, c, inst) {
		note(c.Program, devDependencies)
	}
}

// uninstalls takes out of packages what the command removes, and returns the first of it.
func uninstalls(c *shell.Command, packages map[string]written) (w written, span text.Span, ok bool) {
	if os, isOS := c.OSPackages(); isOS && os.Remove {
		for _, name := range os.Packages {
			key := os.Manager + " " + name.Text
			if found, there := packages[key]; there && !ok {
				w, span, ok = found, name.Span, true
			}
			delete(packages, key)
		}
	}
	if c.DropsDevDeps() {
		w, ok = packages[c.Program]
		span = c.Span
		delete(packages, c.Program)
	}
	return w, span, ok
}

// downloadsTo is the file in the image that the command downloads to.
func downloadsTo(s *stages.Step, c *shell.Command) (string, bool) {
	var out shell.Word
	switch c.Program {
	case "curl":
		out, _ = c.Flag("-o", "--output")
	case "wget":
		out, _ = c.Flag("-O", "--output-document")
	}
	if !out.Literal || out.Text == "-" || strings.HasPrefix(out.Text, "/dev/") {
		return "", false
	}
	return inImage(s, c, out.Text)
}

// inImage is the absolute path of a name that a command uses.
func inImage(s *stages.Step, c *shell.Command, name string) (string, bool) {
	switch {
	case path.IsAbs(name):
		return name, true
	case path.IsAbs(c.Dir):
		return path.Join(c.Dir, name), true
	case s.Workdir.Known && c.Dir == "":
		return path.Join(s.Workdir.Text, name), true
	}
	return "", false
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
		name, ok := inImage(s, c, w.Text)
		if !ok {
			continue
		}
		matched, _ := path.Match(name, target)
		if matched || strings.TrimSuffix(strings.TrimSuffix(name, "*"), "/") == target {
			return w.Span, true
		}
	}
	return text.Span{}, false
}

func reportRm(p *diagnostics.Pass, s *stages.Step, span text.Span, gone []written) {
	writer := gone[0].step
	var names []string
	for _, w := range gone {
		names = append(names, w.what)
	}
	format := "This saves nothing: the layer of line %v still holds %s. Delete it in the step that writes it"
	if writer.Instr.Name != "RUN" {
		format = "This saves nothing: the layer of line %v still holds %s. Let the RUN that needs it read it through a bind mount (RUN --mount=type=bind)"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: span, Format: format, Args: []any{writer, strings.Join(names, " and ")},
		Related: []diagnostics.Related{{
			Step: writer, Span: diagnostics.Line(writer.Instr), Message: "written here",
		}},
	})
}
