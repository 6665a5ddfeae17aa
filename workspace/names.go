package workspace

import (
	"path/filepath"
	"slices"
	"strings"
)

// IsIgnoreFile reports whether a path names an ignore file: .dockerignore, or one of a single
// Dockerfile, such as Dockerfile.dockerignore, which editors take for a Dockerfile.
func IsIgnoreFile(path string) bool {
	return strings.HasSuffix(path, ".dockerignore")
}

// IsDockerfile reports whether a path has the name of a Dockerfile. Dockerfile.go is one, for programs in
// Go; dockerfile.go is a program about Dockerfiles.
func IsDockerfile(path string) bool {
	base := filepath.Base(path)
	name, extension := strings.ToLower(base), strings.ToLower(filepath.Ext(base))
	if IsIgnoreFile(name) || slices.Contains(prose, extension) || slices.Contains(sources, extension) && name == base {
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
	prose   = []string{".md", ".markdown", ".rst", ".adoc"}
	sources = []string{".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".h", ".java", ".js", ".json", ".kt", ".lua", ".php", ".pl", ".py", ".rb", ".rs", ".scala", ".swift", ".toml", ".ts", ".vim", ".xml", ".yaml", ".yml"}
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
