package manifests

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/internal/lazy"
)

var (
	goRequire   = lazy.New(`(?m)^(require\s|\t\S+ v[0-9])`)
	fromCrates  = lazy.New(`(?m)^source = "(registry|git|sparse)\+`)
	fromElse    = lazy.New(`(?m)^\s*(\[source\.|replace-with|offline\s*=\s*true)`) // crates from a folder, or another registry
	pyPackage   = lazy.New(`(?m)^\[\[package\]\]`)
	fromNuGet   = lazy.New(`<PackageReference\b`)
	swiftGit    = lazy.New(`\.package\(\s*(name:[^,]*,\s*)?url:`)
	manyProject = 50 // files of projects that are looked at
)

// HasDependencies reports whether the project in the directory of the context surely depends on something that a build
// downloads.
func HasDependencies(bc *files.Context, dir, ecosystem string) bool {
	has := func(name string, pattern *lazy.Regexp) bool {
		text, err := bc.Read(path.Join(dir, name))
		return err == nil && pattern.MatchString(text)
	}
	there := func(name string) bool { e, ok := bc.Lookup(path.Join(dir, name)); return ok && !e.Ignored }
	switch ecosystem {
	case "go":
		return there("go.mod") && !there("vendor/modules.txt") && has("go.mod", goRequire)
	case "cargo":
		return there("Cargo.toml") && !has(".cargo/config.toml", fromElse) && !has(".cargo/config", fromElse) && !there("vendor") && has("Cargo.lock", fromCrates)
	case "maven":
		return there("pom.xml") // its plugins are downloaded in any case
	case "gradle":
		return there("build.gradle") || there("build.gradle.kts") || there("settings.gradle") || there("settings.gradle.kts")
	case "sbt":
		return there("build.sbt")
	case "mill":
		return there("build.mill") || there("build.sc")
	case "stack":
		return there("stack.yaml")
	case "swift":
		return there("Package.swift") && has("Package.swift", swiftGit)
	case "pdm", "poetry", "uv":
		text, err := bc.Read(path.Join(dir, ecosystem+".lock"))
		return err == nil && there("pyproject.toml") && len(pyPackage.FindAllString(text, 3)) > 2
	case "dotnet":
		n, found := 0, false
		bc.All(func(e files.Entry) bool {
			if strings.HasSuffix(e.Path, "proj") && !e.Ignored && (dir == "." || strings.HasPrefix(e.Path, dir+"/")) {
				text, err := bc.Read(e.Path)
				found = found || err == nil && fromNuGet.MatchString(text)
				n++
			}
			return !found && n < manyProject
		})
		return found
	}
	return false
}
