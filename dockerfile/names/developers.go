package names

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
)

// ForDevelopers reports whether a name, as of a service or a script, is that of something which developers or tests
// use, and no one else.
func ForDevelopers(name string) bool { return hasWord(name, developers) }

var developers = []string{"dev", "devel", "develop", "development", "devcontainer", "devcontainers", "devenv", "local", "test", "tests", "testing", "e2e", "debug", "gitpod", "tilt", "workstation", "playwright", "cypress", "integration"}

// StageForDevelopers reports whether the name of a stage, or of an image that it builds on, says so: also one in which
// checks run. A script that is called ci may build what users get.
func StageForDevelopers(name string) bool { return ForDevelopers(name) || hasWord(name, checks) }

// VariantForCI is the name of the stage that one with the name is a variant of for CI: package, of package-ci.
func VariantForCI(name string) (of string, ok bool) {
	for _, sep := range []string{"-", "_", "."} {
		if of, ok = strings.CutSuffix(strings.ToLower(name), sep+"ci"); ok && of != "" {
			return of, true
		}
	}
	return "", false
}

var checks = []string{"ci", "lint"}

// ImageForDevelopers reports whether the name of an image, with its tag, says so: also one that other images are built
// with.
func ImageForDevelopers(name string) bool { return StageForDevelopers(name) || hasWord(name, tools) }

var tools = []string{"cache", "buildcache", "build", "builder", "base", "env", "toolchain", "runner", "sandbox", "codespace", "codespaces", "pr"}

// FolderForDevelopers reports whether the folder of a Dockerfile says so, or one further above, as DockerfileForDevelopers
// takes it, whatever the file is called.
func FolderForDevelopers(file string) bool {
	return DockerfileForDevelopers(path.Join(path.Dir(file), "Dockerfile"))
}

// hasWord reports whether one of the words stands in the name by itself, with no letters at its sides, in whatever case.
func hasWord(name string, words []string) bool {
	name = strings.ToLower(name)
	for _, word := range words {
		for from := 0; ; from++ {
			at := strings.Index(name[from:], word)
			if at < 0 {
				break
			}
			from += at
			end := from + len(word)
			if (from == 0 || !isLetter(name[from-1])) && (end == len(name) || !isLetter(name[end])) {
				return true
			}
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

// FileForDevelopers reports whether the path of a file, relative to its workspace and with /, says so: by its name
// or that of its folder.
func FileForDevelopers(file string) bool {
	return ForDevelopers(path.Base(file)) || ForDevelopers(path.Base(path.Dir(file)))
}

// DockerfileForDevelopers reports whether the path of a Dockerfile, relative to its workspace and with /, says so: also
// by a folder further above, in which everything is for tests, or for what runs them. Files in these that build images,
// such as workflows, build those for users.
func DockerfileForDevelopers(file string) bool {
	if dir := path.Dir(file); path.Base(dir) == "docker" && ForDevelopers(path.Base(path.Dir(dir))) {
		return true // dev/docker/Dockerfile
	}
	return FileForDevelopers(file) || testFolder.MatchString(file)
}

// Folders whose names are more than one thing, such as dev, count only where the file is.
var testFolder = lazy.New(`(^|/)(ci|playwright|cypress|workstations?|tests?|testing|e2e|e2e-tests?|integration|integration-tests?|\.devcontainer|\.circleci|\.github)/`)

// IsTestData reports whether the path of a file, relative to its workspace and with /, says that it is there for
// tests to read: what is wrong in it is mostly meant.
func IsTestData(file string) bool { return testData.MatchString(file) }

var testData = lazy.New(`(^|/)(testdata|test-data|test_data|testfiles(-\w+)?|fixtures|__fixtures__|test-fixtures)/`)
