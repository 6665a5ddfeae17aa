package manifests

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"

	"github.com/bmatcuk/doublestar/v4"
)

// packageJSON is the part of package.json that installs read. Fields that come in several types are
// left raw.
type packageJSON struct {
	Name           string            `json:"name"`
	Version        string            `json:"version"`
	Scripts        map[string]any    `json:"scripts"`
	Deps           map[string]string `json:"dependencies"`
	Dev            map[string]string `json:"devDependencies"`
	Optional       map[string]string `json:"optionalDependencies"`
	Peer           map[string]string `json:"peerDependencies"`
	PeerMeta       any               `json:"peerDependenciesMeta"`
	Overrides      any               `json:"overrides"`
	Resolutions    map[string]any    `json:"resolutions"`
	Workspaces     json.RawMessage   `json:"workspaces"`
	Bin            any               `json:"bin"`
	Directories    map[string]any    `json:"directories"`
	Gypfile        *bool             `json:"gypfile"`
	PackageManager string            `json:"packageManager"`
	DevEngines     any               `json:"devEngines"`
	DepsMeta       map[string]struct {
		Injected bool `json:"injected"`
	} `json:"dependenciesMeta"`
	Patched map[string]string `json:"patchedDependencies"` // bun
	Engines any               `json:"engines"`
	License any               `json:"license"`
	OS      any               `json:"os"`
	CPU     any               `json:"cpu"`
	Pnpm    struct {
		Patched    map[string]string `json:"patchedDependencies"`
		Overrides  map[string]string `json:"overrides"`
		Extensions map[string]any    `json:"packageExtensions"`
	} `json:"pnpm"`
}

// Scripts that an install runs by itself, for the project and for the members of its workspace.
var (
	npmScripts  = []string{"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"}
	pnpmScripts = append([]string{"pnpm:devPreinstall"}, npmScripts...)
	yarnScripts = []string{"preinstall", "install", "postinstall", "prepublish", "prepare"}
	// Yarn 2 and later.
	berryScripts = []string{"preinstall", "install", "postinstall"}
)

// nodeProject reads a project's package.json and those of its workspace members.
type nodeProject struct {
	*reader
	root    packageJSON
	scripts []string // names of the scripts that run
	onlyDev []string // those that do not if development dependencies are left out
	members []string // directories
}

// open reads the project's own package.json.
func (n *nodeProject) open() bool {
	by := n.in("package.json")
	if !n.row() || !n.json(by, &n.root) {
		return false
	}
	n.project(n.root, n.dir)
	return true
}

// workspace reads the members that the patterns select.
func (n *nodeProject) workspace(patterns []string) {
	n.members = n.reader.members(n.dir, "package.json", patterns, nil)
	for _, dir := range n.members {
		name := path.Join(dir, "package.json")
		n.add(&n.manifests, name)
		if rel, ok := relative(n.dir, dir); ok {
			for _, out := range n.eco.outputs {
				n.output(path.Join(rel, out))
			}
		}
		var m packageJSON
		if !n.json(name, &m) {
			continue
		}
		n.project(m, dir)
		if len(m.patterns()) > 0 {
			n.doubt("%s has a workspace of its own", name)
		}
		if m.Bin != nil || m.Directories["bin"] != nil {
			n.doubt("%s has commands, which are linked only if their files are there", name)
		}
	}
}

// patterns are the workspace globs of a package.json, in either of their two forms.
func (m *packageJSON) patterns() (patterns []string) {
	var object struct{ Packages []string }
	if json.Unmarshal(m.Workspaces, &patterns) != nil && json.Unmarshal(m.Workspaces, &object) == nil {
		return object.Packages
	}
	return patterns
}

// project looks for what one package.json makes an install run or read.
func (n *nodeProject) project(m packageJSON, dir string) {
	by := path.Join(dir, "package.json")
	if !n.has(shell.NoScripts) {
		n.lifecycle(m, dir, by)
	}
	for _, deps := range []map[string]string{m.Deps, m.Dev, m.Optional, m.Pnpm.Overrides} {
		for _, name := range sortedKeys(deps) {
			n.dependency(name, deps[name], dir, by)
		}
	}
	for _, name := range sortedKeys(m.DepsMeta) {
		if m.DepsMeta[name].Injected {
			n.never("%s copies %s from its sources", by, name)
		}
	}
	n.overrides(m.Overrides, dir, by)
	n.overrides(m.Pnpm.Extensions, dir, by)
	n.overrides(map[string]any(m.Resolutions), dir, by)
	for _, patched := range []map[string]string{m.Patched, m.Pnpm.Patched} {
		for _, name := range sortedKeys(patched) {
			n.require(&n.others, path.Join(dir, patched[name]), by)
		}
	}
}

func (n *nodeProject) lifecycle(m packageJSON, dir, by string) {
	own := false
	for _, name := range n.scripts {
		script, ok := m.Scripts[name].(string)
		if !ok || script == "" {
			continue
		}
		if !slices.Contains(onlyAllow, strings.TrimSpace(script)) {
			n.script(Script{File: by, Name: name, Text: script, OnlyDev: slices.Contains(n.onlyDev, name)}, func(name string) string {
				other, _ := m.Scripts[name].(string)
				return other
			})
		}
		own = own || name == "install" || name == "preinstall"
		switch command := strings.TrimSpace(script); {
		case slices.Contains(onlyAllow, command):
			// It looks at the package manager's name only.
		case command == "patch-package":
			n.folder(&n.others, path.Join(dir, "patches"))
		case strings.HasPrefix(command, "husky") && !strings.ContainsAny(command, ";&/"):
			n.doubt("%s runs husky when it installs", by)
		default:
			n.never("%s runs a %s script", by, name)
		}
	}
	if !own && (m.Gypfile == nil || *m.Gypfile) && n.there(path.Join(dir, "binding.gyp")) {
		n.never("%s is compiled when it is installed", path.Join(dir, "binding.gyp"))
		n.anyVar = true
	}
}

var onlyAllow = []string{
	"npx only-allow npm", "npx only-allow pnpm", "npx only-allow yarn", "npx only-allow bun",
	"npx -y only-allow npm", "npx -y only-allow pnpm", "npx -y only-allow yarn", "npx -y only-allow bun",
	"only-allow pnpm", "only-allow npm", "only-allow yarn",
}

// dependency looks for the forms of a version that name local files.
func (n *nodeProject) dependency(name, spec, dir, by string) {
	spec = strings.TrimSpace(spec)
	scheme, rest, hasScheme := strings.Cut(spec, ":")
	switch {
	case hasScheme && scheme == "file":
		n.local(strings.TrimPrefix(rest, "//"), dir, by, name)
	case hasScheme && (scheme == "link" || scheme == "portal"):
		n.never("%s links %s to %s", by, name, rest)
		n.reads(path.Join(dir, rest))
	case hasScheme && scheme == "exec":
		n.never("%s creates %s with a program", by, name)
		n.anyVar = true
	case hasScheme && scheme == "patch":
		n.patch(rest, dir, by)
	case strings.HasPrefix(spec, "./"), strings.HasPrefix(spec, "../"), strings.HasPrefix(spec, "/"), strings.HasPrefix(spec, "~/"):
		n.local(spec, dir, by, name)
	case !hasScheme && (strings.HasSuffix(spec, ".tgz") || strings.HasSuffix(spec, ".tar.gz")):
		n.local(spec, dir, by, name)
	}
}

// local is a dependency on a path: an archive is one file more, a folder is sources.
func (n *nodeProject) local(p, dir, by, name string) {
	if strings.HasSuffix(p, ".tgz") || strings.HasSuffix(p, ".tar.gz") || strings.HasSuffix(p, ".tar") {
		if !path.IsAbs(p) && !strings.HasPrefix(p, "~") {
			n.require(&n.others, path.Join(dir, p), by)
			return
		}
	}
	n.never("%s installs %s from its folder %s", by, name, p)
	if !path.IsAbs(p) && !strings.HasPrefix(p, "~") {
		n.reads(path.Join(dir, p))
	}
}

// patch reads yarn's patch:name@version#path, in which ~/ is the project and optional! a mark.
func (n *nodeProject) patch(rest, dir, by string) {
	_, list, ok := strings.Cut(rest, "#")
	if !ok {
		return
	}
	list, _, _ = strings.Cut(list, "::")
	for _, p := range strings.Split(list, "&") {
		p = strings.TrimPrefix(p, "optional!")
		if to, project := strings.CutPrefix(p, "~/"); project {
			n.require(&n.others, n.in(to), by)
		} else if !strings.HasPrefix(p, "builtin<") && p != "" {
			n.require(&n.others, path.Join(dir, p), by)
		}
	}
}

// overrides reads versions out of nested objects.
func (n *nodeProject) overrides(value any, dir, by string) {
	object, _ := value.(map[string]any)
	for _, name := range sortedKeys(object) {
		if spec, ok := object[name].(string); ok {
			n.dependency(name, spec, dir, by)
		} else {
			n.overrides(object[name], dir, by)
		}
	}
}

// config reads the settings, of the environment and of a .npmrc, that change what an install does.
func (n *nodeProject) config(name string) {
	if v, ok := n.lookup("NPM_CONFIG_IGNORE_SCRIPTS"); ok && v.Known && v.Value == "true" {
		n.scripts = nil
	}
	if n.there(n.in(name)) {
		n.configFile(n.in(name))
	}
}

func (n *nodeProject) configFile(name string) {
	src, ok := n.text(name)
	if !ok {
		return
	}
	for _, line := range strings.Split(src, "\n") {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch strings.TrimSpace(key) {
		case "ignore-scripts":
			if value != "false" {
				n.scripts = nil
			}
		case "inject-workspace-packages", "install-links":
			if value == "true" {
				n.doubt("%s sets %s", name, strings.TrimSpace(key))
			}
		case "cafile", "certfile", "keyfile", "globalconfig", "userconfig", "init-module", "onload-script",
			"pnpmfile", "global-pnpmfile", "modules-dir", "virtual-store-dir", "store-dir", "lockfile-dir", "prefix", "cache", "node-options", "script-shell":
			if !path.IsAbs(value) {
				n.doubt("%s sets %s", name, strings.TrimSpace(key))
			}
		}
	}
}

// workspaceAbove doubts the list if a directory above makes this one part of a workspace.
func (n *nodeProject) workspaceAbove() {
	for dir := range n.parents() {
		name := path.Join(dir, "package.json")
		if dir == n.dir || !n.there(name) {
			continue
		}
		var m packageJSON
		if n.json(name, &m) && len(m.patterns()) > 0 {
			n.doubt("%s may make %s part of its workspace", name, n.dir)
		}
	}
}

// members are the directories below root that have the manifest and match one of the patterns.
// Patterns that begin with an exclamation mark, and those of exclude, take away.
func (r *reader) members(root, manifest string, patterns, exclude []string) (dirs []string) {
	var with, without []string
	for _, p := range patterns {
		if not, ok := strings.CutPrefix(p, "!"); ok {
			without = append(without, cleanPattern(not))
		} else {
			with = append(with, cleanPattern(p))
		}
	}
	for _, p := range exclude {
		without = append(without, cleanPattern(p))
	}
	for _, p := range with {
		if p == ".." || strings.HasPrefix(p, "../") {
			r.doubt("the workspace has members outside %s", root)
		} else if !doublestar.ValidatePattern(p) {
			r.doubt("the workspace's pattern %s cannot be read", p)
		} else if !strings.ContainsAny(p, "*?[{") && !r.there(path.Join(root, p, manifest)) {
			r.doubt("the workspace names %s, which the build context does not have", path.Join(root, p, manifest))
		}
	}
	if len(with) == 0 {
		return nil
	}
	r.c.All(func(e files.Entry) bool {
		if path.Base(e.Path) != manifest || e.Ignored || strings.Contains("/"+e.Path, "/node_modules/") {
			return true
		}
		rel, ok := relative(root, path.Dir(e.Path))
		if !ok || rel == "." || !matchAny(with, rel) || matchAny(without, rel) {
			return true
		}
		if len(dirs) == maxFiles {
			r.doubt("the workspace has more than %d members", maxFiles)
			return false
		}
		dirs = append(dirs, path.Dir(e.Path))
		return true
	})
	r.linkedMembers(root, with)
	r.emptyMembers(root, with, without)
	return dirs
}

// emptyMembers doubts the list if a pattern matches an empty folder. Git keeps none, except for submodules that are
// not checked out: the machine that builds the image may have a member there.
func (r *reader) emptyMembers(root string, patterns, without []string) {
	r.c.All(func(e files.Entry) bool {
		rel, ok := relative(root, e.Path)
		if !ok || rel == "." || !e.Mode.IsDir() || e.Ignored || !matchAny(patterns, rel) || matchAny(without, rel) || len(r.c.List(e.Path)) > 0 {
			return true
		}
		r.doubt("%s is empty here, and may be a submodule that is not checked out", e.Path)
		return false
	})
}

// linkedMembers doubts the list if a pattern reaches through a link, which the listing does not.
func (r *reader) linkedMembers(root string, patterns []string) {
	for _, p := range patterns {
		base, _ := doublestar.SplitPattern(p)
		for _, e := range r.c.List(path.Join(root, base)) {
			rel, ok := relative(root, e.Path)
			if ok && isLink(e) && !e.Ignored && matchAny(patterns, rel) {
				r.doubt("the workspace's member %s is a link", e.Path)
				return
			}
		}
	}
}

func cleanPattern(p string) string { return path.Clean(strings.TrimPrefix(p, "./")) }

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := doublestar.Match(p, name)
		return ok
	})
}

// relative is the path of p below dir; both are relative to the context.
func relative(dir, p string) (string, bool) {
	if dir == "." {
		return p, true
	}
	if p == dir {
		return ".", true
	}
	return strings.CutPrefix(p, dir+"/")
}
