package manifests

import (
	"path"
	"slices"
	"sort"
	"strings"

	"layerwise/dockerfile/shell"
)

// pyproject is the part of pyproject.toml that names dependencies. Fields that come in several types
// are any.
type pyproject struct {
	Project *struct {
		Dependencies []string            `toml:"dependencies"`
		Optional     map[string][]string `toml:"optional-dependencies"`
		Dynamic      []string            `toml:"dynamic"`
	} `toml:"project"`
	Groups map[string]any `toml:"dependency-groups"`
	Tool   struct {
		Poetry *poetryTable   `toml:"poetry"`
		Uv     uvTable        `toml:"uv"`
		Pdm    map[string]any `toml:"pdm"`
	} `toml:"tool"`
}

type poetryTable struct {
	PackageMode  *bool          `toml:"package-mode"`
	Dependencies map[string]any `toml:"dependencies"`
	Dev          map[string]any `toml:"dev-dependencies"`
	Groups       map[string]struct {
		Dependencies map[string]any `toml:"dependencies"`
	} `toml:"group"`
	Plugins map[string]any `toml:"requires-plugins"`
}

type uvTable struct {
	Sources   map[string]any `toml:"sources"`
	Dev       []string       `toml:"dev-dependencies"`
	Package   *bool          `toml:"package"`
	Workspace *struct {
		Members []string `toml:"members"`
		Exclude []string `toml:"exclude"`
	} `toml:"workspace"`
	FindLinks []string `toml:"find-links"`
	Index     []struct {
		URL string `toml:"url"`
	} `toml:"index"`
}

// dynamic reports whether the dependencies are known only to the build backend.
func (m *pyproject) dynamic() bool {
	if m.Project == nil {
		return m.Tool.Poetry != nil
	}
	return slices.Contains(m.Project.Dynamic, "dependencies") || slices.Contains(m.Project.Dynamic, "optional-dependencies")
}

// specs are the dependencies that are written as requirement lines.
func (m *pyproject) specs() (specs []string) {
	if m.Project != nil {
		specs = append(specs, m.Project.Dependencies...)
		for _, name := range sortedKeys(m.Project.Optional) {
			specs = append(specs, m.Project.Optional[name]...)
		}
	}
	for _, name := range sortedKeys(m.Groups) {
		list, _ := m.Groups[name].([]any)
		for _, item := range list {
			if spec, ok := item.(string); ok {
				specs = append(specs, spec)
			}
		}
	}
	return append(specs, m.Tool.Uv.Dev...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// localSpecs refuses requirement lines that name local files.
func (r *reader) localSpecs(specs []string, by string) {
	p := pipReader{reader: r, by: map[string]bool{}}
	for _, spec := range specs {
		spec = strings.TrimSpace(spec)
		rest, editable := strings.CutPrefix(spec, "-e ")
		p.requirement(strings.TrimSpace(rest), editable, by)
	}
}

// localTables refuses dependencies that are tables with a path, as poetry and pipenv write them.
func (r *reader) localTables(deps map[string]any, by string) {
	for _, name := range sortedKeys(deps) {
		constraints, many := deps[name].([]any)
		if !many {
			constraints = []any{deps[name]}
		}
		for _, item := range constraints {
			table, ok := item.(map[string]any)
			if !ok {
				continue
			}
			for _, key := range []string{"path", "file"} {
				if value, ok := table[key].(string); ok && !isURL(value) {
					r.localPackage(value, by)
				}
			}
			if table["editable"] == true && table["path"] == nil && r.eco.name == "pipenv" {
				r.output("src")
				r.doubt("pipenv checks %s out into src", name)
			}
		}
	}
}

// localPackage is a dependency on a path: an archive is one file more, a folder is sources.
func (r *reader) localPackage(value, by string) {
	switch {
	case value == "." || value == "./":
		r.never("%s installs the project itself", by)
		r.reads(path.Dir(by))
	case pipArchive.MatchString(value) && !path.IsAbs(value):
		r.require(&r.others, path.Join(path.Dir(by), value), by)
	default:
		r.never("%s installs %s from its sources", by, value)
		if !path.IsAbs(value) {
			r.reads(path.Join(path.Dir(by), value))
		}
	}
}

// pyproject is the project's pyproject.toml, with its path, if the row's files are there.
func (r *reader) pyproject() (m *pyproject, by string, ok bool) {
	if !r.row() {
		return nil, "", false
	}
	by, m = r.in("pyproject.toml"), &pyproject{}
	return m, by, r.toml(by, m)
}

// readPoetry reads a poetry project. poetry install never changes an existing lock file.
func readPoetry(r *reader) {
	m, by, ok := r.pyproject()
	if !ok {
		return
	}
	if !r.has(shell.NoProject) && (m.Tool.Poetry == nil || m.Tool.Poetry.PackageMode == nil || *m.Tool.Poetry.PackageMode) {
		r.never("poetry installs the project itself without `--no-root`")
	}
	r.localSpecs(m.specs(), by)
	if p := m.Tool.Poetry; p != nil {
		r.localTables(p.Dependencies, by)
		r.localTables(p.Dev, by)
		for _, name := range sortedKeys(p.Groups) {
			r.localTables(p.Groups[name].Dependencies, by)
		}
		if len(p.Plugins) > 0 {
			r.output(".poetry")
		}
	}
	if len(r.locks) == 0 {
		return // poetry install makes one
	}
	if src, ok := r.text(r.locks[0]); ok && strings.Contains(src, `type = "directory"`) {
		r.never("%s installs a folder from its sources", r.locks[0])
	} else if strings.Contains(src, `type = "file"`) && len(r.others) == 0 {
		r.doubt("%s names local files", r.locks[0])
	}
}

// readPdm reads a PDM project.
func readPdm(r *reader) {
	m, by, ok := r.pyproject()
	if !ok {
		return
	}
	if m.dynamic() {
		r.never("%s computes its dependencies when it is built", by)
	}
	r.localSpecs(m.specs(), by)
	if groups, ok := m.Tool.Pdm["dev-dependencies"].(map[string]any); ok {
		for _, name := range sortedKeys(groups) {
			list, _ := groups[name].([]any)
			for _, item := range list {
				if spec, ok := item.(string); ok {
					r.localSpecs([]string{spec}, by)
				}
			}
		}
	}
	if _, ok := m.Tool.Pdm["plugins"]; ok {
		r.doubt("%s has PDM plugins", by)
	}
	if len(m.Tool.Pdm) > 0 && r.inst.Hooks {
		if scripts, ok := m.Tool.Pdm["scripts"].(map[string]any); ok {
			for _, hook := range []string{"pre_install", "post_install", "pre_lock", "post_lock"} {
				if scripts[hook] != nil {
					r.never("%s runs a %s script", by, hook)
				}
			}
		}
	}
	if len(r.locks) > 0 {
		if src, ok := r.text(r.locks[0]); ok && strings.Contains(src, "\npath = ") {
			r.never("%s installs local paths", r.locks[0])
		}
	}
	r.lockWritten()
}

// readPipenv reads a Pipfile and its lock.
func readPipenv(r *reader) {
	if !r.row() {
		if _, ok := r.nearest("Pipfile"); ok {
			r.doubt("the Pipfile is in a directory above")
		}
		return
	}
	by := r.in("Pipfile")
	var m map[string]any
	if !r.toml(by, &m) {
		return
	}
	for _, section := range sortedKeys(m) {
		if deps, ok := m[section].(map[string]any); ok && section != "scripts" {
			r.localTables(deps, by)
		}
	}
	if len(r.locks) > 0 {
		var lock map[string]any
		if r.json(r.locks[0], &lock) {
			for _, section := range sortedKeys(lock) {
				if deps, ok := lock[section].(map[string]any); ok && section != "_meta" {
					r.localTables(deps, r.locks[0])
				}
			}
		}
	}
	r.lockWritten()
}

// readConda reads environment files: their pip section may name requirements.
func readConda(r *reader) {
	names := []string{}
	for _, w := range r.inst.Files {
		if p, ok := r.operand(w); ok {
			names = append(names, p)
		}
	}
	if len(names) == 0 {
		r.row()
		names = slices.Concat(r.manifests, r.locks)
	}
	if dirs := r.values(shell.TargetFolder); len(dirs) > 0 {
		r.output(dirs[0])
	}
	p := pipReader{reader: r, by: map[string]bool{}}
	for _, name := range names {
		if !r.there(name) {
			continue
		}
		if ext := path.Ext(name); ext != ".yml" && ext != ".yaml" || strings.HasPrefix(path.Base(name), "conda-lock") {
			if src, ok := r.text(name); ok && strings.Contains(src, "file:") {
				r.doubt("%s may name local packages", name)
			}
			continue
		}
		var env struct {
			Dependencies []any `yaml:"dependencies"`
			Channels     []any `yaml:"channels"`
		}
		if !r.yaml(name, &env) {
			continue
		}
		for _, channel := range env.Channels {
			if s, _ := channel.(string); strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "file:") {
				r.doubt("%s takes packages from %s", name, s)
			}
		}
		for _, dep := range env.Dependencies {
			section, ok := dep.(map[string]any)
			if !ok {
				continue
			}
			for _, kind := range sortedKeys(section) {
				if kind != "pip" {
					r.doubt("%s has a section %s", name, kind)
					continue
				}
				list, _ := section[kind].([]any)
				for _, item := range list {
					if line, ok := item.(string); ok {
						p.line(strings.TrimSpace(line), name, 0)
					}
				}
			}
		}
	}
}
