package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var buildDownloadsDeps = &diagnostics.Rule{
	Name:     "build-downloads-deps",
	Severity: diagnostics.Warning,
	Stage:    checkBuildDownloads,
}

// checkBuildDownloads looks for the first command of each ecosystem that builds the project and has to download what it
// depends on, since no step above did.
func checkBuildDownloads(p *diagnostics.Pass) {
	var above []copies.Copy
	var others []string           // where copies from other stages and images go to
	fetched := map[string]bool{}  // ecosystems
	before := map[string]string{} // by program: what it does above that downloads too
	steps := p.SeeChain(fetchKey{}, copiesOrFetches)
	for at, seen := range steps {
		s := seen.Step
		switch what := seen.What.(type) {
		case copied:
			if c, ok := copies.Of(s); ok {
				above = append(above, c)
			} else if what.other {
				others = append(others, what.to)
			}
		case []fetch:
			for _, f := range what {
				if f.ecosystem == "" {
					if s.Stage == p.Stage && before[f.program] == "" {
						before[f.program] = f.phrase
					}
					continue
				}
				if fetched[f.ecosystem] || f.modules != nil && !slices.ContainsFunc(f.modules, func(m string) bool { return !fetched[f.ecosystem+" "+m] }) {
					continue
				}
				if f.all && f.modules != nil && len(f.modules) < maxModules {
					for _, m := range f.modules { // what others need is still to be downloaded
						fetched[f.ecosystem+" "+m] = true
					}
				} else if f.all || f.depsOnly {
					fetched[f.ecosystem] = true
					fetched[strings.TrimSuffix(f.ecosystem, "-chef")] = true
				}
				if f.all && s.Stage == p.Stage && p.Context() != nil && !p.ContextDoubted() && len(above) < copies.MaxWhole {
					phrase := f.phrase
					if earlier := before[f.program]; earlier != "" {
						phrase = earlier
					}
					cmd := f.command(s)
					inst, _ := cmd.Install()
					if slices.ContainsFunc(others, func(to string) bool { return mayBringDownloads(s, cmd, inst, to) }) {
						continue
					}
					if reportDownloads(p, above, s, cmd, inst, phrase, f, builtAgain(steps[at+1:], f)) {
						fetched[f.ecosystem] = true // one finding for all
					}
				}
			}
		}
	}
}

type fetchKey struct{}

// copied is said of a step that copies; other, if from another stage or image.
type copied struct {
	other bool
	to    string // where to, then; "" if that is not known
}

// mayBringDownloads reports whether a copy from another stage, which goes to that place, may bring what the install would
// download: the project's folder with all in it, one of the tool's own folders, or a place of which nothing is known. What is put
// further down among the sources, such as pages that another stage has built, is nothing to the tool, and neither are programs.
func mayBringDownloads(s *stages.Step, cmd *shell.Command, inst *shell.Install, to string) bool {
	dir, _ := projectOf(s, cmd, inst)
	switch {
	case to == "" || !path.IsAbs(to) || !path.IsAbs(dir):
		return true
	case slices.ContainsFunc(copies.CachesOf(s, cmd.Program), func(c shell.Cache) bool { return copies.Below(to, c.Path) || copies.Below(c.Path, to) }):
		return true
	case strings.HasSuffix(to, "/bin") || path.Base(path.Dir(to)) == "bin":
		return false
	case to == dir || !copies.Below(to, dir):
		return true
	}
	own := append(manifests.Leaves(inst.Ecosystem), "vendor", "target", "obj")
	parts := strings.Split(strings.TrimPrefix(to, strings.TrimSuffix(dir, "/")+"/"), "/")
	return slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(part, ".") || slices.Contains(own, part) })
}

// fetch is a command of a RUN that installs what a project needs, or may download it by the way: go get.
type fetch struct {
	at            int // which command
	program       string
	phrase        string
	ecosystem     string   // "" if it is no install
	all, depsOnly bool     // it builds, and downloads for that; it installs what the project needs, and nothing else
	apart         string   // the command that would only download
	modules       []string // those of the project that it builds; nil if it builds all, or who knows which
}

// command is the command of the step, with the values of the variables that the Dockerfile sets, as copiesOrFetches has read it.
func (f fetch) command(s *stages.Step) *shell.Command {
	return moves.Expanded(s, shell.Of(s.Instr, s.Shell).Commands[f.at])
}

// copiesOrFetches is what the rule has to know of a step: copied, a list of fetch, or nil.
func copiesOrFetches(s *stages.Step) any {
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		what := copied{other: cmd.From != ""}
		if dest := s.Expand(cmd.DestPath); what.other && dest.Known {
			if to := s.Join(dest.Text); to.Known {
				what.to = path.Clean(to.Text)
			}
		}
		return what
	case *instructions.AddCommand:
		return copied{}
	case *instructions.RunCommand:
		var list []fetch
		for i, c := range shell.Of(s.Instr, s.Shell).Commands {
			c = moves.Expanded(s, c)
			if inst, ok := c.Install(); ok {
				apart, all := inst.Fetches()
				list = append(list, fetch{at: i, program: c.Program, phrase: inst.BuildPhrase(), ecosystem: inst.Ecosystem, all: all, depsOnly: inst.DepsOnly, apart: apart, modules: modulesOf(c)})
			} else if len(c.Operands()) > 0 && c.Effects().Network {
				if phrase := c.Phrase(); phrase != c.Program { // go get, go mod tidy
					list = append(list, fetch{at: i, program: c.Program, phrase: phrase})
				}
			}
		}
		if list != nil {
			return list
		}
	}
	return nil
}

// maxModules is how many modules of a project one command may name to be thought of as building a part of it.
const maxModules = 20

// modulesOf are the modules that the command builds, if it builds these alone and does not leave some out.
func modulesOf(c *shell.Command) (modules []string) {
	w, ok := c.Value(shell.ChosenModules)
	if !ok || !w.Literal || c.Has(shell.AlsoOtherModules) || w.Text == "" {
		return nil
	}
	for m := range strings.SplitSeq(w.Text, ",") {
		if m = strings.TrimSpace(m); strings.HasPrefix(m, "!") || strings.HasPrefix(m, "-") {
			return nil
		}
		modules = append(modules, path.Base(strings.TrimSuffix(m[strings.LastIndex(m, ":")+1:], "/"))) // group:core, :core and app/core
	}
	return modules
}

// reportDownloads reports whether there was something to tell of.
func reportDownloads(p *diagnostics.Pass, above []copies.Copy, s *stages.Step, cmd *shell.Command, inst *shell.Install, phrase string, what fetch, again bool) bool {
	mounts, err := s.Mounts()
	if err != nil || slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
		return m.Type == instructions.MountTypeCache || m.Type == instructions.MountTypeBind
	}) {
		return false
	}
	c, whole := sourcesOf(p.Context(), above, s, cmd, inst)
	if c.Step == nil || again && !whole {
		return false
	}
	n := c.Select(p.Context()).Files
	caches := copies.CachesOf(s, cmd.Program)
	f := diagnostics.Finding{
		Step: s, Span: cmd.Span,
		Message: func(p *diagnostics.Pass) string { return downloadsMessage(p, c, n, phrase, what, caches) },
		Related: []diagnostics.Related{{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: "what changes"}},
	}
	if what.apart == "" {
		f.Severity = diagnostics.Info
	}
	if len(caches) > 0 && what.modules == nil { // modules that are built later need what this one leaves there
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return mountCaches(p, s, inst, caches) }
	}
	p.Report(f)
	return true
}

// sourcesOf is the first of the copies that brings sources of a project which depends on something: its whole folder or, where
// its manifests are copied apart, a folder below. Its Step is nil if there is none.
func sourcesOf(bc *files.Context, above []copies.Copy, s *stages.Step, cmd *shell.Command, inst *shell.Install) (c copies.Copy, whole bool) {
	dir, manifest := projectOf(s, cmd, inst)
	for _, c := range above {
		contextDir, ok := c.Delivers(dir)
		if ok && (c.Whole() || c.Broad(bc)) && manifests.HasDependencies(bc, contextDir, inst.Ecosystem) {
			return c, true
		}
	}
	if !slices.ContainsFunc(above, func(c copies.Copy) bool { return c.Broad(bc) && copies.Below(c.Dest, dir) }) {
		return copies.Copy{}, false
	}
	contextDir, in, ok := copies.InputsOf(bc, s, cmd, inst)
	if manifest != "" {
		var from string
		from, ok = copies.OriginOf(bc, s.Stage.ChainSteps(), manifest)
		contextDir, in = path.Dir(from), manifests.Inputs{Files: []string{from}}
	}
	if !ok || !manifests.HasDependencies(bc, contextDir, inst.Ecosystem) {
		return copies.Copy{}, false
	}
	for _, c := range above {
		if c.Broad(bc) && copies.Below(c.Dest, dir) && bringsMore(bc, c, in) {
			return c, false
		}
	}
	return copies.Copy{}, false
}

// projectOf is the directory of the image that holds what the command builds, and its manifest if an option names that:
// mvn -f /app/pom.xml.
func projectOf(s *stages.Step, cmd *shell.Command, inst *shell.Install) (dir, manifest string) {
	dir = copies.WorkingDir(s, cmd, inst)
	w, ok := cmd.Value(shell.ProjectFile)
	if !ok {
		return dir, ""
	}
	name := copies.ScriptValue(s, w.Text)
	switch {
	case !name.Known:
		return dir, ""
	case path.IsAbs(name.Text):
		manifest = path.Clean(name.Text)
	default:
		manifest = path.Join(dir, name.Text)
	}
	if path.Ext(manifest) == "" {
		return manifest, "" // a folder
	}
	return path.Dir(manifest), manifest
}

// builtAgain reports whether a step below copies files and a later one builds the same again: then the build above has been given what
// it needs to bring the dependencies, and no more.
func builtAgain(below []diagnostics.Seen, first fetch) bool {
	more := false
	for _, seen := range below {
		switch what := seen.What.(type) {
		case copied:
			more = more || !what.other
		case []fetch:
			if more && slices.ContainsFunc(what, func(f fetch) bool {
				return f.all && f.ecosystem == first.ecosystem && (first.modules == nil || f.modules == nil || slices.ContainsFunc(f.modules, func(m string) bool { return slices.Contains(first.modules, m) }))
			}) {
				return true
			}
		}
	}
	return false
}

// bringsMore reports whether the copy takes more than what an install reads: the folder of Gradle's wrapper is no source.
func bringsMore(bc *files.Context, c copies.Copy, in manifests.Inputs) bool {
	n := c.Select(bc).Files
	taken := c.Taken(bc)
	for _, file := range in.Files {
		if slices.ContainsFunc(taken, func(p string) bool { return copies.Below(file, p) || p == "." }) {
			n--
		}
	}
	return n > 0
}

func downloadsMessage(p *diagnostics.Pass, c copies.Copy, n int, phrase string, f fetch, caches []shell.Cache) string {
	all, where := "all dependencies", ""
	if f.modules != nil {
		all, where = "the dependencies of "+and(f.modules), " of all RUNs that build modules"
	}
	what := fmt.Sprintf("Changing %s that line %d copies makes %s download %s again", anyOf(p.Context(), n), p.Line(c.Step), words.Code(phrase), all)
	var advice []string
	if f.apart != "" {
		advice = append(advice, "run "+words.Code(f.apart)+" above that line, below a COPY of the files that it reads")
	}
	if len(caches) > 0 {
		advice = append(advice, "keep them in a cache mount ("+caches[0].Path+")"+where)
	}
	if len(advice) == 0 {
		return what + "; keep them in a cache mount"
	}
	return what + "; " + strings.Join(advice, ", or ")
}

// mountCaches mounts the caches of the program. They are in no layer, so that a later step does not find in them what
// this one has downloaded.
func mountCaches(p *diagnostics.Pass, s *stages.Step, inst *shell.Install, caches []shell.Cache) []diagnostics.Fix {
	change := p.Change()
	for _, c := range caches {
		flag := "--mount=type=cache,target=" + c.Path
		if c.Locked {
			flag += ",sharing=locked"
		}
		change.AddFlag(s, flag)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{
		Title: "Keep what " + words.Code(inst.BuildPhrase()) + " downloads in a cache mount (check first: later steps must not need it)",
		Edits: []diagnostics.FileEdit{edit},
	}}
}
