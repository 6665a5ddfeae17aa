package shell

import (
	"slices"
	"strings"
)

// This file reads the installs and builds of the tools that have few forms, for the table. Sorted by program.

func ansibleGalaxy(c *call) *Install {
	if files := c.flags("-r", "--role-file"); len(files) > 0 {
		i := deps("ansible", true)
		i.Files = files
		return i
	}
	return nil
}

func bun(c *call) *Install {
	switch {
	case c.is("install", "i", "ci") && len(c.operands) == 1:
		i := deps("bun", c.on("--frozen-lockfile") || c.is("ci"))
		i.Production, i.ProductionFlag = c.on("--production", "-p") || omits(c), "--production"
		if !c.HasFlag("--production", "-p") { // which keeps to it
			i.freezes("--frozen-lockfile")
		}
		i.ProductionEnv = []string{"NODE_ENV=production"}
		i.Dir = c.dir("--cwd")
		return i
	case c.is("run", "build", "x"):
		return build("bun")
	}
	return nil
}

func bundle(c *call) *Install {
	switch {
	case c.is("install") || len(c.Words) == 1:
		i := deps("bundler", c.HasFlag("--deployment", "--frozen"))
		if without, ok := c.Flag("--without"); ok {
			i.Production = bundlerLeavesOutDev(strings.Join(append(c.operands, without.Text), " "))
		}
		i.ProductionEnv = []string{"BUNDLE_WITHOUT", "BUNDLE_ONLY"}
		return i
	case c.is("exec"):
		return build("bundler")
	}
	return nil
}

// GemGroups reads a list of groups as BUNDLE_WITHOUT and bundle install --without have it.
func GemGroups(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ' ' || r == ',' })
}

// bundlerLeavesOutDev reports whether a list of groups that Bundler is told to leave out, as in BUNDLE_WITHOUT,
// holds both that are for development: development and test.
func bundlerLeavesOutDev(groups string) bool {
	list := GemGroups(groups)
	return slices.Contains(list, "development") && slices.Contains(list, "test")
}

func bunx(*call) *Install { return build("bun") }

func cabal(c *call) *Install {
	switch {
	case c.is("build", "install", "new-build", "v2-build") && c.HasFlag("--only-dependencies", "--dependencies-only"):
		return named("cabal "+c.sub(0)+" --only-dependencies", deps("cabal", false))
	case c.is("build", "install", "new-build", "v2-build", "new-install", "v2-install"):
		return build("cabal")
	}
	return nil
}

func cargo(c *call) *Install {
	switch {
	case c.is("fetch"):
		return deps("cargo", c.HasFlag("--locked", "--frozen"))
	case c.is("chef") && c.sub(1) == "cook":
		return deps("cargo-chef", true)
	case c.is("chef") && c.sub(1) == "prepare":
		return build("cargo")
	case c.is("build", "b", "test", "run", "rustc", "check") || c.is("install") && c.HasFlag("--path"):
		return build("cargo")
	}
	return nil
}

func carton(c *call) *Install {
	if c.is("install") {
		return deps("perl", c.HasFlag("--deployment"))
	}
	return nil
}

func conan(c *call) *Install {
	if c.is("install") {
		return deps("conan", false)
	}
	return nil
}

func condaLock(c *call) *Install {
	if c.is("install") {
		i := deps("conda", true)
		i.Files = c.Operands()[1:]
		return i
	}
	return nil
}

func cpanm(c *call) *Install {
	if c.HasFlag("--installdeps") {
		return named("cpanm --installdeps", deps("perl", true))
	}
	return nil
}

func deno(c *call) *Install {
	switch {
	case c.is("install", "i") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"):
		return deps("deno", c.HasFlag("--frozen"))
	case c.is("cache"):
		return impure("deno", "deno cache reads the modules that it is given")
	case c.is("task", "compile", "run"):
		return build("deno")
	}
	return nil
}

func dotnet(c *call) *Install {
	switch {
	case c.is("restore"):
		i := deps("dotnet", c.HasFlag("--locked-mode"))
		i.Files = append(i.Files, c.Operands()[1:]...)
		return i
	case c.is("build", "publish", "test", "pack", "run"):
		i := build("dotnet")
		i.RecordsCommit = c.is("build", "publish", "pack")
		return i
	case c.is("paket") && c.sub(1) == "restore":
		return deps("paket", true)
	case c.is("tool") && c.sub(1) == "restore":
		return named("dotnet tool restore", deps("dotnet-tools", true))
	}
	return nil
}

func dune(c *call) *Install { return build("opam") }

func gleam(c *call) *Install {
	switch {
	case c.is("deps") && c.sub(1) == "download":
		return deps("gleam", false)
	case c.is("build", "export"):
		return build("gleam")
	}
	return nil
}

func golang(c *call) *Install {
	switch {
	case c.is("mod") && (c.sub(1) == "download" || c.sub(1) == "verify") && len(c.operands) == 2:
		i := deps("go", false)
		i.Phrase, i.Dir = "go mod "+c.sub(1), c.dir("-C")
		return i
	case c.is("mod") && c.sub(1) == "vendor":
		return impure("go", "go mod vendor reads the imports of the sources")
	case c.is("build", "test", "generate", "vet", "run") || c.is("install") && !strings.Contains(strings.Join(c.operands, " "), "@"):
		i := build("go")
		i.RecordsCommit = c.is("build", "install") && !c.HasFlag("-buildvcs=false")
		return i
	}
	return nil
}

func helm(c *call) *Install {
	if c.is("dependency", "dependencies", "dep") && (c.sub(1) == "build" || c.sub(1) == "update" || c.sub(1) == "up") {
		return deps("helm", c.sub(1) == "build")
	}
	return nil
}

func julia(c *call) *Install {
	if strings.Contains(joined(c), "Pkg.instantiate") {
		return named("julia Pkg.instantiate", deps("julia", true))
	}
	return nil
}

func lein(c *call) *Install {
	switch {
	case c.is("deps"):
		return deps("lein", true)
	case c.is("uberjar", "compile", "jar"):
		return build("lein")
	}
	return nil
}

func mill(c *call) *Install {
	if strings.HasSuffix(c.sub(0), "prepareOffline") {
		return deps("mill", true)
	}
	return build("mill")
}

func mix(c *call) *Install {
	switch {
	case c.is("deps.get"):
		i := deps("mix", c.HasFlag("--check-locked"))
		i.Production, i.ProductionFlag = c.HasFlag("--only"), "--only prod"
		i.ProductionEnv = []string{"MIX_ENV"}
		return i
	case c.is("deps.compile"):
		return impure("mix", "mix deps.compile reads the configuration of the project")
	case c.is("compile", "release", "assets.deploy", "phx.digest"):
		return build("mix")
	}
	return nil
}

func nimble(c *call) *Install {
	switch {
	case c.is("install") && c.HasFlag("-d", "--depsOnly"):
		return named("nimble install -d", deps("nim", false))
	case c.is("build"):
		return build("nim")
	}
	return nil
}

func nuget(c *call) *Install {
	if c.is("restore") {
		return deps("nuget", true)
	}
	return nil
}

func opam(c *call) *Install {
	if c.is("install") && c.HasFlag("--deps-only") {
		return named("opam install --deps-only", deps("opam", c.HasFlag("--locked")))
	}
	return nil
}

func pdm(c *call) *Install {
	switch {
	case c.is("install", "sync"):
		i := deps("pdm", c.is("sync") || c.HasFlag("--check", "--frozen-lockfile", "--no-lock"))
		if !c.HasFlag("--no-self") {
			i.DepsOnly, i.Why = false, "pdm installs the project itself unless --no-self is given"
		}
		i.Hooks = c.is("install")
		i.Production, i.ProductionFlag = c.HasFlag("--prod", "--production", "--no-default"), "--prod"
		i.Dir = c.dir("-p", "--project")
		return i
	case c.is("build"):
		return build("pdm")
	}
	return nil
}

func pipSync(c *call) *Install {
	i := deps("pip", true)
	if i.Files, i.Phrase = c.Operands(), "pip-sync"; len(i.Files) == 0 {
		i.Files = []Word{{Text: "requirements.txt", Literal: true}}
	}
	return i
}

func pipenv(c *call) *Install {
	switch {
	case c.is("sync") || c.is("install") && len(c.operands) == 1:
		i := deps("pipenv", c.is("sync") || c.HasFlag("--deploy", "--ignore-pipfile"))
		i.Production = !c.HasFlag("--dev", "-d")
		i.freezes("--deploy")
		return i
	case c.is("run"):
		return build("pipenv")
	}
	return nil
}

func pixi(c *call) *Install {
	if c.is("install") {
		return deps("pixi", c.HasFlag("--frozen", "--locked"))
	}
	return nil
}

func pnpm(c *call) *Install {
	switch {
	case c.is("install", "i") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"), c.is("fetch"):
		i := deps("pnpm", c.on("--frozen-lockfile") || c.is("fetch"))
		if i.NeedsLock = i.Frozen; c.is("fetch") {
			i.LockOnly, i.Lock = true, "pnpm-lock.yaml"
		}
		if !c.HasFlag("--no-frozen-lockfile", "--fix-lockfile") {
			i.freezes("--frozen-lockfile", "CI")
		}
		i.Production, i.ProductionFlag = c.on("--prod", "-P", "--production"), "--prod"
		i.ProductionEnv = []string{"NODE_ENV=production", "npm_config_production"}
		i.Dir = c.dir("-C", "--dir")
		return i
	case c.is("build", "run", "exec", "deploy", "test", "dlx", "turbo"):
		return build("pnpm")
	}
	return nil
}

func poetry(c *call) *Install {
	switch {
	case c.is("install", "sync"):
		i := deps("poetry", true)
		if !c.Has(NoProject) {
			i.DepsOnly, i.Why = false, "poetry installs the project itself unless --no-root is given"
		}
		i.Production, i.ProductionFlag = c.HasFlag("--only", "--without", "--no-dev"), "--only main"
		i.Dir = c.dir("-C", "--directory")
		return i
	case c.is("build", "run"):
		return build("poetry")
	}
	return nil
}

func rebar3(c *call) *Install {
	switch {
	case c.is("get-deps") || c.is("compile") && c.HasFlag("--deps_only"):
		return deps("rebar3", false)
	case c.is("compile", "release", "tar", "as"):
		return build("rebar3")
	}
	return nil
}

func sbt(c *call) *Install {
	if c.is("update") && len(c.operands) == 1 {
		return deps("sbt", true)
	}
	return build("sbt")
}

func shards(c *call) *Install {
	switch {
	case c.is("install"):
		i := deps("crystal", c.HasFlag("--frozen"))
		i.Production, i.ProductionFlag = c.HasFlag("--production", "--without-development"), "--production"
		return i
	case c.is("build"):
		return build("crystal")
	}
	return nil
}

func stack(c *call) *Install {
	switch {
	case c.is("build", "install") && c.HasFlag("--only-dependencies", "--dependencies-only"):
		return named("stack "+c.sub(0)+" --only-dependencies", deps("stack", false))
	case c.is("setup"):
		return deps("stack", false)
	case c.is("build", "install"):
		return build("stack")
	}
	return nil
}

func swift(c *call) *Install {
	switch {
	case c.is("package") && c.sub(1) == "resolve":
		return deps("swift", c.HasFlag("--force-resolved-versions"))
	case c.is("build", "test"):
		return build("swift")
	}
	return nil
}

func terraform(c *call) *Install {
	if c.is("init") {
		return deps("terraform", strings.Contains(joined(c), "-lockfile=readonly"))
	}
	return nil
}

func vcpkg(c *call) *Install {
	if c.is("install") && len(c.operands) == 1 {
		return deps("vcpkg", true)
	}
	return nil
}

func zig(c *call) *Install {
	if c.is("build") {
		if c.HasFlag("--fetch") {
			return named("zig build --fetch", deps("zig", true))
		}
		return build("zig")
	}
	return nil
}

func npx(*call) *Install { return build("npm") }
