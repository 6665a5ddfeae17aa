package shell

import (
	"path"
	"slices"
	"strings"
)

// This file reads the commands of the tools that have more than a few forms.

func joined(c *call) string { return strings.Join(Texts(c.Words), " ") }

// omits reports whether npm or bun is told to leave development dependencies out.
func omits(c *call) bool {
	return slices.ContainsFunc(c.flags("--omit"), func(w Word) bool { return w.Text == "dev" })
}

// on reports whether one of the switches is given, and not as --switch=false.
func (c *call) on(names ...string) bool {
	value, _ := c.Flag(names...)
	return c.HasFlag(names...) && value.Text != "false"
}

func npm(c *call) *Install {
	switch {
	case c.is("ci", "clean-install", "install-clean", "ic"),
		c.is("install", "i", "add", "isntall") && len(c.operands) == 1 && !c.HasFlag("-g", "--global"):
		clean := c.is("ci", "clean-install", "install-clean", "ic")
		i := deps("npm", clean)
		i.CleansOutput, i.NeedsLock = clean, clean
		i.freezes("ci")
		only, _ := c.Flag("--only")
		i.Production = omits(c) || c.on("--production") || strings.HasPrefix(only.Text, "prod")
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
	case len(c.operands) == 0 && c.HasFlag("--version", "-v", "--help"):
		return nil
	case len(c.operands) == 0, c.is("install") && len(c.operands) == 1:
		frozen := c.on("--frozen-lockfile", "--immutable", "--pure-lockfile")
		i := deps("yarn", frozen)
		i.Phrase = "yarn install"
		i.freezes("--frozen-lockfile", "CI", "YARN_ENABLE_IMMUTABLE_INSTALLS")
		i.Production = c.on("--production", "--prod")
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
	case c.is("add", "global", "config", "cache", "set", "dlx", "plugin", "import"):
		return nil
	}
	return build("yarn")
}

func python(c *call) *Install {
	module, ok := c.module(lookup(c.Program))
	if !ok {
		if len(c.Words) > 1 && strings.HasSuffix(c.Words[1].Text, ".py") {
			return build("python")
		}
		return nil
	}
	switch module {
	case "pip":
		operands := c.operands
		if len(operands) > 0 && operands[0] == "pip" {
			operands = operands[1:]
		}
		return pipInstall(c, operands)
	case "build", "compileall":
		return build("python")
	case "pipenv", "pdm", "poetry", "uv":
		sub := &Command{Program: module, Words: c.Words[2:], Assigns: c.Assigns, Redirects: c.Redirects}
		return sub.readAs(lookup(module).install)
	}
	return nil
}

func pip(c *call) *Install { return pipInstall(c, c.operands) }

// pipInstall reads pip install; words are its operands from the sub-command on.
func pipInstall(c *call, words []string) *Install {
	if len(words) == 0 || words[0] != "install" && words[0] != "wheel" && words[0] != "download" {
		return nil
	}
	i := deps("pip", true)
	i.Phrase = "pip " + words[0]
	i.Files = append(c.flags("-r", "--requirement", "--requirements"), c.flags("-c", "--constraint")...)
	if editable := c.flags("-e", "--editable"); len(editable) > 0 && !strings.Contains(editable[0].Text, "://") {
		i.DepsOnly, i.Why = false, "pip installs the project itself"
	}
	for _, w := range words[1:] {
		if isLocalPath(w) {
			i.DepsOnly, i.Why = false, "pip installs "+w+" from the sources"
		}
	}
	if target, ok := c.Flag("-t", "--target", "--prefix", "--root", "-w", "--wheel-dir", "-d", "--dest"); ok {
		i.Outputs = []string{target.Text}
	} else if words[0] != "install" {
		i.Outputs = []string{"."}
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

var uvSettings = []string{"pyproject.toml", "uv.toml"}

func uv(c *call) *Install {
	switch {
	case c.is("sync"):
		i := deps("uv", c.HasFlag("--locked", "--frozen"))
		i.NeedsLock = i.Frozen
		i.freezes("--locked", "UV_LOCKED", "UV_FROZEN")
		if !c.HasFlag("--no-install-project", "--no-install-workspace", "--no-install-local", "--only-group", "--only-dev") {
			i.DepsOnly, i.Why = false, "uv installs the project itself unless --no-install-project is given"
		}
		i.Production, i.ProductionFlag = c.HasFlag("--no-dev", "--no-default-groups", "--only-group", "--no-group"), "--no-dev"
		i.ProductionEnv = []string{"UV_NO_DEV"}
		i.Dir = c.dir("--directory", "--project")
		return i
	case c.is("pip") && (c.sub(1) == "install" || c.sub(1) == "sync"):
		if c.sub(1) == "sync" {
			i := deps("pip", true)
			i.Files, i.Phrase, i.Settings = c.Operands()[2:], "uv pip sync", uvSettings
			return i
		}
		i := pipInstall(c, c.operands[1:])
		if i != nil {
			i.Phrase, i.Settings = "uv pip install", uvSettings
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
	case slices.ContainsFunc(c.Words, func(w Word) bool { return w.Text == "-P" }):
		return named(c.Program+" -P", deps("clojure", true))
	case strings.Contains(joined(c), "-T:") || strings.Contains(joined(c), "-X:"):
		return build("clojure")
	}
	return nil
}

func composer(c *call) *Install {
	switch {
	case c.is("install", "i"):
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
		case c.is("pub", "packages") && c.sub(1) == "get":
			i := deps("dart", c.HasFlag("--enforce-lockfile"))
			i.Phrase = phrase + " pub get"
			return i
		case c.is("compile", "run", "build"):
			return build("dart")
		}
		return nil
	}
}

// php reads php composer.phar install, and the scripts of frameworks, which boot the application.
func php(c *call) *Install {
	for n, w := range c.Words[1:] {
		switch path.Base(w.Text) {
		case "composer", "composer.phar":
			sub := &Command{Program: "composer", Words: c.Words[n+1:], Assigns: c.Assigns, Redirects: c.Redirects}
			return sub.readAs(composer)
		case "artisan", "console":
			return build("composer")
		}
	}
	return nil
}

func renv(c *call) *Install {
	if strings.Contains(joined(c), "renv::restore") {
		return named(c.Program+" renv::restore", deps("renv", true))
	}
	return nil
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
