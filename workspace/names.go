package workspace

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// IsIgnoreFile reports whether a path names an ignore file: .dockerignore, or one of a single
// Dockerfile, such as Dockerfile.dockerignore, which editors take for a Dockerfile.
func IsIgnoreFile(path string) bool {
	return strings.HasSuffix(path, ".dockerignore")
}

// IsDockerfile reports whether a path has the name of a Dockerfile. Dockerfile.go may be that of a Go
// service; dockerfile.go is source, and Dockerfile.j2 a template.
func IsDockerfile(path string) bool {
	base := filepath.Base(path)
	name := strings.ToLower(base)
	if IsIgnoreFile(name) || others.MatchString(name) || sources.MatchString(base) {
		return false
	}
	for _, word := range []string{"dockerfile", "containerfile"} {
		if name == word || strings.HasPrefix(name, word+".") || strings.HasSuffix(name, "."+word) {
			return true
		}
	}
	return false
}

var (
	others  = regexp.MustCompile(`\.(ejs|erb|html|in|j2|jinja2?|json|md|mustache|rst|tmpl|tpl|template|toml|xml|ya?ml)$`)
	sources = regexp.MustCompile(`^(dockerfile|containerfile)\.(c|cc|cpp|cs|css|go|h|java|js|jsx|kt|mjs|php|py|rb|rs|sh|ts|tsx)$`)
)

func isConfig(path string) bool { return slices.Contains(ConfigNames, filepath.Base(path)) }

// holdsInstructions decides whether an open document is a Dockerfile. The name decides before what
// the editor takes it for; a document with neither is one, for it was sent to this server.
func holdsInstructions(name, language string) bool {
	switch {
	case IsIgnoreFile(name), isConfig(name):
		return false
	case IsDockerfile(name):
		return true
	}
	switch strings.ToLower(language) {
	case "", "dockerfile", "docker", "containerfile":
		return true
	}
	return false
}
