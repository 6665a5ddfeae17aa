package workspace

import (
	"path/filepath"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
)

func isConfig(path string) bool {
	return slices.Contains(ConfigNames, filepath.Base(path)) || isForeignConfig(path)
}

// holdsInstructions decides whether an open document is a Dockerfile. The name decides before what
// the editor takes it for, which is a Dockerfile for all that is called Dockerfile.something; then the text
// decides, unless there is none yet. A document with neither is one, for it was sent to this server.
func holdsInstructions(name, language, src string) bool {
	return mayHold(name, language) && (!names.HasWord(name) || isOne(name, src))
}

// mayHold decides without the text.
func mayHold(name, language string) bool {
	switch {
	case names.IsIgnoreFile(name), isConfig(name):
		return false
	case names.HasWord(name):
		return names.IsDockerfile(name)
	}
	switch strings.ToLower(language) {
	case "", "dockerfile", "docker", "containerfile":
		return true
	}
	return false
}

// isOne reports whether a file with the name of a Dockerfile is one, or may become one.
func isOne(name, src string) bool {
	return !names.IsTemplate(src) && (!names.Doubtful(name) || strings.TrimSpace(src) == "" || names.HoldsInstructions(src))
}
