package manifests

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
)

// pom is the part of pom.xml that names other files.
type pom struct {
	Parent *struct {
		RelativePath *string `xml:"relativePath"`
	} `xml:"parent"`
	GroupID    string   `xml:"groupId"`
	ArtifactID string   `xml:"artifactId"`
	Modules    []string `xml:"modules>module"`
	Subs       []string `xml:"subprojects>subproject"`
	Profiles   []struct {
		Modules []string   `xml:"modules>module"`
		Subs    []string   `xml:"subprojects>subproject"`
		Deps    []mavenDep `xml:"dependencies>dependency"`
		File    string     `xml:"activation>file>exists"`
		Missing string     `xml:"activation>file>missing"`
	} `xml:"profiles>profile"`
	Deps       []mavenDep `xml:"dependencies>dependency"`
	Extensions []mavenDep `xml:"build>extensions>extension"`
	Repos      []struct {
		URL string `xml:"url"`
	} `xml:"repositories>repository"`
}

type mavenDep struct {
	ArtifactID string `xml:"artifactId"`
	SystemPath string `xml:"systemPath"`
}

// readMaven reads a Maven project and all its modules for the goals of the dependency plugin, which
// run no phase of the build.
func readMaven(r *reader) {
	m := mavenReader{reader: r, poms: map[string]bool{}, parents: map[string]bool{}, artifacts: map[string]bool{}}
	start := r.in("pom.xml")
	if w, ok := r.value(shell.ProjectFile); ok {
		p, known := r.operand(w)
		if !known {
			return
		}
		if e, ok := r.c.Lookup(p); ok && e.Mode.IsDir() {
			p = path.Join(p, "pom.xml")
		}
		start = p
	}
	if !r.add(&r.manifests, start) {
		return
	}
	m.pom(start, 0)
	for _, dep := range m.deps {
		if m.artifacts[dep] {
			r.doubt("the modules depend on each other, and Maven looks for %s in a repository", dep)
			break
		}
	}
	m.settings()
}

type mavenReader struct {
	*reader
	poms      map[string]bool // read as modules
	parents   map[string]bool // read as parents
	artifacts map[string]bool
	deps      []string
}

func (m *mavenReader) pom(name string, depth int) {
	if m.poms[name] {
		return
	}
	m.poms[name] = true
	if depth > maxDepth || len(m.poms) > maxFiles {
		m.doubt("%s is one of too many modules", name)
		return
	}
	var p pom
	if !m.xml(name, &p) {
		return
	}
	dir := path.Dir(name)
	m.artifacts[strings.TrimSpace(p.ArtifactID)] = true
	m.parent(p, dir)
	modules := slices.Concat(p.Modules, p.Subs)
	deps := p.Deps
	for _, profile := range p.Profiles {
		modules = slices.Concat(modules, profile.Modules, profile.Subs)
		deps = append(deps, profile.Deps...)
		if profile.File != "" || profile.Missing != "" {
			m.doubt("%s has a profile that asks for a file", name)
		}
	}
	for _, dep := range deps {
		m.deps = append(m.deps, strings.TrimSpace(dep.ArtifactID))
		if dep.SystemPath != "" {
			m.systemPath(strings.TrimSpace(dep.SystemPath), dir, name)
		}
	}
	for _, e := range p.Extensions {
		if e.ArtifactID != "os-maven-plugin" && !strings.HasPrefix(e.ArtifactID, "wagon-") {
			m.doubt("%s loads the extension %s, which may read other files", name, e.ArtifactID)
		}
	}
	for _, repo := range p.Repos {
		if url := strings.TrimSpace(repo.URL); strings.HasPrefix(url, "file:") || strings.Contains(url, "${") {
			m.doubt("%s takes packages from %s", name, url)
		}
	}
	for _, module := range modules {
		module = strings.TrimSpace(module)
		if strings.Contains(module, "${") {
			m.doubt("%s names a module by a property", name)
			continue
		}
		to := path.Join(dir, strings.ReplaceAll(module, `\`, "/"))
		if e, ok := m.c.Lookup(to); !ok || e.Mode.IsDir() || isLink(e) {
			to = path.Join(to, "pom.xml")
		}
		if m.require(&m.manifests, to, name) {
			m.pom(to, depth+1)
		}
	}
}

// parent reads the parent's pom. It is ../pom.xml unless the pom says otherwise, and it may as well
// be in a repository.
func (m *mavenReader) parent(p pom, dir string) {
	if p.Parent == nil {
		return
	}
	rel := "../pom.xml"
	if p.Parent.RelativePath != nil {
		if rel = strings.TrimSpace(*p.Parent.RelativePath); rel == "" {
			return
		}
	}
	if strings.Contains(rel, "${") {
		m.doubt("%s names its parent by a property", path.Join(dir, "pom.xml"))
		return
	}
	to := path.Join(dir, rel)
	if e, ok := m.c.Lookup(to); ok && e.Mode.IsDir() {
		to = path.Join(to, "pom.xml")
	}
	if m.add(&m.manifests, to) && !m.parents[to] {
		// Only what it hands down matters, not its modules.
		m.parents[to] = true
		var above pom
		if m.xml(to, &above) {
			m.parent(above, path.Dir(to))
			for _, dep := range above.Deps {
				if dep.SystemPath != "" {
					m.systemPath(dep.SystemPath, dir, to)
				}
			}
		}
	}
}

func (m *mavenReader) systemPath(p, dir, by string) {
	for _, base := range []string{"${basedir}/", "${project.basedir}/"} {
		if rel, ok := strings.CutPrefix(p, base); ok && !strings.Contains(rel, "${") {
			m.require(&m.others, path.Join(dir, rel), by)
			return
		}
	}
	m.doubt("%s takes a library from %s", by, p)
}

// settings reads .mvn, in the directory or the first one above that has it, and the wrapper.
func (m *mavenReader) settings() {
	m.ownFiles()
	for dir := range m.reader.parents() {
		at := path.Join(dir, ".mvn")
		if _, ok := m.c.Lookup(at); !ok {
			continue
		}
		m.folder(&m.others, at)
		for _, name := range []string{"maven.config", "jvm.config", "extensions.xml"} {
			p := path.Join(at, name)
			if !m.there(p) {
				continue
			}
			src, _ := m.text(p)
			words := strings.FieldsFunc(src, func(c rune) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '=' })
			for i, word := range words {
				switch {
				case name == "extensions.xml":
				case word == "-s" || word == "--settings" || word == "-t" || word == "--toolchains":
					if i+1 < len(words) {
						m.require(&m.others, path.Join(dir, words[i+1]), p)
					}
				case strings.HasPrefix(word, "-s"), word == "-f", word == "--file", strings.HasPrefix(word, "-javaagent"), strings.HasPrefix(word, "@"):
					m.doubt("%s names other files", p)
				}
			}
			if name == "extensions.xml" {
				m.doubt("%s loads extensions, which may read other files", p)
			}
		}
		break
	}
}
