package size

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
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

const (
	maxStages  = 8   // of the chain that are looked at; each stage of it looks at those below
	maxWritten = 100 // paths that are kept in mind, the newest
)

// checkRmInLaterLayer goes through the layers of the chain, the stage's own and those below, and reports
// what the stage removes of an earlier one.
func checkRmInLaterLayer(p *diagnostics.Pass) {
	if !p.Exported() {
		return
	}
	var layers []written
	packages := map[string]written{} // by manager and name: what an earlier layer has installed
	chain := p.Stage.Chain()
	chain = chain[max(0, len(chain)-maxStages):]
	for _, s := range p.SeeChain(layersKey{}, changesLayers) {
		if slices.Contains(chain, s.Stage) {
			layers = checkStep(p, s.Step, layers, packages)
			layers = layers[max(0, len(layers)-maxWritten):]
		}
	}
}

type layersKey struct{}

// changesLayers reports whether the step may write or remove something that the rule keeps in mind.
func changesLayers(s *stages.Step) any {
	if _, ok := copies.Of(s); ok {
		return true
	}
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		_, packages := c.OSPackages()
		_, installs := c.Install()
		_, downloads := downloadsTo(s, c)
		if packages || installs || downloads || c.DropsDevDeps() || c.Program == "rm" || c.Program == "mv" {
			return true
		}
	}
	return nil
}

// checkStep returns the layers after the step.
func checkStep(p *diagnostics.Pass, s *stages.Step, layers []written, packages map[string]written) []written {
	if c, ok := copies.Of(s); ok {
		for _, source := range c.Sources {
			if to, ok := c.Landing(source); ok {
				layers = append(layers, written{to, s, path.Base(source)})
			}
		}
		return layers
	}
	if s.Instr.Name != "RUN" {
		return layers
	}
	commands := shell.Commands(s.Instr, s.Shell)
	for i, c := range commands {
		// A lock file that goes before an install goes for its sake, not for the size.
		anew := slices.ContainsFunc(commands[i+1:], func(c *shell.Command) bool { _, ok := c.Install(); return ok })
		layers = slices.DeleteFunc(layers, func(w written) bool { return moves(s, c, w.path) })
		var gone []written // what one command removes of one layer is one finding
		var at text.Span
		layers = slices.DeleteFunc(layers, func(w written) bool {
			span, ok := removes(s, c, w.path)
			if ok && !(w.path == aptLists && refreshes(commands)) && !(anew && w.step.Instr.Name == "COPY") {
				if len(gone) > 0 && gone[0].step != w.step {
					reportRm(p, s, c, at, gone)
					gone = nil
				}
				if len(gone) == 0 {
					at = span
				}
				gone = append(gone, w)
			}
			return ok
		})
		if len(gone) > 0 {
			reportRm(p, s, c, at, gone)
		}
		noteInstalls(s, c, packages)
		if w, span, ok := uninstalls(c, packages); ok && w.step != s {
			reportRm(p, s, c, span, []written{w})
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
	return layers
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
		if _, ok := removes(s, c, aptLists); ok || c.DropsLists() {
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
		if names(s, c, w, target) {
			return w.Span, true
		}
	}
	return text.Span{}, false
}

// moves reports whether the command is an mv of the path to another place.
func moves(s *stages.Step, c *shell.Command, target string) bool {
	operands := c.Operands()
	return c.Program == "mv" && len(operands) > 1 && slices.ContainsFunc(operands[:len(operands)-1], func(w shell.Word) bool { return names(s, c, w, target) })
}

// names reports whether the word of the command is the path, or a glob that matches it.
func names(s *stages.Step, c *shell.Command, w shell.Word, target string) bool {
	if strings.HasPrefix(w.Text, "-") || strings.Contains(w.Text, "$") {
		return false
	}
	name, ok := inImage(s, c, w.Text)
	matched, _ := path.Match(name, target)
	return ok && (matched || strings.TrimSuffix(strings.TrimSuffix(name, "*"), "/") == target)
}

func reportRm(p *diagnostics.Pass, s *stages.Step, c *shell.Command, span text.Span, gone []written) {
	if s.Stage != p.Stage {
		return // the stage below reports it
	}
	writer := gone[0].step
	var names []string
	for _, w := range gone {
		names = append(names, w.what)
	}
	advice := "Delete it in the step that writes it"
	fixes := func(p *diagnostics.Pass) []diagnostics.Fix { return joinWriter(p, writer, s) }
	if writer.Instr.Name != "RUN" {
		advice = "Let the RUN that needs it read it through a bind mount (RUN --mount=type=bind)"
		fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return mountInstead(p, s, c, gone) }
	}
	message := func(p *diagnostics.Pass) string {
		return fmt.Sprintf("This saves nothing: the layer of line %d still holds %s. %s", p.Line(writer), strings.Join(names, " and "), advice)
	}
	f := diagnostics.Finding{Step: s, Span: span, Message: message, Fixes: fixes}
	if writer.Stage == s.Stage {
		f.Related = []diagnostics.Related{{Step: writer, Span: diagnostics.Line(writer.Instr), Message: "written here"}}
	}
	p.Report(f)
}

// joinWriter makes one RUN of the one that writes and the one that removes. It is safe if that one does
// nothing else, for else a change of it would write everything anew.
func joinWriter(p *diagnostics.Pass, writer, s *stages.Step) []diagnostics.Fix {
	edit, ok := p.JoinRuns(writer, s)
	if !ok {
		return nil
	}
	fix := diagnostics.Fix{Title: "Join with the RUN that writes it", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, isOS := c.OSPackages(); c.Program != "rm" && !(isOS && (os.Remove || os.Clean)) {
			fix.Safety = diagnostics.Suggested
			fix.Title += " (check first: a change of the rest then runs both again)"
			break
		}
	}
	return []diagnostics.Fix{fix}
}

// mountInstead drops the COPY of files that one RUN uses and a command removes, and mounts them. It is
// offered where that RUN names them, and nothing else runs between the COPY and the removal.
func mountInstead(p *diagnostics.Pass, s *stages.Step, rm *shell.Command, gone []written) []diagnostics.Fix {
	writer := gone[0].step
	c, ok := copies.Of(writer)
	if !ok || c.Add || writer.Stage != s.Stage || len(writer.Instr.Flags) > 0 || len(c.Sources) != len(gone) || !shell.Plain(s.Instr, s.Shell) {
		return nil
	}
	for _, w := range rm.Words[1:] {
		if !strings.HasPrefix(w.Text, "-") && !slices.ContainsFunc(gone, func(g written) bool {
			_, ok := removes(s, &shell.Command{Program: "rm", Words: []shell.Word{{}, w}, Dir: rm.Dir}, g.path)
			return ok
		}) {
			return nil // it removes other things too
		}
	}
	commands := shell.Commands(s.Instr, s.Shell)
	if commands[len(commands)-1] != rm {
		return nil
	}
	user := s
	if len(commands) == 1 {
		user = nil
	}
	for _, between := range s.Stage.Steps[writer.N+1 : s.N] {
		switch {
		case between.Instr.Name != "RUN":
		case user != nil:
			return nil
		default:
			user = between
		}
	}
	if user == nil {
		return nil
	}
	change := p.Change()
	change.MoveComments(writer, user)
	change.Remove(writer, rewrite.DropComments)
	if user == s {
		change.DropCommand(s, rm)
	} else {
		change.MoveComments(s, user)
		change.Remove(s, rewrite.DropComments)
	}
	for i, w := range gone {
		source := c.Sources[i]
		if strings.ContainsAny(source+w.path, " \t,\"'$\\`") || !strings.Contains(user.Instr.Text, path.Base(w.path)) && !strings.Contains(user.Instr.Text, path.Dir(w.path)+"/*") {
			return nil
		}
		change.AddFlag(user, "--mount=type=bind,source="+source+",target="+w.path)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{
		Title: "Mount " + strings.Join(c.Sources, " and ") + " instead of copying (check first: the RUN must not write there)",
		Edits: []diagnostics.FileEdit{edit},
	}}
}
