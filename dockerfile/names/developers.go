package names

import (
	"path"

	"layerwise/internal/lazy"
)

// ForDevelopers reports whether a name, as of a stage, a service or a script, is that of something which
// developers or tests use, and no one else.
func ForDevelopers(name string) bool { return developers.MatchString(name) }

var developers = lazy.New(`(?i)(^|[^a-z])(dev|devel|develop|development|devcontainer|local|test|tests|testing|e2e|ci-test|debug)([^a-z]|$)`)

// FileForDevelopers reports whether the path of a file, relative to its workspace and with /, says so: by its name
// or that of its folder.
func FileForDevelopers(file string) bool {
	return ForDevelopers(path.Base(file)) || ForDevelopers(path.Base(path.Dir(file)))
}
