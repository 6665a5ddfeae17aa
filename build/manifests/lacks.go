package manifests

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/internal/lazy"
)

// Lack is what an install goes without that does not find a file of its project.
type Lack int

// The lacks.
const (
	LackNothing  Lack = iota // or nothing that is known
	LackSettings             // what the project says of how it is to be installed
	LackVersions             // which versions the project has been tried with
)

// Lacks is what an install goes without if one of its Inputs.Files is not there, and it does not fail. Files of which that
// cannot be said, such as manifests of other members of a workspace, and those that hold a password, count as nothing.
func Lacks(c *files.Context, ecosystem, name string) Lack {
	base := path.Base(name)
	if e, _ := lookup(ecosystem); slices.Contains(e.locks, base) || slices.Contains([]string{"Gemfile.lock", "gems.locked", "Cargo.lock", "mix.lock"}, base) {
		return LackVersions
	}
	matters, known := settingsThatMatter[base]
	switch {
	case strings.HasPrefix(base, "Directory.") && path.Ext(base) != ".sln", path.Ext(base) == ".patch", slices.Contains([]string{"releases", "plugins", "patches"}, path.Base(path.Dir(name))) && strings.Contains(name, ".yarn/"):
		return LackSettings
	case !known:
		return LackNothing
	}
	text, err := c.Read(name)
	if err == nil && matters.MatchString(text) && !password.MatchString(text) {
		return LackSettings
	}
	return LackNothing
}

var password = lazy.New(`(?i)_auth|_password|authtoken|cleartextpassword`)

// settingsThatMatter match what decides, in files of settings, what an install with a lock file installs, builds or links.
var settingsThatMatter = map[string]*lazy.Regexp{
	".npmrc":              lazy.New(`(?m)^\s*(legacy-peer-deps|node-linker|shamefully-hoist|public-hoist-pattern|hoist\S*|ignore-scripts|omit|include|install-strategy)\s*(\[\])?\s*=`),
	".pnpmfile.cjs":       lazy.New(``),
	".yarnrc.yml":         lazy.New(`(?m)^(nodeLinker|yarnPath|plugins|packageExtensions|enableScripts|supportedArchitectures|nmHoistingLimits)\s*:`),
	"NuGet.Config":        lazy.New(``),
	"NuGet.config":        lazy.New(``),
	"libs.versions.toml":  lazy.New(``),
	"nuget.config":        lazy.New(``),
	"pnpm-workspace.yaml": lazy.New(`(?m)^(onlyBuiltDependencies|neverBuiltDependencies|allowBuilds|overrides|patchedDependencies|packageExtensions|nodeLinker|hoist\w*|publicHoistPattern|shamefullyHoist|supportedArchitectures)\s*:`),
}
