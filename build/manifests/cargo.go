package manifests

import (
	"path"

	"layerwise/dockerfile/shell"
)

// cargoManifest is the part of Cargo.toml that cargo fetch reads.
type cargoManifest struct {
	Package *struct {
		Workspace string `toml:"workspace"`
	} `toml:"package"`
	Workspace *struct {
		Members      []string       `toml:"members"`
		Exclude      []string       `toml:"exclude"`
		Dependencies map[string]any `toml:"dependencies"`
	} `toml:"workspace"`
	cargoDeps
	Target   map[string]cargoDeps      `toml:"target"`
	Patch    map[string]map[string]any `toml:"patch"`
	Replace  map[string]any            `toml:"replace"`
	Lib      *cargoTarget              `toml:"lib"`
	Bins     []cargoTarget             `toml:"bin"`
	Tests    []cargoTarget             `toml:"test"`
	Examples []cargoTarget             `toml:"example"`
	Benches  []cargoTarget             `toml:"bench"`
}

type cargoDeps struct {
	Deps  map[string]any `toml:"dependencies"`
	Dev   map[string]any `toml:"dev-dependencies"`
	Build map[string]any `toml:"build-dependencies"`
}

type cargoTarget struct {
	Path string `toml:"path"`
}

// readCargo reads a package or workspace for cargo fetch. Cargo looks for the sources of each
// package before it does anything, unless the manifest spells out where all its targets are.
func readCargo(r *reader) {
	c := cargoReader{reader: r, read: map[string]cargoManifest{}}
	dir, ok := r.nearest("Cargo.toml")
	if w, given := r.value(shell.ProjectFile); given {
		p, known := r.operand(w)
		if !known {
			return
		}
		dir, ok = path.Dir(p), r.there(p)
	}
	if !ok {
		return
	}
	c.manifest(dir, 0)
	root := c.workspaceRoot(dir)
	c.manifest(root, 0)
	if ws := c.read[root].Workspace; ws != nil {
		for _, member := range r.members(root, "Cargo.toml", ws.Members, ws.Exclude) {
			c.manifest(member, 0)
		}
	}
	r.add(&r.locks, path.Join(root, "Cargo.lock"))
	c.settings()
	if len(r.locks) == 0 && r.inst.Frozen {
		r.doubt("there is no Cargo.lock")
	}
	r.lockWritten("Cargo.lock")
}

type cargoReader struct {
	*reader
	read map[string]cargoManifest // by directory
}

// manifest reads the Cargo.toml of a directory, and those that it depends on by path.
func (c *cargoReader) manifest(dir string, depth int) {
	name := path.Join(dir, "Cargo.toml")
	if _, done := c.read[dir]; done {
		return
	}
	if depth > maxDepth {
		c.doubt("%s is one of too many packages that depend on each other", name)
		return
	}
	if !c.add(&c.manifests, name) {
		return
	}
	var m cargoManifest
	ok := c.toml(name, &m)
	c.read[dir] = m
	if !ok {
		return
	}
	if m.Package != nil && !m.explicit() {
		c.never("`cargo fetch` fails without the sources of %s", name)
	}
	all := []map[string]any{m.Deps, m.Dev, m.Build, m.Replace}
	for _, key := range sortedKeys(m.Target) {
		all = append(all, m.Target[key].Deps, m.Target[key].Dev, m.Target[key].Build)
	}
	for _, key := range sortedKeys(m.Patch) {
		all = append(all, m.Patch[key])
	}
	if m.Workspace != nil {
		all = append(all, m.Workspace.Dependencies)
	}
	for _, deps := range all {
		for _, key := range sortedKeys(deps) {
			table, _ := deps[key].(map[string]any)
			to, ok := table["path"].(string)
			if !ok {
				continue
			}
			if path.IsAbs(to) {
				c.doubt("%s names %s by its absolute path", name, to)
			} else if c.require(&c.manifests, path.Join(dir, to, "Cargo.toml"), name) {
				c.manifest(path.Join(dir, to), depth+1)
			}
		}
	}
}

// explicit reports whether the manifest has a target, and names the file of each that it has.
func (m *cargoManifest) explicit() bool {
	found := m.Lib != nil
	if m.Lib != nil && m.Lib.Path == "" {
		return false
	}
	for _, list := range [][]cargoTarget{m.Bins, m.Tests, m.Examples, m.Benches} {
		for _, t := range list {
			if t.Path == "" {
				return false
			}
		}
	}
	return found || len(m.Bins) > 0
}

// workspaceRoot is the directory whose workspace the package belongs to: its own, the one that it
// names, or the first one above.
func (c *cargoReader) workspaceRoot(dir string) string {
	m := c.read[dir]
	if m.Workspace != nil {
		return dir
	}
	if m.Package != nil && m.Package.Workspace != "" {
		return path.Join(dir, m.Package.Workspace)
	}
	for up := dir; up != "." && inside(up); {
		up = path.Dir(up)
		name := path.Join(up, "Cargo.toml")
		var above cargoManifest
		if c.there(name) && c.toml(name, &above) && above.Workspace != nil {
			return up
		}
	}
	return dir
}

// settings reads the configuration files upwards from the working directory.
func (c *cargoReader) settings() {
	for dir := range c.parents() {
		for _, name := range []string{"rust-toolchain", "rust-toolchain.toml"} {
			c.add(&c.others, path.Join(dir, name))
		}
		for _, name := range []string{".cargo/config", ".cargo/config.toml"} {
			name = path.Join(dir, name)
			if !c.add(&c.others, name) {
				continue
			}
			var config struct {
				Source  map[string]map[string]any `toml:"source"`
				Paths   []string                  `toml:"paths"`
				Include any                       `toml:"include"`
				Patch   map[string]any            `toml:"patch"`
			}
			if !c.toml(name, &config) {
				continue
			}
			for _, key := range sortedKeys(config.Source) {
				for _, kind := range []string{"directory", "local-registry"} {
					if to, ok := config.Source[key][kind].(string); ok {
						c.doubt("%s takes packages from a folder", name)
						if !path.IsAbs(to) {
							c.reads(path.Join(path.Dir(path.Dir(name)), to)) // relative to where .cargo is
						}
					}
				}
			}
			if len(config.Paths) > 0 || config.Include != nil || len(config.Patch) > 0 {
				c.doubt("%s names other files", name)
			}
		}
	}
}
