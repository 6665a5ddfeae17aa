package workspace

import (
	"path/filepath"

	"layerwise/build/gitignore"
)

// RootOf is the folder whose files say how a Dockerfile is built: the repository that it lies in, or else the
// outermost of the given folders that it lies below, or else its own. A home folder or a whole file system is
// none, and gives "": nobody keeps what builds a Dockerfile there. All paths are absolute.
func RootOf(dockerfile string, folders ...string) string {
	own := filepath.Dir(dockerfile)
	if root := gitignore.Root(own); root != "" && !tooBroad(root) {
		return root
	}
	root := own
	for _, folder := range folders {
		if folder != "" && within(folder, dockerfile) && !tooBroad(folder) && len(folder) < len(root) {
			root = folder
		}
	}
	if tooBroad(root) {
		return ""
	}
	return root
}
