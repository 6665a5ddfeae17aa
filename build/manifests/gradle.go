package manifests

import (
	"path"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
)

var (
	gradleInclude = lazy.New(`(?m)^\s*include(?:\s*\(|\s)((?:[^\n)]|,\s*\n)*)`)
	gradleBuild   = lazy.New(`(?m)(?:^|[{;])\s*includeBuild(?:\s*\(|\s)\s*['"]?([^'"\n)]*)`)
	gradleString  = lazy.New(`['"]([^'"\n]+)['"]`)
	gradleDir     = lazy.New(`project\(\s*['"]([^'"]+)['"]\s*\)\.projectDir\s*=\s*(?:new File\(settingsDir,|file\()\s*['"]([^'"]+)['"]`)
	gradleApply   = lazy.New(`(?m)^\s*apply\s*(?:\(\s*)?from\s*[:=]\s*['"]((?:\$\{?root(?:Dir|Project\.projectDir)\}?/)?[^'"\n$]+)['"]`)
	gradleCatalog = lazy.New(`\bfrom\s*\(?\s*files\(\s*['"]([^'"\n$]+)['"]`)
	gradleRoot    = lazy.New(`^\$\{?root(?:Dir|Project\.projectDir)\}?/`)
)

// readGradle lists the scripts of a Gradle build. They are programs that may read anything, so the
// list is never proven.
func readGradle(r *reader) {
	root, ok := r.nearest("settings.gradle.kts", "settings.gradle")
	if !ok {
		root = r.dir
	}
	if r.there(path.Join(root, "settings.gradle")) || r.there(path.Join(root, "settings.gradle.kts")) {
		r.gradleSettings(root)
	}
	r.gradleProject(root, root)
	if len(r.manifests) == 0 {
		return
	}
	for _, name := range []string{"gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile"} {
		r.add(&r.locks, path.Join(root, name))
	}
	r.add(&r.others, path.Join(root, "gradle.properties"))
	r.add(&r.others, path.Join(root, "local.properties"))
	for _, script := range r.values(shell.BuildFile) {
		if to, ok := r.toDir(script); ok && !strings.Contains(script, "$") {
			r.add(&r.others, r.in(to))
		}
	}
	r.ownFiles()
	r.folder(&r.others, path.Join(root, "gradle"))
	r.folder(&r.others, path.Join(root, "buildSrc"))
	r.doubt("Gradle's build scripts may read any file of the project")
}

// gradleSettings reads which projects the build includes.
func (r *reader) gradleSettings(root string) {
	for _, name := range []string{"settings.gradle", "settings.gradle.kts"} {
		name = path.Join(root, name)
		if !r.add(&r.manifests, name) {
			continue
		}
		src, ok := r.text(name)
		if !ok {
			continue
		}
		for _, m := range gradleBuild.FindAllStringSubmatch(src, -1) {
			r.never("%s includes other builds", name)
			if !path.IsAbs(m[1]) && m[1] != "" && !strings.Contains(m[1], "$") {
				r.reads(path.Join(root, m[1]))
			}
		}
		for _, m := range gradleCatalog.FindAllStringSubmatch(src, -1) {
			if !path.IsAbs(m[1]) {
				r.require(&r.others, path.Join(root, m[1]), name)
			}
		}
		dirs := map[string]string{}
		for _, m := range gradleDir.FindAllStringSubmatch(src, -1) {
			dirs[strings.Trim(m[1], ":")] = m[2]
		}
		for _, m := range gradleInclude.FindAllStringSubmatch(src, -1) {
			for _, project := range gradleString.FindAllStringSubmatch(m[1], -1) {
				id := strings.Trim(project[1], ":")
				dir, given := dirs[id]
				if !given {
					dir = strings.ReplaceAll(id, ":", "/")
				}
				r.gradleProject(path.Join(root, dir), root)
			}
		}
	}
}

// gradleProject adds the build script of a directory, and the scripts that it applies.
func (r *reader) gradleProject(dir, root string) {
	for _, name := range []string{"build.gradle", "build.gradle.kts", "gradle.properties"} {
		name = path.Join(dir, name)
		if !r.add(&r.manifests, name) {
			continue
		}
		src, ok := r.text(name)
		if !ok {
			continue
		}
		for _, m := range gradleApply.FindAllStringSubmatch(src, -1) {
			if to := gradleRoot.ReplaceAllString(m[1], ""); to != m[1] {
				r.require(&r.others, path.Join(root, to), name)
			} else if !isURL(to) && !path.IsAbs(to) {
				r.require(&r.others, path.Join(dir, to), name)
			}
		}
	}
	if rel, ok := relative(r.dir, dir); ok {
		for _, out := range r.eco.outputs {
			r.output(path.Join(rel, out))
		}
	}
	r.add(&r.locks, path.Join(dir, "gradle.lockfile"))
}
