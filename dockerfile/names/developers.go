package names

import (
	"path"

	"layerwise/internal/lazy"
)

// ForDevelopers reports whether a name, as of a stage, a service or a script, is that of something which
// developers or tests use, and no one else.
func ForDevelopers(name string) bool { return developers.MatchString(name) }

var developers = lazy.New(`(?i)(^|[^a-z])(dev|devel|develop|development|devcontainer|devenv|local|test|tests|testing|e2e|ci|ci-test|circleci|debug)([^a-z]|$)`)

// FileForDevelopers reports whether the path of a file, relative to its workspace and with /, says so: by its name,
// that of its folder, or that of a folder further above, in which everything is for tests.
func FileForDevelopers(file string) bool {
	return ForDevelopers(path.Base(file)) || ForDevelopers(path.Base(path.Dir(file))) || testFolder.MatchString(file)
}

// Folders whose names are more than one thing, such as dev, count only where the file is.
var testFolder = lazy.New(`(^|/)(tests?|testing|e2e|e2e-tests?|integration|integration-tests?|\.devcontainer|\.circleci|\.github)/`)

// IsTestData reports whether the path of a file, relative to its workspace and with /, says that it is there for
// tests to read: what is wrong in it is mostly meant.
func IsTestData(file string) bool { return testData.MatchString(file) }

var testData = lazy.New(`(^|/)(testdata|test-data|test_data|testfiles(-\w+)?|fixtures|__fixtures__|test-fixtures)/`)
