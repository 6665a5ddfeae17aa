package shell

import (
	"slices"
	"strings"
)

// Install is a command that installs what a manifest of the project names, or builds the project.
type Install struct {
	Command        *Command
	Ecosystem      string   // "npm", "yarn", "pip", "poetry", "go", "cargo", "maven" …
	Phrase         string   // for messages: "pip install", "npm ci"
	Build          bool     // it compiles or runs the project: it is no install at all
	DepsOnly       bool     // it reads manifests and lock files only, never the sources
	Frozen         bool     // it does not write the lock file
	Why            string   // if not DepsOnly: the reason, as the end of a sentence
	Files          []Word   // files that options name: -r requirements.txt, -f environment.yml
	Outputs        []string // directories that an option makes it fill, relative to its directory; otherwise the ecosystem's own
	CleansOutput   bool     // it deletes its output directory first (npm ci)
	Production     bool     // its own flags leave development dependencies out
	ProductionFlag string   // the flag that would, e.g. "--omit=dev"; "" if the tool has none
	ProductionEnv  []string // variables that do so too: "NODE_ENV=production"; without "=", any value
	Dir            Word     // the directory that an option makes it work in; Span empty if none does
}

// Install reads the command by the table of package managers and build tools. ok is false for all
// other commands, and for those that install named packages only (pip install flask).
func (c *Command) Install() (inst *Install, ok bool) {
	if c.InSubst || len(c.Words) == 0 {
		return nil, false
	}
	read := tools[c.Program]
	switch {
	case read != nil:
	case isPython(c.Program):
		read = python
	case strings.HasPrefix(c.Program, "pip") && strings.Trim(c.Program[3:], "0123456789.") == "":
		read = pip
	default:
		return nil, false
	}
	i := read(&call{Command: c, operands: texts(c.Operands())})
	if i == nil {
		return nil, false
	}
	i.Command = c
	if i.Phrase == "" {
		i.Phrase = strings.Join(append([]string{c.Program}, firstWords(c)...), " ")
	}
	return i, true
}

// firstWords are the words of a phrase: the sub-command, or the option that stands for it.
func firstWords(c *Command) []string {
	operands := texts(c.Operands())
	if len(operands) > 1 && slices.Contains([]string{"env", "package", "pub", "dependency", "recipe", "workspaces", "deps", "chef"}, operands[0]) {
		return operands[:2]
	}
	if len(operands) > 0 {
		return operands[:1]
	}
	return nil
}

// call is a command with its operands at hand.
type call struct {
	*Command
	operands []string
}

func texts(words []Word) (list []string) {
	for _, w := range words {
		list = append(list, w.Text)
	}
	return list
}

// sub is the nth operand; "" if there is none.
func (c *call) sub(n int) string {
	if n < len(c.operands) {
		return c.operands[n]
	}
	return ""
}

func (c *call) is(names ...string) bool { return slices.Contains(names, c.sub(0)) }

// dir is the value of the first given option that names the working directory.
func (c *call) dir(flags ...string) Word {
	w, _ := c.Flag(flags...)
	return w
}

func build(ecosystem string) *Install { return &Install{Ecosystem: ecosystem, Build: true} }

func deps(ecosystem string, frozen bool) *Install {
	return &Install{Ecosystem: ecosystem, DepsOnly: true, Frozen: frozen}
}

func impure(ecosystem, why string) *Install { return &Install{Ecosystem: ecosystem, Why: why} }

// tools is the table: programs and how their commands are read. Sorted by program.
var tools = map[string]func(*call) *Install{
	"ansible-galaxy": func(c *call) *Install {
		if files := c.flags("-r", "--role-file"); len(files) > 0 {
			i := deps("ansible", true)
			i.Files = files
			return i
		}
		return nil
	},
	"bun": func(c *call) *Install {
		switch {
		case c.is("install", "i", "ci") && len(c.operands) == 1:
			i := deps("bun", c.HasFlag("--frozen-lockfile") || c.is("ci"))
			i.Production, i.ProductionFlag = c.HasFlag("--production", "-p") || omits(c), "--production"
			i.ProductionEnv = []string{"NODE_ENV=production"}
			i.Dir = c.dir("--cwd")
			return i
		case c.is("run", "build", "x"):
			return build("bun")
		}
		return nil
	},
	"bundle": func(c *call) *Install {
		switch {
		case c.is("install") || len(c.Words) == 1:
			i := deps("bundler", c.HasFlag("--deployment", "--frozen"))
			i.Production = c.HasFlag("--without") || c.HasFlag("--deployment")
			i.ProductionEnv = []string{"BUNDLE_WITHOUT", "BUNDLE_DEPLOYMENT", "BUNDLE_ONLY", "RAILS_ENV"}
			return i
		case c.is("exec"):
			return build("bundler")
		}
		return nil
	},
	"cabal": func(c *call) *Install {
		switch {
		case c.is("build", "install") && c.HasFlag("--only-dependencies", "--dependencies-only"):
			return deps("cabal", false)
		case c.is("build", "install", "new-build"):
			return build("cabal")
		}
		return nil
	},
	"cargo": func(c *call) *Install {
		switch {
		case c.is("fetch"):
			return deps("cargo", c.HasFlag("--locked", "--frozen"))
		case c.is("build", "b", "test", "run", "rustc", "check") || c.is("install") && c.HasFlag("--path"):
			return build("cargo")
		}
		return nil
	},
	"carton": func(c *call) *Install {
		if c.is("install") {
			return deps("perl", c.HasFlag("--deployment"))
		}
		return nil
	},
	"clj": clojure, "clojure": clojure,
	"composer": composer, "composer.phar": composer,
	"conan": func(c *call) *Install {
		if c.is("install") {
			return deps("conan", false)
		}
		return nil
	},
	"conda": conda, "mamba": conda, "micromamba": conda,
	"conda-lock": func(c *call) *Install {
		if c.is("install") {
			return deps("conda", true)
		}
		return nil
	},
	"cpanm": func(c *call) *Install {
		if c.HasFlag("--installdeps") {
			return deps("perl", true)
		}
		return nil
	},
	"dart": pub("dart"), "flutter": pub("flutter"),
	"deno": func(c *call) *Install {
		switch {
		case c.is("install") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"):
			return deps("deno", c.HasFlag("--frozen"))
		case c.is("cache"):
			return impure("deno", "deno cache reads the modules that it is given")
		case c.is("task", "compile", "run"):
			return build("deno")
		}
		return nil
	},
	"dotnet": func(c *call) *Install {
		switch {
		case c.is("restore"):
			i := deps("dotnet", c.HasFlag("--locked-mode"))
			i.Files = append(i.Files, c.Operands()[1:]...)
			return i
		case c.is("build", "publish", "test", "pack", "run"):
			return build("dotnet")
		case c.is("paket") && c.sub(1) == "restore":
			return deps("paket", true)
		}
		return nil
	},
	"dune": func(c *call) *Install { return build("opam") },
	"gleam": func(c *call) *Install {
		switch {
		case c.is("deps") && c.sub(1) == "download":
			return deps("gleam", false)
		case c.is("build", "export"):
			return build("gleam")
		}
		return nil
	},
	"go": func(c *call) *Install {
		switch {
		case c.is("mod") && (c.sub(1) == "download" || c.sub(1) == "verify") && len(c.operands) == 2:
			i := deps("go", false)
			i.Phrase, i.Dir = "go mod "+c.sub(1), c.dir("-C")
			return i
		case c.is("mod") && c.sub(1) == "vendor":
			return impure("go", "go mod vendor reads the imports of the sources")
		case c.is("build", "test", "generate", "vet", "run") || c.is("install") && !strings.Contains(strings.Join(c.operands, " "), "@"):
			return build("go")
		}
		return nil
	},
	"gradle": gradle, "gradlew": gradle,
	"helm": func(c *call) *Install {
		if c.is("dependency", "dep") && (c.sub(1) == "build" || c.sub(1) == "update") {
			return deps("helm", c.sub(1) == "build")
		}
		return nil
	},
	"julia": func(c *call) *Install {
		if strings.Contains(joined(c), "Pkg.instantiate") {
			return deps("julia", true)
		}
		return nil
	},
	"lein": func(c *call) *Install {
		switch {
		case c.is("deps"):
			return deps("lein", true)
		case c.is("uberjar", "compile", "jar"):
			return build("lein")
		}
		return nil
	},
	"mill": func(c *call) *Install {
		if strings.HasSuffix(c.sub(0), "prepareOffline") {
			return deps("mill", true)
		}
		return build("mill")
	},
	"mix": func(c *call) *Install {
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
	},
	"mvn": maven, "mvnw": maven,
	"nimble": func(c *call) *Install {
		switch {
		case c.is("install") && c.HasFlag("-d", "--depsOnly"):
			return deps("nim", false)
		case c.is("build"):
			return build("nim")
		}
		return nil
	},
	"npm": npm, "npx": func(*call) *Install { return build("npm") },
	"nuget": func(c *call) *Install {
		if c.is("restore") {
			return deps("nuget", true)
		}
		return nil
	},
	"opam": func(c *call) *Install {
		if c.is("install") && c.HasFlag("--deps-only") {
			return deps("opam", c.HasFlag("--locked"))
		}
		return nil
	},
	"pdm": func(c *call) *Install {
		switch {
		case c.is("install", "sync"):
			i := deps("pdm", c.is("sync") || c.HasFlag("--check", "--frozen-lockfile", "--no-lock"))
			if !c.HasFlag("--no-self") {
				i.DepsOnly, i.Why = false, "pdm installs the project itself unless --no-self is given"
			}
			i.Production, i.ProductionFlag = c.HasFlag("--prod", "--production", "--no-default"), "--prod"
			i.Dir = c.dir("-p", "--project")
			return i
		case c.is("build"):
			return build("pdm")
		}
		return nil
	},
	"pip-sync": func(c *call) *Install {
		i := deps("pip", true)
		i.Files, i.Phrase = c.Operands(), "pip-sync"
		return i
	},
	"pipenv": func(c *call) *Install {
		switch {
		case c.is("sync") || c.is("install") && len(c.operands) == 1:
			i := deps("pipenv", c.is("sync") || c.HasFlag("--deploy", "--ignore-pipfile"))
			i.Production = !c.HasFlag("--dev", "-d")
			return i
		case c.is("run"):
			return build("pipenv")
		}
		return nil
	},
	"pixi": func(c *call) *Install {
		if c.is("install") {
			return deps("pixi", c.HasFlag("--frozen", "--locked"))
		}
		return nil
	},
	"pnpm": func(c *call) *Install {
		switch {
		case c.is("install", "i") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"), c.is("fetch"):
			i := deps("pnpm", c.HasFlag("--frozen-lockfile") || c.is("fetch"))
			i.Production, i.ProductionFlag = c.HasFlag("--prod", "-P", "--production"), "--prod"
			i.ProductionEnv = []string{"NODE_ENV=production", "npm_config_production"}
			i.Dir = c.dir("-C", "--dir")
			return i
		case c.is("build", "run", "exec", "deploy", "test", "dlx", "turbo"):
			return build("pnpm")
		}
		return nil
	},
	"poetry": func(c *call) *Install {
		switch {
		case c.is("install", "sync"):
			i := deps("poetry", true)
			if !c.HasFlag("--no-root") {
				i.DepsOnly, i.Why = false, "poetry installs the project itself unless --no-root is given"
			}
			i.Production, i.ProductionFlag = c.HasFlag("--only", "--without", "--no-dev"), "--only main"
			i.Dir = c.dir("-C", "--directory")
			return i
		case c.is("build", "run"):
			return build("poetry")
		}
		return nil
	},
	"rebar3": func(c *call) *Install {
		switch {
		case c.is("get-deps") || c.is("compile") && c.HasFlag("--deps_only"):
			return deps("rebar3", false)
		case c.is("compile", "release", "tar", "as"):
			return build("rebar3")
		}
		return nil
	},
	"Rscript": func(c *call) *Install {
		if strings.Contains(joined(c), "renv::restore") {
			return deps("renv", true)
		}
		return nil
	},
	"R": func(c *call) *Install {
		if strings.Contains(joined(c), "renv::restore") {
			return deps("renv", true)
		}
		return nil
	},
	"sbt": func(c *call) *Install {
		if c.is("update") && len(c.operands) == 1 {
			return deps("sbt", true)
		}
		return build("sbt")
	},
	"shards": func(c *call) *Install {
		switch {
		case c.is("install"):
			i := deps("crystal", c.HasFlag("--frozen"))
			i.Production, i.ProductionFlag = c.HasFlag("--production", "--without-development"), "--production"
			return i
		case c.is("build"):
			return build("crystal")
		}
		return nil
	},
	"stack": func(c *call) *Install {
		switch {
		case c.is("build") && c.HasFlag("--only-dependencies", "--dependencies-only"), c.is("setup"):
			return deps("stack", false)
		case c.is("build", "install"):
			return build("stack")
		}
		return nil
	},
	"swift": func(c *call) *Install {
		switch {
		case c.is("package") && c.sub(1) == "resolve":
			return deps("swift", c.HasFlag("--force-resolved-versions"))
		case c.is("build", "test"):
			return build("swift")
		}
		return nil
	},
	"terraform": func(c *call) *Install {
		if c.is("init") {
			return deps("terraform", strings.Contains(joined(c), "-lockfile=readonly"))
		}
		return nil
	},
	"uv": uv,
	"vcpkg": func(c *call) *Install {
		if c.is("install") && len(c.operands) == 1 {
			return deps("vcpkg", true)
		}
		return nil
	},
	"yarn": yarn,
	"zig": func(c *call) *Install {
		if c.is("build") {
			if c.HasFlag("--fetch") {
				return deps("zig", true)
			}
			return build("zig")
		}
		return nil
	},
}

func joined(c *call) string { return strings.Join(texts(c.Words), " ") }

// omits reports whether npm or bun is told to leave development dependencies out.
func omits(c *call) bool {
	return slices.ContainsFunc(c.flags("--omit"), func(w Word) bool { return w.Text == "dev" })
}

func npm(c *call) *Install {
	switch {
	case c.is("ci", "clean-install", "install-clean", "ic"),
		c.is("install", "i", "add", "isntall") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"):
		clean := c.is("ci", "clean-install", "install-clean", "ic")
		i := deps("npm", clean)
		i.CleansOutput = clean
		only, _ := c.Flag("--only")
		i.Production = omits(c) || c.HasFlag("--production") || strings.HasPrefix(only.Text, "prod")
		i.ProductionFlag = "--omit=dev"
		i.ProductionEnv = []string{"NODE_ENV=production", "npm_config_omit", "NPM_CONFIG_OMIT", "NPM_CONFIG_PRODUCTION"}
		i.Dir = c.dir("--prefix", "-C")
		return i
	case c.is("run", "run-script", "test", "t", "start", "exec", "build", "rebuild", "pack"):
		return build("npm")
	}
	return nil
}

func yarn(c *call) *Install {
	switch {
	case len(c.operands) == 0 && !c.HasFlag("--version", "-v", "--help"), c.is("install") && len(c.operands) == 1:
		frozen := c.HasFlag("--frozen-lockfile", "--immutable", "--pure-lockfile")
		i := deps("yarn", frozen)
		i.Phrase = "yarn install"
		i.Production = c.HasFlag("--production", "--prod")
		if !c.HasFlag("--immutable") {
			i.ProductionFlag = "--production"
		}
		i.ProductionEnv = []string{"NODE_ENV=production", "YARN_PRODUCTION"}
		i.Dir = c.dir("--cwd")
		return i
	case c.is("workspaces") && c.sub(1) == "focus":
		i := deps("yarn", true)
		i.Production = c.HasFlag("--production")
		return i
	case c.is("add", "global", "config", "cache", "set", "dlx", "--version", "plugin", "import"):
		return nil
	}
	return build("yarn")
}

func python(c *call) *Install {
	if len(c.Words) < 3 || c.Words[1].Text != "-m" {
		if len(c.Words) > 1 && strings.HasSuffix(c.Words[1].Text, ".py") {
			return build("python")
		}
		return nil
	}
	switch module := c.Words[2].Text; module {
	case "pip":
		operands := c.operands
		if len(operands) > 0 && operands[0] == "pip" {
			operands = operands[1:]
		}
		return pipInstall(c, operands)
	case "build", "compileall":
		return build("python")
	}
	return nil
}

func pip(c *call) *Install { return pipInstall(c, c.operands) }

// pipInstall reads pip install; words are its operands from the sub-command on.
func pipInstall(c *call, words []string) *Install {
	if len(words) == 0 || words[0] != "install" {
		return nil
	}
	i := deps("pip", true)
	i.Phrase = "pip install"
	i.Files = append(c.flags("-r", "--requirement", "--requirements"), c.flags("-c", "--constraint")...)
	if editable := c.flags("-e", "--editable"); len(editable) > 0 && !strings.Contains(editable[0].Text, "://") {
		i.DepsOnly, i.Why = false, "pip installs the project itself"
	}
	for _, w := range words[1:] {
		if isLocalPath(w) {
			i.DepsOnly, i.Why = false, "pip installs "+w+" from the sources"
		}
	}
	if target, ok := c.Flag("-t", "--target", "--prefix", "--root"); ok {
		i.Outputs = []string{target.Text}
	}
	if i.DepsOnly && len(c.flags("-r", "--requirement", "--requirements")) == 0 {
		return nil // named packages only
	}
	return i
}

// isLocalPath reports whether an operand of pip is a path of the project.
func isLocalPath(w string) bool {
	w, _, _ = strings.Cut(w, "[")
	return w == "." || strings.HasPrefix(w, "./") || strings.HasPrefix(w, "../") || strings.HasPrefix(w, "/") ||
		strings.HasSuffix(w, ".whl") || strings.HasSuffix(w, ".tar.gz") && !strings.Contains(w, "://") || strings.HasPrefix(w, "file:")
}

func uv(c *call) *Install {
	switch {
	case c.is("sync"):
		i := deps("uv", c.HasFlag("--locked", "--frozen"))
		if !c.HasFlag("--no-install-project", "--no-install-workspace", "--no-install-local") {
			i.DepsOnly, i.Why = false, "uv installs the project itself unless --no-install-project is given"
		}
		i.Production, i.ProductionFlag = c.HasFlag("--no-dev", "--no-default-groups", "--only-group"), "--no-dev"
		i.ProductionEnv = []string{"UV_NO_DEV"}
		i.Dir = c.dir("--directory", "--project")
		return i
	case c.is("pip") && (c.sub(1) == "install" || c.sub(1) == "sync"):
		if c.sub(1) == "sync" {
			i := deps("pip", true)
			i.Files, i.Phrase = c.Operands()[2:], "uv pip sync"
			return i
		}
		i := pipInstall(c, c.operands[1:])
		if i != nil {
			i.Phrase = "uv pip install"
		}
		return i
	case c.is("run", "build"):
		return build("uv")
	}
	return nil
}

func conda(c *call) *Install {
	env := c.is("env") && (c.sub(1) == "create" || c.sub(1) == "update")
	if files := c.flags("-f", "--file"); (env || c.is("install", "create", "update")) && (env || len(files) > 0) {
		i := deps("conda", true)
		i.Files = files
		return i
	}
	return nil
}

func clojure(c *call) *Install {
	switch {
	case c.HasFlag("-P"):
		return deps("clojure", true)
	case strings.Contains(joined(c), "-T:") || strings.Contains(joined(c), "-X:"):
		return build("clojure")
	}
	return nil
}

func composer(c *call) *Install {
	switch {
	case c.is("install"):
		i := deps("composer", true)
		i.Production, i.ProductionFlag = c.HasFlag("--no-dev"), "--no-dev"
		i.ProductionEnv = []string{"COMPOSER_NO_DEV"}
		i.Dir = c.dir("-d", "--working-dir")
		return i
	case c.is("dump-autoload", "dumpautoload", "run-script", "exec"):
		return build("composer")
	}
	return nil
}

func pub(phrase string) func(*call) *Install {
	return func(c *call) *Install {
		switch {
		case c.is("pub") && c.sub(1) == "get":
			i := deps("dart", c.HasFlag("--enforce-lockfile"))
			i.Phrase = phrase + " pub get"
			return i
		case c.is("compile", "run", "build"):
			return build("dart")
		}
		return nil
	}
}

func maven(c *call) *Install {
	goals := c.operands
	if len(goals) == 0 {
		return nil
	}
	only := !slices.ContainsFunc(goals, func(g string) bool {
		return !strings.HasPrefix(g, "dependency:") && !strings.Contains(g, "maven-dependency-plugin") || strings.Contains(g, "copy")
	})
	if only {
		i := deps("maven", true)
		i.Files, i.Phrase = c.flags("-s", "--settings"), c.Program+" "+goals[0]
		return i
	}
	return build("maven")
}

func gradle(c *call) *Install {
	switch {
	case c.is("dependencies", "resolveDependencies", "downloadDependencies") && len(c.operands) == 1:
		return deps("gradle", true)
	case len(c.operands) == 0:
		return nil
	}
	return build("gradle")
}

// DropsDevDeps reports whether the command removes development dependencies that an install before
// it brought.
func (c *Command) DropsDevDeps() bool {
	operands := c.Operands()
	if len(operands) == 0 {
		return false
	}
	switch c.Program {
	case "npm", "pnpm":
		return operands[0].Text == "prune" || operands[0].Text == "deploy"
	case "yarn":
		return operands[0].Text == "workspaces"
	}
	return false
}
