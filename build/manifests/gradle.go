package manifests

import (
	"path"
	"regexp"
	"strings"
)

var (
	gradleInclude = regexp.MustCompile(`(?m)^\s*include(?:\s*\(|\s)((?:[^\n)]|,\s*\n)*)`)
	gradleBuild   = regexp.MustCompile(`(?m)^\s*includeBuild\b`)
	gradleString  = regexp.MustCompile(`['"]([^'"\n]+)['"]`)
	gradleDir     = regexp.MustCompile(`project\(\s*['"]([^'"]+)['"]\s*\)\.projectDir\s*=\s*(?:new File\(settingsDir,|file\()\s*['"]([^'"]+)['"]`)
	gradleApply   = regexp.MustCompile(`(?m)^\s*apply\s*(?:\(\s*)?from\s*[:=]\s*['"]([^'"\n$]+)['"]`)
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
	r.gradleProject(root)
	if len(r.manifests) == 0 {
		return
	}
	for _, name := range []string{"gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile"} {
		r.add(&r.locks, path.Join(root, name))
	}
	r.add(&r.others, path.Join(root, "gradle.properties"))
	if r.program() == "gradlew" {
		r.add(&r.others, r.in("gradlew"))
	}
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
		if gradleBuild.MatchString(src) {
			r.never("%s includes other builds", name)
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
				r.gradleProject(path.Join(root, dir))
			}
		}
	}
}

// gradleProject adds the build script of a directory, and the scripts that it applies.
func (r *reader) gradleProject(dir string) {
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
			if !isURL(m[1]) {
				r.require(&r.others, path.Join(dir, m[1]), name)
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
