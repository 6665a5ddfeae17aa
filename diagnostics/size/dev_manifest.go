package size

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file reads what the project's own manifests say of development dependencies: those that the
// COPYs above put into the directory in which the install works.

// manifestAt is the path in the context of a manifest that the steps copy to the directory of the image.
// Where no COPY shows it, it is taken to lie at the context's top.
func manifestAt(p *diagnostics.Pass, steps []*stages.Step, dir, name string) string {
	if source, ok := copies.OriginOf(p.Context(), steps, path.Join(dir, name)); ok {
		return source
	}
	return name
}

// packageJSON is what a package.json says that matters here.
type packageJSON struct {
	Scripts         map[string]any
	Dependencies    map[string]any
	DevDependencies map[string]any
	Workspaces      any
}

func readPackageJSON(p *diagnostics.Pass, name string) (pkg packageJSON, ok bool) {
	if p.Context() == nil {
		return pkg, false
	}
	body, err := p.Context().Read(name)
	return pkg, err == nil && json.Unmarshal([]byte(body), &pkg) == nil
}

// packageScript is what "npm run NAME" runs in the exported stage; empty if it is not known.
func packageScript(p *diagnostics.Pass, name string) string {
	last := p.Stage.Steps[len(p.Stage.Steps)-1]
	var steps []*stages.Step
	for _, stage := range p.Stage.Chain() {
		steps = append(steps, stage.Steps...)
	}
	pkg, _ := readPackageJSON(p, manifestAt(p, steps, copies.Dir(last), "package.json"))
	script, _ := pkg.Scripts[name].(string)
	return script
}

// withoutDevDeps reports whether the project is known to have no development dependencies, or lies
// elsewhere: the build context that is known has not got its manifest, which the file copies.
func withoutDevDeps(p *diagnostics.Pass, i devInstall) bool {
	if p.Context() == nil {
		return false
	}
	dir := copies.WorkingDir(i.step, i.cmd, i.inst)
	switch i.inst.Ecosystem {
	case "npm", "yarn", "pnpm", "bun":
		name := manifestAt(p, i.steps, dir, "package.json")
		if pkg, ok := readPackageJSON(p, name); ok {
			return len(pkg.DevDependencies) == 0 && !membersHaveDevDeps(p, i, path.Dir(name))
		}
	default:
		name := manifests.DevManifest(i.inst.Ecosystem)
		if name == "" {
			return false
		}
		if body, err := p.Context().Read(manifestAt(p, i.steps, dir, name)); err == nil {
			return !manifests.ListsDev(i.inst.Ecosystem, body)
		}
	}
	return slices.ContainsFunc(i.steps, func(s *stages.Step) bool {
		c, ok := copies.Of(s)
		return ok && slices.ContainsFunc(c.Sources, p.Context().Lacks)
	})
}

// membersHaveDevDeps reports whether a member of the project's workspace has development dependencies.
func membersHaveDevDeps(p *diagnostics.Pass, i devInstall, dir string) bool {
	for _, name := range manifests.Read(p.Context(), dir, i.inst).Files {
		if path.Base(name) == "package.json" {
			if pkg, ok := readPackageJSON(p, name); ok && len(pkg.DevDependencies) > 0 {
				return true
			}
		}
	}
	return false
}

// scriptsNeed looks at the scripts that the install runs by itself. doubt is what to check before
// development dependencies are left out; fails says that a script surely needs one of them.
func scriptsNeed(p *diagnostics.Pass, i devInstall) (doubt string, fails bool) {
	if p.Context() == nil {
		return "", false
	}
	dir := copies.WorkingDir(i.step, i.cmd, i.inst)
	name := "package.json"
	if i.inst.Ecosystem == "composer" {
		name = "composer.json"
	}
	at := manifestAt(p, i.steps, dir, name)
	in := manifests.ReadWith(p.Context(), i.inst, manifests.Options{Dir: path.Dir(at), Workdir: dir, Env: copies.EnvAt(i.step, i.inst.Command)})
	for _, script := range in.Scripts {
		if script.OnlyDev || len(script.Programs) == 0 {
			continue
		}
		always, dev := packagesOf(p, script.File)
		for _, program := range script.Programs {
			brings := func(pkg string) bool { return shell.PackageBrings(pkg, program) }
			if slices.ContainsFunc(always, brings) {
				continue
			}
			if slices.ContainsFunc(dev, brings) {
				return "", true
			}
			if doubt == "" {
				doubt = script.File + " runs " + words.Code(words.Shorten(strings.Join(strings.Fields(script.Text), " "), 60)) + " when it installs"
			}
		}
	}
	return doubt, false
}

// packagesOf are the packages that a package.json or composer.json names: those that are always
// installed, and those for development.
func packagesOf(p *diagnostics.Pass, name string) (always, dev []string) {
	var m struct {
		Dependencies, OptionalDependencies, DevDependencies map[string]any
		Require                                             map[string]any
		RequireDev                                          map[string]any `json:"require-dev"`
	}
	body, err := p.Context().Read(name)
	if err != nil || json.Unmarshal([]byte(body), &m) != nil {
		return nil, nil
	}
	for _, list := range []map[string]any{m.Dependencies, m.OptionalDependencies, m.Require} {
		for pkg := range list {
			always = append(always, pkg)
		}
	}
	for _, list := range []map[string]any{m.DevDependencies, m.RequireDev} {
		for pkg := range list {
			dev = append(dev, pkg)
		}
	}
	return always, dev
}

// devGems are the groups for development and tests of the Gemfile that the install does not leave out.
// There are none if it is not certain. leave are the groups to leave out, with those that are already.
func devGems(p *diagnostics.Pass, i devInstall, without []string) (gems, leave []string) {
	if p.Context() == nil || i.inst.Build {
		return nil, nil
	}
	at := manifestAt(p, i.steps, copies.WorkingDir(i.step, i.cmd, i.inst), "Gemfile")
	body, err := p.Context().Read(at)
	if err != nil {
		return nil, nil
	}
	without = append(slices.Clone(without), manifests.BundleWithout(p.Context(), path.Dir(at))...)
	cmd, known := expanded(i.step, i.cmd)
	if !known && len(cmd.Operands()) > 1 {
		return nil, nil
	}
	for i, w := range cmd.WithoutGroups() {
		if i == 0 && !w.Literal {
			return nil, nil
		}
		without = append(without, shell.GemGroups(w.Text)...)
	}
	for _, a := range i.cmd.Assigns {
		switch {
		case a.Name == "BUNDLE_ONLY", a.Name == "BUNDLE_WITHOUT" && !a.Value.Literal:
			return nil, nil
		case a.Name == "BUNDLE_WITHOUT":
			without = append(without, shell.GemGroups(a.Value.Text)...)
		}
	}
	if v, ok := copies.Variable(i.step, "BUNDLE_ONLY"); ok && (!v.Known || v.Value != "") {
		return nil, nil
	}
	if v, ok := copies.Variable(i.step, "BUNDLE_WITHOUT"); ok {
		if !v.Known {
			return nil, nil
		}
		without = append(without, shell.GemGroups(v.Value)...)
	}
	for _, group := range manifests.GemGroups(body) {
		if (group == "development" || group == "test") && !slices.Contains(without, group) {
			gems = append(gems, group)
		}
	}
	return gems, append(without, gems...)
}

// gemsLeftOut are the groups that a command tells Bundler to leave out from now on.
func gemsLeftOut(c *shell.Command) (groups []string, known bool) {
	words, ok := c.GemSettings()
	if !ok {
		return nil, false
	}
	n := slices.IndexFunc(words, func(w shell.Word) bool { return w.Text == "without" || w.Text == "only" })
	if n < 0 {
		return nil, true
	}
	if words[n].Text == "only" {
		return []string{"development", "test"}, true
	}
	for _, w := range words[n+1:] {
		if !w.Literal {
			return []string{"development", "test"}, true // whatever it is: the author has thought of it
		}
		groups = append(groups, shell.GemGroups(w.Text)...)
	}
	return groups, true
}

// setBundleWithout sets the variable for the install and for the program, which looks for the gems of
// all groups that are not left out. It is not offered where something sets it already.
func setBundleWithout(p *diagnostics.Pass, i devInstall) []diagnostics.Fix {
	if _, ok := i.step.Vars.Lookup("BUNDLE_WITHOUT"); ok || len(i.leave) > len(i.gems) || len(i.cmd.Assigns) > 0 {
		return nil
	}
	line := `ENV BUNDLE_WITHOUT="` + strings.Join(i.gems, ":") + `"`
	change := p.Change()
	change.Insert(rewrite.Above(i.step), line)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: "Leave out gems for development: " + words.Code(line), Edits: []diagnostics.FileEdit{edit}}}
}
