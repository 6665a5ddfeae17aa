package sources

import (
	"path"
	"slices"
	"strings"
)

// isShell reports whether a file may be a script, by its name: *.sh and *.bash, and names without an ending
// in folders where scripts are kept.
func isShell(name string) bool {
	base := path.Base(name)
	switch path.Ext(base) {
	case ".sh", ".bash":
		return true
	case "":
		folder := path.Base(path.Dir(name))
		return !notScripts[base] && slices.Contains(scriptFolders, folder)
	}
	return false
}

// scriptFolders are folders in which scripts have no ending.
var scriptFolders = []string{"bin", "ci", ".ci", "hack", "script", "scripts", "tools", "build", "docker", "release", "contrib", "dev", "hooks", "utils", "devtools", "make", "mk"}

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
