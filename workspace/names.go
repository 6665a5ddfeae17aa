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
	return hasWord(path) && !isOther(path)
}

func hasWord(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	for _, word := range []string{"dockerfile", "containerfile"} {
		if name == word || strings.HasPrefix(name, word+".") || strings.HasSuffix(name, "."+word) {
			return true
		}
	}
	return false
}

// isOther reports whether a path with the word is that of another file all the same.
func isOther(path string) bool {
	base := filepath.Base(path)
	name := strings.ToLower(base)
	return IsIgnoreFile(name) || others.MatchString(name) || sources.MatchString(base)
}

var (
	others  = regexp.MustCompile(`\.(ejs|erb|html|in|j2|jinja2?|json|md|mustache|rst|tmpl|tpl|template|toml|xml|ya?ml)$`)
	sources = regexp.MustCompile(`^(dockerfile|containerfile)\.(c|cc|cpp|cs|css|go|h|java|js|jsx|kt|mjs|php|py|rb|rs|sh|ts|tsx)$`)
)

func isConfig(path string) bool { return slices.Contains(ConfigNames, filepath.Base(path)) }

// holdsInstructions decides whether an open document is a Dockerfile. The name decides before what
// the editor takes it for, which is a Dockerfile for all that is called Dockerfile.something; a document
// with neither is one, for it was sent to this server.
func holdsInstructions(name, language string) bool {
	switch {
	case IsIgnoreFile(name), isConfig(name):
		return false
	case hasWord(name):
		return !isOther(name)
	}
	switch strings.ToLower(language) {
	case "", "dockerfile", "docker", "containerfile":
		return true
	}
	return false
}
