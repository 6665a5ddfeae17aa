package manifests

import (
	"path"
	"strings"
)

// pnpmWorkspace is the part of pnpm-workspace.yaml that installs read.
type pnpmWorkspace struct {
	Packages      []string          `yaml:"packages"`
	Patched       map[string]string `yaml:"patchedDependencies"`
	Overrides     map[string]string `yaml:"overrides"`
	IgnoreScripts bool              `yaml:"ignoreScripts"`
	Pnpmfile      any               `yaml:"pnpmfile"`
	LockfileDir   string            `yaml:"lockfileDir"`
	ModulesDir    string            `yaml:"modulesDir"`
	ConfigDeps    map[string]any    `yaml:"configDependencies"`
	Inject        bool              `yaml:"injectWorkspacePackages"`
	Extensions    map[string]any    `yaml:"packageExtensions"`
	Catalog       map[string]any    `yaml:"catalog"`
	Catalogs      map[string]any    `yaml:"catalogs"`
}

// readPnpm reads a project of pnpm. pnpm fetch reads the lock file only, and the settings.
func readPnpm(r *reader) {
	n := nodeProject{reader: r, scripts: pnpmScripts}
	n.config(".npmrc")
	for dir := range r.parents() {
		if dir == r.dir {
			continue
		}
		r.add(&r.others, path.Join(dir, ".npmrc"))
		if r.add(&r.others, path.Join(dir, "pnpm-workspace.yaml")) {
			r.add(&r.locks, path.Join(dir, "pnpm-lock.yaml"))
			r.doubt("%s may make %s part of its workspace", path.Join(dir, "pnpm-workspace.yaml"), r.dir)
		}
	}
	var ws pnpmWorkspace
	settings := r.in("pnpm-workspace.yaml")
	if r.there(settings) && r.yaml(settings, &ws) && ws.IgnoreScripts {
		n.scripts = nil
	}
	if r.inst.LockOnly {
		n.eco.manifests = nil
		n.row()
		if len(r.locks) == 0 {
			r.doubt("there is no pnpm-lock.yaml")
		}
		n.pnpmFetch(r.in("package.json"))
	} else if !n.open() {
		return
	} else {
		n.workspace(ws.Packages)
		for _, dir := range n.members {
			n.add(&n.locks, path.Join(dir, "pnpm-lock.yaml"))
		}
		if ws.Inject {
			n.never("%s copies the members from their sources", settings)
		}
		n.lockWritten()
		if r.inst.Frozen && len(r.locks) == 0 {
			r.doubt("there is no pnpm-lock.yaml")
		}
	}
	for _, name := range sortedKeys(ws.Patched) {
		r.require(&r.others, r.in(ws.Patched[name]), settings)
	}
	for _, name := range sortedKeys(ws.Overrides) {
		n.dependency(name, ws.Overrides[name], r.dir, settings)
	}
	for _, specs := range []map[string]any{ws.Extensions, ws.Catalog, ws.Catalogs} {
		n.overrides(specs, r.dir, settings)
	}
	if ws.Pnpmfile != nil || ws.LockfileDir != "" || ws.ModulesDir != "" || len(ws.ConfigDeps) > 0 {
		r.doubt("%s moves files to other places", settings)
	}
	for _, name := range []string{".pnpmfile.cjs", ".pnpmfile.mjs"} {
		src, ok := r.optional(name)
		if ok && (strings.Contains(src, "require") || strings.Contains(src, "import") || strings.Contains(src, "process")) {
			r.doubt("%s may read other files", r.in(name))
		}
	}
}

// pnpmFetch adds the patches of package.json for pnpm fetch, which does not read the rest of it; and itself
// if it chooses the version of pnpm, which Corepack and pnpm look for there.
func (n *nodeProject) pnpmFetch(name string) {
	var m packageJSON
	if !n.there(name) || !n.json(name, &m) {
		return
	}
	if m.PackageManager != "" || m.DevEngines != nil {
		n.add(&n.manifests, name)
	}
	for _, dep := range sortedKeys(m.Pnpm.Patched) {
		n.require(&n.others, path.Join(n.dir, m.Pnpm.Patched[dep]), name)
	}
}
