package manifests

import (
	"slices"
	"strings"
)

// An ecosystem is what the tools of one package manager's world read and write. Names may hold the
// wildcards of path.Match; a name that ends in a slash is a folder with all below it.
type ecosystem struct {
	name      string
	manifests []string
	locks     []string
	extra     []string // what an install reads besides, if it is there
	above     []string // what it reads in the directories above, too
	outputs   []string // if the command does not say
	read      func(*reader)
}

// ecosystems is sorted by name. A row without a reader lists files, but proves nothing.
var ecosystems = []ecosystem{
	{name: "ansible", manifests: []string{"requirements.yml", "requirements.yaml"}, extra: []string{"ansible.cfg"}, read: readAnsible},
	{name: "bun", manifests: []string{"package.json"}, locks: []string{"bun.lock", "bun.lockb"}, extra: []string{"bunfig.toml", ".npmrc"}, outputs: []string{"node_modules"}, read: readBun},
	{name: "bundler", outputs: []string{"vendor/bundle"}, read: readBundler},
	{name: "cabal", manifests: []string{"*.cabal", "cabal.project"}, locks: []string{"cabal.project.freeze"}, extra: []string{"cabal.project.local"}, outputs: []string{"dist-newstyle"}},
	{name: "cargo", read: readCargo},
	{name: "cargo-chef", manifests: []string{"recipe.json"}},
	{name: "clojure", manifests: []string{"deps.edn"}},
	{name: "composer", manifests: []string{"composer.json"}, locks: []string{"composer.lock"}, extra: []string{"auth.json", "symfony.lock"}, outputs: []string{"vendor"}, read: readComposer},
	{name: "conan", manifests: []string{"conanfile.txt", "conanfile.py"}, locks: []string{"conan.lock"}},
	{name: "conda", manifests: []string{"environment.yml", "environment.yaml"}, locks: []string{"conda-lock.yml", "conda-linux-64.lock"}, read: readConda},
	{name: "crystal", manifests: []string{"shard.yml"}, locks: []string{"shard.lock"}, extra: []string{"shard.override.yml"}, outputs: []string{"lib"}, read: readCrystal},
	{name: "dart", manifests: []string{"pubspec.yaml"}, locks: []string{"pubspec.lock"}, extra: []string{"pubspec_overrides.yaml"}, outputs: []string{".dart_tool"}, read: readDart},
	{name: "deno", manifests: []string{"deno.json", "deno.jsonc", "package.json", "import_map.json", "deps.ts"}, locks: []string{"deno.lock"}, extra: []string{".npmrc"}, outputs: []string{"node_modules", "vendor"}},
	{name: "dotnet", read: readDotnet},
	{name: "dotnet-tools", manifests: []string{".config/dotnet-tools.json", "dotnet-tools.json"}, extra: []string{"NuGet.config", "NuGet.Config", "nuget.config"}},
	{name: "gleam", manifests: []string{"gleam.toml"}, locks: []string{"manifest.toml"}, outputs: []string{"build"}, read: readGleam},
	{name: "go", read: readGo},
	{name: "gradle", outputs: []string{"build", ".gradle"}, read: readGradle},
	{name: "helm", manifests: []string{"Chart.yaml", "requirements.yaml"}, locks: []string{"Chart.lock", "requirements.lock"}, outputs: []string{"charts"}, read: readHelm},
	{name: "julia", manifests: []string{"Project.toml"}, locks: []string{"Manifest.toml"}},
	{name: "lein", manifests: []string{"project.clj"}, extra: []string{"profiles.clj"}},
	{name: "maven", read: readMaven},
	{name: "mill", manifests: []string{"build.mill", "build.sc"}, extra: []string{".mill-version", "mill", "mill-build/"}, outputs: []string{"out"}},
	{name: "mix", outputs: []string{"deps", "_build"}, read: readMix},
	{name: "nim", manifests: []string{"*.nimble"}, locks: []string{"nimble.lock"}},
	{name: "npm", manifests: []string{"package.json"}, locks: []string{"package-lock.json", "npm-shrinkwrap.json"}, extra: []string{".npmrc"}, outputs: []string{"node_modules"}, read: readNpm},
	{name: "nuget", manifests: []string{"*.sln", "packages.config"}, extra: []string{"NuGet.config", "NuGet.Config", "nuget.config"}, outputs: []string{"packages"}},
	{name: "opam", manifests: []string{"*.opam", "dune-project"}, locks: []string{"*.opam.locked"}, outputs: []string{"_opam"}},
	{name: "paket", manifests: []string{"paket.dependencies", "*/paket.references", "paket.references"}, locks: []string{"paket.lock"}, extra: []string{".config/dotnet-tools.json"}, outputs: []string{"packages", "paket-files"}},
	{name: "pdm", manifests: []string{"pyproject.toml"}, locks: []string{"pdm.lock"}, extra: []string{"pdm.toml", ".pdm-python"}, outputs: []string{".venv", "__pypackages__"}, read: readPdm},
	{name: "perl", manifests: []string{"cpanfile"}, locks: []string{"cpanfile.snapshot"}, outputs: []string{"local"}},
	{name: "pip", read: readPip},
	{name: "pipenv", manifests: []string{"Pipfile"}, locks: []string{"Pipfile.lock"}, outputs: []string{".venv"}, read: readPipenv},
	{name: "pixi", manifests: []string{"pixi.toml", "pyproject.toml"}, locks: []string{"pixi.lock"}, extra: []string{".pixi/config.toml"}, outputs: []string{".pixi"}},
	{name: "pnpm", manifests: []string{"package.json"}, locks: []string{"pnpm-lock.yaml"}, extra: []string{"pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs", ".corepack.env"}, outputs: []string{"node_modules"}, read: readPnpm},
	{name: "poetry", manifests: []string{"pyproject.toml"}, locks: []string{"poetry.lock"}, extra: []string{"poetry.toml"}, outputs: []string{".venv"}, read: readPoetry},
	{name: "rebar3", manifests: []string{"rebar.config", "rebar.config.script"}, locks: []string{"rebar.lock"}, outputs: []string{"_build"}},
	{name: "renv", manifests: []string{"DESCRIPTION", ".Rprofile", "renv/activate.R", "renv/settings.json", "renv/settings.dcf"}, locks: []string{"renv.lock"}, extra: []string{".Renviron", "renv/cellar/", "renv/local/"}, outputs: []string{"renv/library"}},
	{name: "sbt", manifests: []string{"build.sbt", "project/build.properties", "project/*.sbt", "project/*.scala"}, locks: []string{"build.sbt.lock"}, extra: []string{".sbtopts", ".jvmopts"}, outputs: []string{"target", "project/target"}},
	{name: "stack", manifests: []string{"stack.yaml", "package.yaml", "*.cabal"}, locks: []string{"stack.yaml.lock"}, outputs: []string{".stack-work"}},
	{name: "swift", manifests: []string{"Package.swift"}, locks: []string{"Package.resolved"}, outputs: []string{".build"}},
	{name: "terraform", manifests: []string{"*.tf", "*.tf.json"}, locks: []string{".terraform.lock.hcl"}, extra: []string{"terraform.d/"}, outputs: []string{".terraform"}, read: readTerraform},
	{name: "uv", manifests: []string{"pyproject.toml"}, locks: []string{"uv.lock"}, above: []string{"uv.toml", ".python-version", ".python-versions"}, outputs: []string{".venv"}, read: readUv},
	{name: "vcpkg", manifests: []string{"vcpkg.json"}, extra: []string{"vcpkg-configuration.json"}, outputs: []string{"vcpkg_installed"}},
	{name: "yarn", manifests: []string{"package.json"}, locks: []string{"yarn.lock"}, extra: []string{".corepack.env", ".yarnclean"}, outputs: []string{"node_modules"}, read: readYarn},
	{name: "zig", manifests: []string{"build.zig", "build.zig.zon"}, outputs: []string{".zig-cache"}},
}

// aliases are other names for a row.
var aliases = map[string]string{
	"ansible-galaxy": "ansible", "composer.phar": "composer", "dune": "opam", "elixir": "mix", "erlang": "rebar3",
	"flutter": "dart", "haskell": "cabal", "mamba": "conda", "micromamba": "conda", "nimble": "nim", "pip-tools": "pip",
	"r": "renv", "ruby": "bundler", "shards": "crystal",
}

func lookup(name string) (ecosystem, bool) {
	if to := aliases[name]; to != "" {
		name = to
	}
	i, ok := slices.BinarySearchFunc(ecosystems, name, func(e ecosystem, name string) int {
		return strings.Compare(e.name, name)
	})
	if !ok {
		return ecosystem{name: name}, false
	}
	return ecosystems[i], true
}

// leaves is what the tools of an ecosystem put into a project beside the outputs of an install, for those that
// leave something: caches of programs that have run.
var leaves = map[string][]string{
	"pdm":    {"__pycache__"},
	"pip":    {"__pycache__", ".venv"},
	"pipenv": {"__pycache__"},
	"poetry": {"__pycache__"},
	"uv":     {"__pycache__"},
}

// Outputs are the directories that an install of the ecosystem fills if its command does not say others,
// relative to its own.
func Outputs(ecosystem string) []string {
	eco, _ := lookup(ecosystem)
	return eco.outputs
}

// Leaves are the names of the folders that a developer's tools of the ecosystem are going to leave in the
// project: what they install and what they cache. There are none for an ecosystem that is not known.
func Leaves(ecosystem string) (names []string) {
	eco, _ := lookup(ecosystem)
	for _, out := range eco.outputs {
		if !strings.Contains(out, "/") {
			names = append(names, out)
		}
	}
	return append(names, leaves[eco.name]...)
}
