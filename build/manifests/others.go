package manifests

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
)

var ansibleLocal = lazy.New(`(src|source|name):\s*["']?[./]`)

// readAnsible reads a list of roles and collections.
func readAnsible(r *reader) {
	if len(r.inst.Files) == 0 && !r.row() {
		return
	}
	for _, name := range r.manifests {
		if src, ok := r.text(name); ok && (strings.Contains(src, "file:") || strings.Contains(src, "type: dir") ||
			strings.Contains(src, "include:") || ansibleLocal.MatchString(src)) {
			r.doubt("%s may name local files", name)
		}
	}
	for _, w := range r.inst.Files {
		r.add(&r.others, r.in(path.Join(path.Dir(w.Text), "ansible.cfg")))
	}
	r.add(&r.others, r.in("ansible.cfg"))
}

// pathTable notes the folder of a dependency that is written as a table with a path.
func (r *reader) pathTable(table map[string]any, dir string) {
	if to, ok := table["path"].(string); ok && to != "" && !path.IsAbs(to) {
		r.reads(path.Join(dir, to))
	}
}

// readDart reads a package, and doubts the list if it has path dependencies or a workspace.
func readDart(r *reader) {
	if !r.row() {
		return
	}
	for _, name := range []string{"pubspec.yaml", "pubspec_overrides.yaml"} {
		var m map[string]any
		if !r.there(r.in(name)) || !r.yaml(r.in(name), &m) {
			continue
		}
		for _, section := range []string{"dependencies", "dev_dependencies", "dependency_overrides"} {
			deps, _ := m[section].(map[string]any)
			for _, dep := range sortedKeys(deps) {
				if table, ok := deps[dep].(map[string]any); ok && table["path"] != nil {
					r.never("%s takes %s from a folder", r.in(name), dep)
					r.pathTable(table, r.dir)
				}
			}
		}
		if m["workspace"] != nil || m["resolution"] != nil {
			r.doubt("%s is part of a workspace", r.in(name))
			members, _ := m["workspace"].([]any)
			for _, member := range members {
				if dir, ok := member.(string); ok && !path.IsAbs(dir) && !strings.ContainsAny(dir, "*?[{") {
					r.add(&r.manifests, path.Join(r.dir, dir, "pubspec.yaml"))
				}
			}
		}
		if m["flutter"] != nil {
			r.doubt("%s is a Flutter project, whose platform folders are read too", r.in(name))
		}
	}
	r.lockWritten()
}

// readCrystal reads shards, whose dependencies may be folders.
func readCrystal(r *reader) {
	if !r.row() {
		return
	}
	for _, name := range r.manifests {
		var m map[string]any
		if !r.yaml(name, &m) {
			continue
		}
		for _, section := range []string{"dependencies", "development_dependencies"} {
			deps, _ := m[section].(map[string]any)
			for _, dep := range sortedKeys(deps) {
				if table, ok := deps[dep].(map[string]any); ok && table["path"] != nil {
					r.never("%s takes %s from a folder", name, dep)
					r.pathTable(table, r.dir)
				}
			}
		}
		if m["scripts"] != nil {
			r.doubt("%s has scripts", name)
			r.anyVar = true
		}
	}
	r.lockWritten()
}

// readGleam reads a Gleam project, whose dependencies may be folders.
func readGleam(r *reader) {
	if !r.row() {
		return
	}
	var m map[string]any
	if r.toml(r.manifests[0], &m) {
		for _, section := range sortedKeys(m) {
			deps, _ := m[section].(map[string]any)
			for _, dep := range sortedKeys(deps) {
				if table, ok := deps[dep].(map[string]any); ok && table["path"] != nil {
					r.never("%s takes %s from a folder", r.manifests[0], dep)
					r.pathTable(table, r.dir)
				}
			}
		}
	}
	r.lockWritten()
}

// readHelm reads a chart, whose dependencies may be folders. Charts of the first API version list them
// in requirements.yaml.
func readHelm(r *reader) {
	if !r.row() {
		return
	}
	for _, name := range r.manifests {
		var chart struct {
			Dependencies []struct {
				Name       string `yaml:"name"`
				Repository string `yaml:"repository"`
			} `yaml:"dependencies"`
		}
		if !r.yaml(name, &chart) {
			continue
		}
		for _, dep := range chart.Dependencies {
			if dep.Repository == "" || strings.HasPrefix(dep.Repository, "file:") {
				r.never("%s takes %s from a folder", name, dep.Name)
				if to := strings.TrimPrefix(dep.Repository, "file://"); to != "" && !path.IsAbs(to) {
					r.reads(path.Join(path.Dir(name), to))
				} else if to == "" {
					r.reads(path.Join(path.Dir(name), "charts", dep.Name))
				}
			}
		}
	}
	if len(r.locks) == 0 {
		r.doubt("there is no Chart.lock")
	}
	r.lockWritten()
}

var (
	tfModule = lazy.New(`(?m)^\s*source\s*=\s*"\.`)
	tfFile   = lazy.New(`\b(file|fileset|templatefile|filebase64)\s*\(`)
)

// readTerraform reads the root module. terraform init evaluates backends, sources and versions only.
func readTerraform(r *reader) {
	if !r.row() {
		return
	}
	for _, name := range r.manifests {
		src, ok := r.text(name)
		if !ok {
			continue
		}
		if tfModule.MatchString(src) || strings.Contains(src, `"source": ".`) {
			r.never("%s has a module in a folder of the project", name)
		}
		if tfFile.MatchString(src) {
			r.doubt("%s reads other files", name)
		}
	}
	r.lockWritten()
}
