package names

import (
	"path"

	"layerwise/internal/lazy"
)

// ForDevelopers reports whether a name, as of a stage, a service or a script, is that of something which
// developers or tests use, and no one else.
func ForDevelopers(name string) bool { return developers.MatchString(name) }

var developers = lazy.New(`(?i)(^|[^a-z])(dev|devel|develop|development|devcontainer|devenv|local|test|tests|testing|e2e|ci-test|debug)([^a-z]|$)`)

// FileForDevelopers reports whether the path of a file, relative to its workspace and with /, says so: by its name
// or that of its folder.
func FileForDevelopers(file string) bool {
	return ForDevelopers(path.Base(file)) || ForDevelopers(path.Base(path.Dir(file)))
}

// DockerfileForDevelopers reports whether the path of a Dockerfile, relative to its workspace and with /, says so: also
// by a folder further above, in which everything is for tests, or for what runs them. Files in these that build images,
// such as workflows, build those for users.
func DockerfileForDevelopers(file string) bool {
	return FileForDevelopers(file) || testFolder.MatchString(file)
}

// Folders whose names are more than one thing, such as dev, count only where the file is.
var testFolder = lazy.New(`(^|/)(ci|tests?|testing|e2e|e2e-tests?|integration|integration-tests?|\.devcontainer|\.circleci|\.github)/`)

// IsTestData reports whether the path of a file, relative to its workspace and with /, says that it is there for
// tests to read: what is wrong in it is mostly meant.
func IsTestData(file string) bool { return testData.MatchString(file) }

var testData = lazy.New(`(^|/)(testdata|test-data|test_data|testfiles(-\w+)?|fixtures|__fixtures__|test-fixtures)/`)
