package manifests

import (
	"path"

	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// readUv reads a uv project; uv pip is read as pip.
func readUv(r *reader) {
	if !r.row() {
		return
	}
	frozen := r.has(shell.TrustsLockFile) // takes the lock file's word for everything
	if frozen && len(r.locks) == 0 {
		r.doubt("there is no uv.lock")
	}
	noWorkspace := r.has(shell.NoWorkspace)
	root := r.dir
	for dir := range r.parents() {
		if dir == r.dir || !r.there(path.Join(dir, "pyproject.toml")) {
			continue
		}
		r.add(&r.manifests, path.Join(dir, "pyproject.toml"))
		var m pyproject
		if r.toml(path.Join(dir, "pyproject.toml"), &m) && m.Tool.Uv.Workspace != nil {
			root = dir
			r.add(&r.locks, path.Join(dir, "uv.lock"))
			r.doubt("%s may be part of the workspace of %s", r.in("pyproject.toml"), path.Join(dir, "pyproject.toml"))
		}
	}
	var m pyproject
	by := path.Join(root, "pyproject.toml")
	if !r.toml(by, &m) {
		return
	}
	r.uvProject(m, by, frozen)
	if ws := m.Tool.Uv.Workspace; ws != nil {
		members := r.members(root, "pyproject.toml", ws.Members, ws.Exclude)
		if len(members) > 0 && !noWorkspace {
			r.never("%s installs the workspace's members from their sources", words.Code(r.inst.Phrase))
		}
		if !frozen || !noWorkspace {
			for _, dir := range members {
				name := path.Join(dir, "pyproject.toml")
				r.add(&r.manifests, name)
				var member pyproject
				if r.toml(name, &member) {
					r.uvProject(member, name, frozen)
				}
			}
		}
	}
	r.uvLock(root, noWorkspace)
	r.lockWritten()
}

var uvLocal = lazy.New(`source = \{ (editable|directory|path) = "([^"]+)"`)

// uvLock looks for packages that the lock takes from paths. The project itself is one of them, and so
// are the members, which have been dealt with.
func (r *reader) uvLock(root string, noWorkspace bool) {
	if len(r.locks) == 0 {
		return
	}
	src, _ := r.text(r.locks[0])
	for _, m := range uvLocal.FindAllStringSubmatch(src, -1) {
		p := path.Join(root, m[2])
		switch {
		case m[2] == "." || r.seen[path.Join(p, "pyproject.toml")] || m[1] == "editable" && noWorkspace:
		case m[1] == "path" && pipArchive.MatchString(m[2]):
			r.require(&r.others, p, r.locks[0])
		default:
			r.never("%s installs %s from its sources", r.locks[0], m[2])
			r.reads(p)
		}
	}
}

// uvProject looks for what uv would have to build, or take from a path.
func (r *reader) uvProject(m pyproject, by string, frozen bool) {
	if !frozen && m.dynamic() {
		r.never("%s computes its dependencies when it is built", by)
	}
	if !frozen && m.Project != nil && len(m.Project.Dynamic) > 0 {
		r.doubt("%s has dynamic metadata", by)
	}
	p := pipReader{reader: r, by: map[string]bool{}}
	for _, spec := range m.specs() {
		p.requirement(spec, false, by)
	}
	r.uvSources(m, by)
	for _, dir := range m.Tool.Uv.FindLinks {
		p.findLinks(dir, path.Dir(by), by)
	}
	for _, index := range m.Tool.Uv.Index {
		p.index(index.URL, by)
	}
}

// uvSources looks at the places that packages come from.
func (r *reader) uvSources(m pyproject, by string) {
	for _, name := range sortedKeys(m.Tool.Uv.Sources) {
		list, many := m.Tool.Uv.Sources[name].([]any)
		if !many {
			list = []any{m.Tool.Uv.Sources[name]}
		}
		for _, item := range list {
			source, _ := item.(map[string]any)
			if value, ok := source["path"].(string); ok {
				r.localPackage(value, by)
			}
			if source["workspace"] == true && m.Tool.Uv.Workspace == nil && r.eco.name == "pip" {
				r.never("%s installs %s from its sources", by, name)
			}
		}
	}
}
