package size

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
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
	size int64 // in bytes; -1 if it is not known
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
	switch s.Instr.Name {
	case "COPY", "ADD":
		return true
	case "RUN":
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			_, packages := c.OSPackages()
			_, installs := c.Install()
			if packages || installs || len(c.Effects().Writes.Words) > 0 || c.DropsDevDeps() || len(c.Removes())+len(c.Moves()) > 0 {
				return true
			}
			if _, downloads := c.Downloads(); downloads {
				return true
			}
		}
	}
	return nil
}

// checkStep returns the layers after the step.
func checkStep(p *diagnostics.Pass, s *stages.Step, layers []written, packages map[string]written) []written {
	if s.Instr.Name == "COPY" || s.Instr.Name == "ADD" {
		return append(layers, brought(p, s)...)
	}
	if s.Instr.Name != "RUN" {
		return layers
	}
	commands := shell.Commands(s.Instr, s.Shell)
	for i, c := range commands {
		// A lock file that goes before an install goes for its sake, not for the size.
		anew := slices.ContainsFunc(commands[i+1:], func(c *shell.Command) bool { _, ok := c.Install(); return ok })
		layers = slices.DeleteFunc(layers, func(w written) bool { return movesAway(s, c, w.path) })
		var gone []written // what one command removes is one finding
		var at text.Span
		layers = slices.DeleteFunc(layers, func(w written) bool {
			span, ok := removes(s, c, w.path)
			if ok && !(w.path == aptLists && refreshes(commands)) && !(anew && w.step.Instr.Name == "COPY") {
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
		for _, to := range downloadsTo(s, c) {
			if !slices.ContainsFunc(commands, func(c *shell.Command) bool {
				_, gone := removes(s, c, to)
				return gone || movesAway(s, c, to)
			}) {
				layers = append(layers, written{to, s, path.Base(to), -1})
			}
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
	note := func(key, what string) { packages[key] = written{key, s, what, -1} }
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

// brought are the files that a COPY or ADD puts into the image, as far as their places are known.
func brought(p *diagnostics.Pass, s *stages.Step) (files []written) {
	if c, ok := copies.Of(s); ok {
		for _, source := range c.Taken(p.Context()) {
			to, ok := c.Landing(source)
			if !ok || c.Unpacks(source) {
				continue
			}
			size := int64(-1)
			if p.Context() != nil {
				if e, there := p.Context().Lookup(source); there && e.Mode.IsRegular() {
					size = e.Size
				}
			}
			files = append(files, written{to, s, path.Base(source), size})
		}
		return files
	}
	var sd instructions.SourcesAndDest
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if c.From == "" || c.Parents {
			return nil
		}
		sd = c.SourcesAndDest
	case *instructions.AddCommand:
		sd = c.SourcesAndDest
	default:
		return nil
	}
	dest := s.Expand(sd.DestPath)
	if !dest.Known {
		return nil
	}
	isDir := strings.HasSuffix(dest.Text, "/") || path.Base(dest.Text) == "."
	at := path.Clean(dest.Text)
	if !path.IsAbs(at) {
		at = path.Join(copies.Dir(s), at)
	}
	for _, word := range sd.SourcePaths {
		source := s.Expand(word)
		name := path.Base(source.Text)
		if before, _, isQuery := strings.Cut(source.Text, "?"); isQuery && strings.Contains(source.Text, "://") {
			name = path.Base(before)
		}
		if !source.Known || strings.ContainsAny(name, "*?[") || path.Ext(name) == "" || path.Ext(name) == ".git" {
			continue // it may be a directory, or several files
		}
		if isDir {
			files = append(files, written{path.Join(at, name), s, name, -1})
		} else if len(sd.SourcePaths) == 1 {
			files = append(files, written{at, s, name, -1})
		}
	}
	return files
}

// downloadsTo are the files in the image that the command downloads.
func downloadsTo(s *stages.Step, c *shell.Command) (files []string) {
	list, _ := c.Downloads()
	for _, f := range list {
		if w := f.Path(); w.Text != "" {
			if to, ok := inImage(s, c, w.Text); ok {
				files = append(files, to)
			}
		}
	}
	return files
}

// inImage is the absolute path of a name that a command uses, in the form of copies.Dir, with the values
// of its variables.
func inImage(s *stages.Step, c *shell.Command, name string) (string, bool) {
	if strings.ContainsAny(name, "$`") {
		value, ok := valueOf(s, name)
		if !ok {
			return "", false
		}
		name = value
	}
	switch {
	case path.IsAbs(name):
		return name, true
	case path.IsAbs(c.Dir):
		return path.Join(c.Dir, name), true
	case c.Dir == "":
		return path.Join(copies.Dir(s), name), true
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
	return written{aptLists, s, "the package lists", -1}, true
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
	if c.InSubst {
		return text.Span{}, false
	}
	for _, w := range c.Removes() {
		if names(s, c, w, target) {
			return w.Span, true
		}
	}
	return text.Span{}, false
}

// movesAway reports whether the command is an mv of the path to another place.
func movesAway(s *stages.Step, c *shell.Command, target string) bool {
	return slices.ContainsFunc(c.Moves(), func(w shell.Word) bool { return names(s, c, w, target) })
}

// names reports whether the word of the command is the path, or a glob that matches it.
func names(s *stages.Step, c *shell.Command, w shell.Word, target string) bool {
	name, ok := inImage(s, c, w.Text)
	matched, _ := path.Match(name, target)
	return ok && (matched || strings.TrimSuffix(strings.TrimSuffix(name, "*"), "/") == target)
}

// little is how much a layer may hold in vain before it is worth a warning, in bytes.
const little = 1_000_000

// sizeOf is how much the files are together; -1 if it is not known.
func sizeOf(gone []written) (size int64) {
	for _, w := range gone {
		if w.size < 0 {
			return -1
		}
		size += w.size
	}
	return size
}

func reportRm(p *diagnostics.Pass, s *stages.Step, c *shell.Command, span text.Span, gone []written) {
	if s.Stage != p.Stage {
		return // the stage below reports it
	}
	var names []string
	var writers []*stages.Step
	copied, run, fetched := false, false, false
	for _, w := range gone {
		if !slices.Contains(names, w.what) {
			names = append(names, w.what)
		}
		if !slices.Contains(writers, w.step) {
			writers = append(writers, w.step)
		}
		copied, run = copied || w.step.Instr.Name != "RUN", run || w.step.Instr.Name == "RUN"
		_, ofContext := copies.Of(w.step)
		fetched = fetched || w.step.Instr.Name == "ADD" && !ofContext
	}
	advice := "delete files in the step that writes them"
	var fixes func(p *diagnostics.Pass) []diagnostics.Fix
	switch {
	case copied && run:
		advice = "delete files in the step that writes them, and read copied ones with `RUN --mount=type=bind`"
	case fetched:
		advice = "download, use and delete files in one RUN"
	case copied:
		advice = "read files with `RUN --mount=type=bind` instead of copying them"
		fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return mountInstead(p, s, c, gone) }
	default:
		fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return joinWriter(p, writers[0], s) }
	}
	if len(writers) > 1 {
		fixes = nil
	}
	size := sizeOf(gone)
	message := func(p *diagnostics.Pass) string {
		what := strings.Join(names, " and ")
		if size >= 0 {
			what += " (" + words.Size(size) + ")"
		}
		if len(writers) == 1 {
			return fmt.Sprintf("This saves no space: the layer of line %d still holds %s; %s", p.Line(writers[0]), what, advice)
		}
		var lines []string
		for _, w := range writers {
			lines = append(lines, fmt.Sprint(p.Line(w)))
		}
		return fmt.Sprintf("This saves no space: the layers of lines %s still hold %s; %s", strings.Join(lines, " and "), what, advice)
	}
	f := diagnostics.Finding{Step: s, Span: span, Message: message, Fixes: fixes}
	if size >= 0 && size < little {
		f.Severity = diagnostics.Info
	}
	for _, writer := range writers {
		if writer.Stage == s.Stage {
			f.Related = append(f.Related, diagnostics.Related{Step: writer, Span: diagnostics.Line(writer.Instr), Message: "written here"})
		}
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
	fix := diagnostics.Fix{Title: "Join this RUN with the one that writes it", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, isOS := c.OSPackages(); len(c.Removes()) == 0 && !(isOS && (os.Remove || os.Clean)) {
			fix.Safety = diagnostics.Suggested
			fix.Title += " (check first: changing either part then reruns both)"
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
			return names(s, rm, w, g.path)
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
	removal := []*shell.Command{}
	if user == s {
		removal = append(removal, rm)
	}
	verdict := moves.Judge{Context: p.Context()}.MountInstead(c, user, removal...)
	if verdict.Answer == moves.Never {
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
	title := "Mount " + strings.Join(c.Sources, " and ") + " instead of copying " + words.For(len(c.Sources), "it", "them")
	if verdict.Answer == moves.Doubtful {
		title += " (check first: " + verdict.Why + ")"
	}
	return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
}
