package manifests

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"layerwise/dockerfile/shell"
	"layerwise/internal/words"
)

// readGo reads a Go module or workspace for go mod download.
//
// The command adds to go.sum what is missing there, and a later COPY would take that away again. Go
// before 1.21 adds sums of modules, later versions those of go.mod files only. So the list is proven
// if go.sum has what the version at hand could add for each module that go.mod requires; the rest of
// the module graph is in it if it suffices to build.
func readGo(r *reader) {
	if !r.inst.DepsOnly {
		r.never("`go mod vendor` copies only what the sources import")
	}
	g := goReader{reader: r, sums: map[string]bool{}, mods: map[string]bool{}}
	alternative, named := r.value(shell.ProjectFile)
	dir, ok := r.nearest("go.mod")
	switch {
	case named:
		g.modfile(alternative, dir)
	default:
		if dir, ok := r.nearest("go.work"); ok {
			g.work(dir)
		}
		if ok {
			g.module(path.Join(dir, "go.mod"), true)
		}
	}
	if len(r.manifests) == 0 {
		return
	}
	g.complete()
}

type goReader struct {
	*reader
	sums     map[string]bool // lines of go.sum without the hash
	mods     map[string]bool // directories of modules read
	required []goRequirement
	replaced []*modfile.Replace
	old      bool // Go before 1.21 may run it
}

type goRequirement struct {
	module.Version
	by string
}

// modfile reads the file that -modfile names in place of go.mod: its sums are beside it, alt.sum for alt.mod. The
// go.mod only says where the module is, but it has to be there.
func (g *goReader) modfile(name shell.Word, dir string) {
	g.add(&g.manifests, path.Join(dir, "go.mod"))
	p, ok := g.operand(name)
	if !ok || !g.require(&g.manifests, p, "-modfile") {
		return
	}
	g.sum(strings.TrimSuffix(p, ".mod") + ".sum")
	g.read(p, dir, true)
}

// work reads go.work and the members that it names.
func (g *goReader) work(dir string) {
	name := path.Join(dir, "go.work")
	g.add(&g.manifests, name)
	g.sum(path.Join(dir, "go.work.sum"))
	src, ok := g.text(name)
	if !ok {
		return
	}
	f, err := parseGo(name, src, modfile.ParseWork)
	if err != nil {
		g.unreadable(name, err)
		return
	}
	for _, use := range f.Use {
		to := path.Join(dir, use.Path)
		if path.IsAbs(use.Path) {
			g.doubt("%s names %s by its absolute path", name, use.Path)
			continue
		}
		if g.require(&g.manifests, path.Join(to, "go.mod"), name) {
			g.module(path.Join(to, "go.mod"), true)
		}
	}
	g.replacements(f.Replace, dir, name)
}

// module reads one go.mod. The sums of the main modules count, not those of replacements.
func (g *goReader) module(name string, main bool) {
	if g.mods[name] || !g.add(&g.manifests, name) {
		return
	}
	if main {
		g.sum(path.Join(path.Dir(name), "go.sum"))
	}
	g.read(name, path.Dir(name), main)
}

// read reads what a go.mod says, whose module is in the directory dir.
func (g *goReader) read(name, dir string, main bool) {
	g.mods[name] = true
	src, ok := g.text(name)
	if !ok {
		return
	}
	f, err := parseGo(name, src, modfile.Parse)
	if err != nil {
		g.unreadable(name, err)
		return
	}
	if f.Go == nil || semver.Compare("v"+f.Go.Version, "v1.21") < 0 {
		g.old = true
	}
	for _, req := range f.Require {
		g.required = append(g.required, goRequirement{req.Mod, name})
	}
	if main {
		g.replacements(f.Replace, dir, name)
	}
}

// parseGo guards against panics of the parser on malformed text.
func parseGo[T any](name, src string, parse func(string, []byte, modfile.VersionFixer) (*T, error)) (f *T, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it is malformed")
		}
	}()
	return parse(path.Base(name), []byte(src), nil)
}

// replacements reads the go.mod of each directory that stands in for a module.
func (g *goReader) replacements(list []*modfile.Replace, dir, by string) {
	g.replaced = append(g.replaced, list...)
	for _, rep := range list {
		if rep.New.Version != "" {
			continue
		}
		if path.IsAbs(rep.New.Path) {
			g.doubt("%s names %s by its absolute path", by, rep.New.Path)
			continue
		}
		to := path.Join(dir, rep.New.Path)
		if g.require(&g.manifests, path.Join(to, "go.mod"), by) {
			g.module(path.Join(to, "go.mod"), false)
		}
	}
}

func (g *goReader) sum(name string) {
	if !g.add(&g.locks, name) {
		return
	}
	src, _ := g.text(name)
	for line := range strings.Lines(src) {
		if f := strings.Fields(line); len(f) == 3 {
			g.sums[f[0]+" "+f[1]] = true
		}
	}
}

// complete doubts the list if go.sum lacks something that the command could add.
func (g *goReader) complete() {
	if len(g.locks) == 0 {
		return // there is nothing that a later COPY could put over the new go.sum
	}
	for _, req := range g.required {
		mod, local := g.replacement(req.Version)
		if local {
			continue
		}
		key := mod.Path + " " + mod.Version
		if !g.sums[key+"/go.mod"] || g.old && !g.sums[key] {
			g.doubt("%s lacks a sum of %s, which %s adds", g.locks[0], mod.Path, words.Code(g.inst.Phrase))
			return
		}
	}
}

// replacement is the module that is downloaded instead, if one is.
func (g *goReader) replacement(mod module.Version) (to module.Version, local bool) {
	for _, rep := range g.replaced {
		if rep.Old.Path == mod.Path && (rep.Old.Version == "" || rep.Old.Version == mod.Version) {
			return rep.New, rep.New.Version == ""
		}
	}
	return mod, false
}
