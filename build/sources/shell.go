package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// isShell reports whether a file may be a script, by its name: *.sh and *.bash, and names without an ending
// in folders where scripts are kept, or that speak of building.
func isShell(name string) bool {
	base := path.Base(name)
	switch path.Ext(base) {
	case ".sh", ".bash":
		return true
	case "":
		return !notScripts[base] && (slices.Contains(scriptFolders, path.Base(path.Dir(name))) || scriptNames.MatchString(base))
	}
	return false
}

// scriptFolders are folders in which scripts have no ending.
var scriptFolders = []string{"bin", "ci", ".ci", "hack", "script", "scripts", "tools", "build", "docker", "release", "contrib", "dev", "hooks", "utils", "devtools", "make", "mk"}

// scriptNames are names without an ending of what may build, in any folder.
var scriptNames = lazy.New(`^(build|docker|release|publish|deploy)([-_][a-z0-9_-]+)?$|[-_](build|docker|image|images)$`)

// notScripts are files without an ending that are none.
var notScripts = set("Dockerfile Containerfile Makefile GNUmakefile makefile Justfile justfile Jenkinsfile Tiltfile Vagrantfile Gemfile Rakefile Procfile LICENSE README CODEOWNERS VERSION")

// readShell reads a script.
func readShell(r *reading) {
	src, ok := r.source(maxScript)
	if !ok || !namesProgram(src) {
		return
	}
	if path.Ext(r.file) == "" && !hasShebang(src) {
		return
	}
	dirs := []string{"."}
	if r.dir() != "." {
		dirs = append(dirs, r.dir())
	}
	if up := path.Dir(r.dir()); up != "." && slices.Contains(scriptFolders, path.Base(r.dir())) {
		dirs = append(dirs, up) // packages/x of packages/x/scripts
	}
	r.script(script{text: strings.TrimPrefix(src, "\ufeff"), name: path.Base(r.file), file: r.file, dirs: dirs})
}

// hasShebang reports whether a text is a script of a shell.
func hasShebang(src string) bool {
	first, _, _ := strings.Cut(src, "\n")
	if !strings.HasPrefix(first, "#!") {
		return false
	}
	for _, field := range strings.Fields(first[2:]) {
		switch path.Base(field) {
		case "sh", "bash", "dash", "ash", "ksh", "zsh":
			return true
		}
	}
	return false
}

// namesProgram reports whether a text may name a program that builds.
func namesProgram(src string) bool {
	lower := strings.ToLower(src)
	for _, name := range []string{"docker", "podman", "buildah", "nerdctl", "kaniko", "depot", "img", "container", "engine", "oci"} {
		if strings.Contains(lower, name) {
			return true
		}
	}
	return false
}
