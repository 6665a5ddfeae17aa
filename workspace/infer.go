package workspace

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Supposing is the configuration with the build context that something beside the file tells, such as a link to
// it: it counts if nobody has said anything.
func (c Config) Supposing(folder string) Config {
	c.inferred = folder
	return c
}

// inference is the build context that the text of a Dockerfile tells, for one that nobody has said.
type inference struct {
	folder  string // absolute; "" if it tells none
	guessed bool   // the folder has not all that the text names, or the text names nothing and copies all
}

// infer asks the texts of open Dockerfiles for their build contexts again, of those for which that is due: they were
// opened or configured, what builds the Dockerfiles was looked at, and with it what was saved and typed since. It returns
// those that are built otherwise now. Two callers may ask of the same one: both get an answer that holds, and the one to
// the last question stays. The caller holds mu, which is not held while the disk is looked at.
func (w *Workspace) infer(documents ...*document) (changed []string) {
	for _, d := range documents {
		if b := w.buildersOf(d.path); !d.dockerfile || b == nil || b.known == nil || d.asked == d.answered {
			continue
		}
		question, cfg, file := d.asked, d.config.Knowing(w.buildersOf(d.path).known), d.draft.tree()
		cfg.inferred, cfg.guessed = "", false
		var told inference
		func() {
			w.mu.Unlock()
			defer w.mu.Lock()
			cfg, _ = cfg.inferring(d.path, file, new(files.Lister))
			told = inference{cfg.inferred, cfg.guessed}
		}()
		if w.documents[d.uri] != d || d.answered >= question {
			continue
		}
		d.answered = question
		if d.inferred != told {
			d.inferred = told
			if w.rebuild(d) {
				changed = append(changed, d.uri)
			}
		}
	}
	return changed
}

// inferring is the configuration with the build context that the Dockerfile's own text tells, for one that nobody
// has said: the nearest folder, from its own up to the root of its workspace, that has most of the files that
// the text names. It looks at the disk by the lister. g is the graph that it did so with; nil if there was nothing to
// look for.
func (c Config) inferring(dockerfile string, file *syntax.File, lister *files.Lister) (with Config, g *stages.Graph) {
	if dockerfile == "" || c.known == nil || c.inferred != "" || !within(c.known.Root, dockerfile) {
		return c, nil
	}
	if builds, _ := c.BuildsOf(dockerfile); builds[0].Certainty != Supposed {
		return c, nil
	}
	root := c.known.Root
	g = stages.Resolve(file, stages.Args{Build: c.BuildArgs, Image: images.Base}, nil)
	named, taking := namedSources(g), takes(g)
	most := 0
	for dir := filepath.Dir(dockerfile); ; dir = filepath.Dir(dir) {
		n := 0
		own := dir == filepath.Dir(dockerfile)
		if len(named) > 0 {
			n = count(dir, lister.Entries(dir), named)
		} else if taking && fits(dir, lister.Entries(dir), g, own) || own && (dir == root || !taking) {
			n = 1
		}
		if n > most && !tooBroad(dir) {
			c.inferred, most = dir, n
			c.guessed = len(named) == 0 || n < len(named)
		}
		if dir == root || slices.Contains(foreign, filepath.Base(dir)) {
			return c, g
		}
	}
}

// foreign are folders whose files are of no use to what lies around them, and the other way round: copies of other projects,
// and what stands for a project in tests and generators.
var foreign = []string{"vendor", "node_modules", "third_party", "testdata", "fixtures", "templates"}

// takes reports whether a Dockerfile takes anything from its build context, or may do so.
func takes(g *stages.Graph) bool {
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			if len(copies.ContextMounts(s)) > 0 || takesFiles(s) {
				return true
			}
		}
	}
	return false
}

// takesFiles reports whether a step is a COPY or ADD of files of the build context.
func takesFiles(s *stages.Step) bool {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		return c.From == "" && len(c.SourcePaths) > 0
	case *instructions.AddCommand:
		return slices.ContainsFunc(c.SourcePaths, func(source string) bool { return !strings.Contains(source, "://") })
	}
	return false
}

// fits reports whether a folder has what the commands of a Dockerfile that copies all of it read, such as the
// manifest of an install. Of the Dockerfile's own folder it is enough that it is a project and lacks nothing. Only
// what lies in the folder itself is looked at.
func fits(dir string, entries []files.Entry, g *stages.Graph, own bool) bool {
	if len(entries) == 0 {
		return false
	}
	top := map[string]string{}
	for _, e := range entries {
		if e.Mode.IsDir() {
			top[e.Path+"/"] = ""
		} else {
			top[e.Path] = ""
		}
	}
	bc := files.InMemory(top)
	e := copies.Weigh(bc, g, nil, nil).Together()
	return e.Whole && !e.Lacks && (e.Shows || own && !e.Against(bc)) && !isMember(dir, top)
}

// maxPackage bounds the package.json that is read.
const maxPackage = 1 << 20

// isMember reports whether a folder holds a package of a workspace of JavaScript packages whose root is above: it
// cannot be installed without that.
func isMember(dir string, top map[string]string) bool {
	if _, ok := top["package.json"]; !ok {
		return false
	}
	if _, root := top["pnpm-workspace.yaml"]; root {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, "package.json"))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxPackage {
		return false
	}
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	return err == nil && strings.Contains(string(text), `"workspace:`) && !strings.Contains(string(text), `"workspaces"`)
}

// maxNamed bounds the files that are looked for.
const maxNamed = 500

// namedSources are the files and folders of the build context that a Dockerfile names, sorted, each once. "." is
// none: each folder has that.
func namedSources(g *stages.Graph) (named []string) {
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			list := copies.ContextMounts(s)
			if c, ok := copies.Of(s); ok {
				list = c.Sources
			}
			for _, source := range list {
				if source = path.Clean(source); source != "." && source != "/" && len(named) < maxNamed {
					named = append(named, source)
				}
			}
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// count is how many of the sources a folder with these entries has.
func count(dir string, entries []files.Entry, named []string) (n int) {
	for _, source := range named {
		top, _, _ := strings.Cut(strings.TrimPrefix(source, "/"), "/")
		pattern := strings.ContainsAny(source, `*?[\`)
		if !hasLike(entries, top, pattern) {
			continue // most folders end here, without another look at the disk
		}
		at := filepath.Join(dir, filepath.FromSlash(source))
		if _, err := os.Lstat(at); err == nil {
			n++
		} else if pattern {
			if matches, _ := filepath.Glob(at); len(matches) > 0 {
				n++
			}
		}
	}
	return n
}

// hasLike reports whether a folder with these entries may have something of this name, or of this pattern.
func hasLike(entries []files.Entry, name string, pattern bool) bool {
	_, ok := slices.BinarySearchFunc(entries, name, func(e files.Entry, name string) int { return strings.Compare(e.Path, name) })
	if ok || name == ".." || !pattern {
		return ok || name == ".."
	}
	literal := name
	if at := strings.IndexAny(name, `*?[\`); at >= 0 {
		literal = name[:at]
	}
	return slices.ContainsFunc(entries, func(e files.Entry) bool {
		if !strings.HasPrefix(e.Path, literal) {
			return false
		}
		ok, err := path.Match(name, e.Path)
		return ok || err != nil
	})
}
