package size

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var rmInLaterLayer = &diagnostics.Rule{
	Name:     "rm-in-later-layer",
	Code:     "C26",
	Severity: diagnostics.Warning,
	Stage:    checkRmInLaterLayer,
}

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
	var folders []copies.Copy
	packages := map[string]written{} // by manager and name: what an earlier layer has installed
	chain := p.Stage.Chain()
	chain = chain[max(0, len(chain)-maxStages):]
	for _, s := range p.SeeChain(layersKey{}, changesLayers) {
		if slices.Contains(chain, s.Stage) {
			if c, ok := copies.Of(s.Step); ok && len(folders) < maxWritten && p.Context() != nil && !p.ContextDoubted() && c.Broad(p.Context()) {
				folders = append(folders, c)
			}
			if s.Stage == p.Stage && s.Instr.Name == "RUN" {
				checkFolders(p, s.Step, folders)
			}
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
			if ok && w.path != fetchesLists(commands) && !(anew && w.step.Instr.Name == "COPY") {
				if len(gone) == 0 {
					at = span
				}
				gone = append(gone, w)
			}
			return ok
		})
		if len(gone) > 0 {
			reportRm(p, s, c, at, gone, false)
		}
		noteInstalls(s, c, packages)
		if w, span, ok := uninstalls(c, packages); ok && w.step != s {
			reportRm(p, s, c, span, []written{w}, false)
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

// mayBeLarge reports whether what was written may be worth a warning. A script or a setting that COPY brings, whose size is not
// known for want of a build context, is small.
func mayBeLarge(w written) bool {
	return w.size >= little || w.size < 0 && (w.step.Instr.Name != "COPY" || !smallFile.MatchString(w.path))
}

var smallFile = lazy.New(`\.(sh|bash|py|pl|rb|js|conf|cnf|cfg|ini|properties|toml|ya?ml|md|txt|list|repo|patch|diff|service|asc|pub|crt)$`)

// reportRm reports what the command removes in vain; part says that it is of a folder which a COPY brings as a whole.
func reportRm(p *diagnostics.Pass, s *stages.Step, c *shell.Command, span text.Span, gone []written, part bool) {
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
	case part:
		advice = "copy only what the image needs"
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
		what := andMore(names)
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
	if size >= 0 && size < little || size < 0 && !slices.ContainsFunc(gone, mayBeLarge) {
		f.Severity = diagnostics.Hint
	}
	for _, writer := range writers {
		if writer.Stage == s.Stage {
			f.Related = append(f.Related, diagnostics.Related{Step: writer, Span: diagnostics.Line(writer.Instr), Message: "written here"})
		}
	}
	p.Report(f)
}
