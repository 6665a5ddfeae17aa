package manifests

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"

	"layerwise/dockerfile/shell"
)

// readNpm reads a project of npm.
func readNpm(r *reader) {
	if n, ok := openNpm(r); ok {
		n.npmLocks()
	}
}

// openNpm reads what npm and Bun read alike: .npmrc, the package.json files and the workspace.
func openNpm(r *reader) (n *nodeProject, ok bool) {
	n = &nodeProject{reader: r, scripts: npmScripts}
	n.config(".npmrc")
	if !n.open() {
		return nil, false
	}
	n.workspace(n.root.patterns())
	n.workspaceAbove()
	return n, true
}

// npmLocks judges the lock files. npm-shrinkwrap.json wins over package-lock.json.
func (n *nodeProject) npmLocks() {
	var lock npmLock
	if len(n.locks) > 0 {
		name := n.locks[len(n.locks)-1]
		if n.json(name, &lock) {
			n.lockedLinks(lock, name)
			n.runsNothing = n.scripts == nil || lock.runsNothing()
		}
	}
	switch {
	case n.inst.Frozen:
		if len(n.locks) == 0 {
			n.doubt("there is no package-lock.json")
		}
		return
	case n.has(shell.NoLockFile):
		return
	case n.there(n.in("yarn.lock")):
		n.add(&n.locks, n.in("yarn.lock"))
		n.write(n.in("package-lock.json"))
		n.doubt("npm also writes %s", n.in("yarn.lock"))
	}
	if len(n.locks) == 1 && n.inStep(lock) {
		return
	}
	n.lockWritten()
}

// npmLock is the part of package-lock.json that matters here, from version 2 on.
type npmLock struct {
	Version      int                 `json:"lockfileVersion"`
	Name         string              `json:"name"`
	Number       string              `json:"version"`
	Packages     map[string]npmEntry `json:"packages"`
	Dependencies map[string]struct {
		Version string `json:"version"`
	} `json:"dependencies"`
}

type npmEntry struct {
	Link      bool   `json:"link"`
	Resolved  string `json:"resolved"`
	Integrity string `json:"integrity"`
	InBundle  bool   `json:"inBundle"`
	Script    bool   `json:"hasInstallScript"`
	packageJSON
}

// runsNothing reports whether no package has a script that npm runs when it installs it. Those from a
// repository of git are built.
func (lock npmLock) runsNothing() bool {
	for _, e := range lock.Packages {
		if e.Script || strings.HasPrefix(e.Resolved, "git") {
			return false
		}
	}
	return lock.Version >= 2
}

// lockedLinks finds packages that the lock takes from folders which are not members.
func (n *nodeProject) lockedLinks(lock npmLock, by string) {
	for _, name := range sortedKeys(lock.Packages) {
		e := lock.Packages[name]
		if to, ok := strings.CutPrefix(e.Resolved, "file:"); ok && !e.Link {
			n.local(to, n.dir, by, path.Base(name))
		}
		if e.Link && !n.isMember(path.Join(n.dir, e.Resolved)) {
			n.never("%s links %s", by, e.Resolved)
		}
	}
	for _, name := range sortedKeys(lock.Dependencies) {
		to, ok := strings.CutPrefix(lock.Dependencies[name].Version, "file:")
		if ok && !n.isMember(path.Join(n.dir, to)) {
			n.local(to, n.dir, by, name)
		}
	}
}

func (n *nodeProject) isMember(dir string) bool {
	for _, m := range n.members {
		if m == dir {
			return true
		}
	}
	return false
}

// inStep reports whether npm install surely has nothing to change in the lock: it records all that
// package.json says, for the project and for each member, and it is complete.
func (n *nodeProject) inStep(lock npmLock) bool {
	if lock.Version < 2 || n.root.Name == "" || lock.Name != n.root.Name || lock.Number != n.root.Version {
		return false
	}
	root, ok := lock.Packages[""]
	if !ok || root.Name != n.root.Name || !sameManifest(root.packageJSON, n.root) {
		return false
	}
	for _, dir := range n.members {
		var m packageJSON
		rel, _ := relative(n.dir, dir)
		e, ok := lock.Packages[rel]
		if !ok || !n.json(path.Join(dir, "package.json"), &m) || !sameManifest(e.packageJSON, m) {
			return false
		}
	}
	for _, deps := range []map[string]string{n.root.Deps, n.root.Dev, n.root.Optional} {
		for name := range deps {
			if _, ok := lock.Packages["node_modules/"+name]; !ok {
				return false
			}
		}
	}
	for name, e := range lock.Packages {
		if strings.Contains(name, "node_modules/") && !e.Link && !e.InBundle && (e.Resolved == "" || e.Integrity == "" && !strings.HasPrefix(e.Resolved, "git")) {
			return false
		}
	}
	return true
}

// sameManifest compares the fields that npm copies into the lock.
func sameManifest(a, b packageJSON) bool {
	return a.Version == b.Version && sameMap(a.Deps, b.Deps) && sameMap(a.Dev, b.Dev) && sameMap(a.Optional, b.Optional) &&
		sameMap(a.Peer, b.Peer) && reflect.DeepEqual(a.PeerMeta, b.PeerMeta) && reflect.DeepEqual(a.Engines, b.Engines) &&
		reflect.DeepEqual(a.License, b.License) && reflect.DeepEqual(a.OS, b.OS) && reflect.DeepEqual(a.CPU, b.CPU) &&
		reflect.DeepEqual(a.Bin, b.Bin) && sameJSON(a.Workspaces, b.Workspaces)
}

func sameMap(a, b map[string]string) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	_, _ = json.Unmarshal(a, &x), json.Unmarshal(b, &y) // both stay nil if they are not there
	return reflect.DeepEqual(x, y)
}

// readBun reads a project of Bun.
func readBun(r *reader) {
	if _, ok := openNpm(r); !ok {
		return
	}
	if len(r.locks) == 0 {
		for _, name := range []string{"package-lock.json", "yarn.lock", "pnpm-lock.yaml"} {
			if r.add(&r.locks, r.in(name)) {
				r.doubt("bun copies versions from %s", r.in(name))
			}
		}
	}
	r.lockWritten()
}
