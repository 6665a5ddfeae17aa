package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
)

// partlyNamed takes in those of the result's names of which only the run knows a part, as a tag with the version.
func (b *Build) partlyNamed(images []string) {
	for _, image := range images {
		if !isKnown(image) && !slices.Contains(b.partly, image) {
			b.partly = append(slices.Clip(b.partly), image)
		}
	}
}

// ForUsers reports whether the build publishes what users get, so that it does not count how the Dockerfile and its stages
// are called: the repository of the image is known, no name or tag of it is one for developers and tests, and neither
// is the folder of the Dockerfile, where tests and devcontainers keep images of their own, which are pushed, too.
func (b Build) ForUsers() bool {
	if !b.Released || b.Dev || names.FolderForDevelopers(b.Dockerfile) {
		return false
	}
	known := false
	for _, image := range slices.Concat(b.Images, b.partly) {
		if names.ImageForDevelopers(image) {
			return false
		}
		name := path.Base(repository(image))
		known = known || name != "." && isKnown(name) && !strings.Contains(name, "$")
	}
	return known
}
