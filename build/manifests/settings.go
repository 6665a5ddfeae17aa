package manifests

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/internal/words"
)

// Var is an environment variable in effect where an install runs.
type Var struct {
	Name, Value string
	Known       bool // the value is; a build may give an argument any
}

// environment is what ENV and ARG set, with the assignments before the command in their place.
func environment(env []Var, cmd *shell.Command) []Var {
	if cmd == nil || len(cmd.Assigns) == 0 {
		return env
	}
	env = slices.Clone(env)
	for _, a := range cmd.Assigns {
		v := Var{Name: a.Name, Value: a.Value.Text, Known: a.Value.Literal}
		if i := slices.IndexFunc(env, func(e Var) bool { return e.Name == a.Name }); i >= 0 {
			env[i] = v
		} else {
			env = append(env, v)
		}
	}
	return env
}

// lookup finds a variable by its upper-case name.
func (r *reader) lookup(name string) (Var, bool) {
	for _, v := range r.env {
		if upperName(v.Name) == name {
			return v, true
		}
	}
	return Var{}, false
}

// settings follows the variables that name further inputs.
func (r *reader) settings() {
	for _, v := range r.env {
		switch {
		case !RedirectsInputs(v.Name) || !r.concerned(v.Name):
		case !v.Known:
			r.doubtVar(v)
		case Redirects(v.Name, v.Value):
			r.follow(v)
		}
	}
}

func (r *reader) doubtVar(v Var) {
	r.doubt("%s may name further files that %s reads", v.Name, words.Code(r.inst.Phrase))
}

// follow reads what a variable of known value names.
func (r *reader) follow(v Var) {
	if shell.HoldsOptions(upperName(v.Name)) || strings.Contains(v.Value, "$") {
		r.doubtVar(v)
		return
	}
	name := upperName(v.Name)
	for _, value := range strings.Fields(v.Value) {
		if isURL(value) && !strings.HasPrefix(value, "file:") {
			continue
		}
		to, ok := r.toDir(value)
		if p := r.in(to); !ok {
			r.doubtVar(v)
		} else if !inside(p) {
			continue // a file of the image: no COPY of this directory brings it
		} else if name == "PIP_FIND_LINKS" || name == "UV_FIND_LINKS" {
			r.pip().findLinks(to, r.dir, v.Name)
		} else if slices.Contains(requirementVars, name) {
			if r.require(&r.manifests, p, v.Name) {
				r.pip().file(p, 0)
			}
		} else if name == "NPM_CONFIG_USERCONFIG" || name == "NPM_CONFIG_GLOBALCONFIG" {
			if r.require(&r.others, p, v.Name) {
				r.npmrc(p)
			}
		} else if name != "BUNDLE_GEMFILE" || r.eco.name != "bundler" { // the reader of Gemfiles has followed it
			if e, there := r.c.Lookup(p); there && !e.Mode.IsDir() {
				r.add(&r.others, p)
			}
			r.doubtVar(v)
		}
	}
}

// requirementVars hold lists of requirements files; sorted.
var requirementVars = []string{"PIP_BUILD_CONSTRAINT", "PIP_CONSTRAINT", "PIP_REQUIREMENT", "UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_OVERRIDE"}

func (r *reader) pip() *pipReader { return &pipReader{reader: r, by: map[string]bool{}} }

// npmrc doubts the list for the settings of a file that name other ones.
func (r *reader) npmrc(p string) {
	n := nodeProject{reader: r}
	n.configFile(p)
}

// concerned reports whether the tools of the install's ecosystem read the variable. Of an ecosystem that
// is not in the table it is not known, so they do.
func (r *reader) concerned(name string) bool {
	name = upperName(name)
	i := slices.IndexFunc(readers, func(row readersOf) bool { return strings.HasPrefix(name, row.prefix) })
	return i < 0 || r.eco.name == "" || !slices.ContainsFunc(readers, func(row readersOf) bool { return slices.Contains(row.ecosystems, r.eco.name) }) ||
		slices.Contains(readers[i].ecosystems, r.eco.name)
}

type readersOf struct {
	prefix     string
	ecosystems []string
}

var (
	nodeTools   = []string{"bun", "deno", "npm", "pnpm", "yarn"}
	pythonTools = []string{"ansible", "conan", "conda", "pdm", "pip", "pipenv", "poetry", "uv"}
	javaTools   = []string{"clojure", "gradle", "lein", "maven", "mill", "sbt"}
)

// readers says which ecosystems read the variables that begin with a prefix; sorted by prefix.
var readers = []readersOf{
	{"BUNDLE_", []string{"bundler"}},
	{"CARGO_", []string{"cargo", "cargo-chef"}},
	{"COMPOSER", []string{"composer"}},
	{"CONDA", []string{"conda"}},
	{"DENO_", []string{"deno"}},
	{"DOTNET_", []string{"dotnet", "dotnet-tools", "nuget", "paket"}},
	{"GOENV", []string{"go"}},
	{"GOFLAGS", []string{"go"}},
	{"GOWORK", []string{"go"}},
	{"GRADLE_", []string{"gradle"}},
	{"JAVA_", javaTools},
	{"JDK_", javaTools},
	{"JULIA_", []string{"julia"}},
	{"MAVEN_", []string{"maven"}},
	{"MIX_", []string{"mix"}},
	{"NODE_", nodeTools},
	{"NPM_CONFIG_", nodeTools},
	{"PDM_", []string{"pdm"}},
	{"PERL", []string{"perl"}},
	{"PIPENV_", []string{"pipenv"}},
	{"PIP_", pythonTools},
	{"PNPM_", nodeTools},
	{"PYTHON", pythonTools},
	{"RENV_", []string{"renv"}},
	{"RUBY", []string{"bundler"}},
	{"R_", []string{"renv"}},
	{"TF_", []string{"terraform"}},
	{"UV_", []string{"pip", "uv"}},
	{"YARN_", nodeTools},
}
