package manifests

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/cases"
)

// TestRead runs the cases of testdata/*.txtar: NAME/run is the command, with "in DIR:" before it if it does
// not run in the context's root, or "in DIR at WORKDIR:" if its directory in the image is known; NAME/env is
// what ENV and ARG set, a line each, without "=" if the build gives the value; NAME/want is what it reads; the
// rest is the context.
func TestRead(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { cases.Run(t, name, readCase) })
	}
}

func readCase(t *testing.T, c cases.Case) string {
	context := c.Without("run", "want", "env")
	for name, body := range context {
		if strings.HasPrefix(body, "-> ") { // a link
			context[name] = strings.TrimSpace(body)
		}
	}
	run := strings.TrimSpace(c.Files["run"])
	dir, workdir := ".", ""
	if rest, ok := strings.CutPrefix(run, "in "); ok {
		dir, run, _ = strings.Cut(rest, ": ")
		dir, workdir, _ = strings.Cut(dir, " at ")
	}
	options := Options{Dir: dir, Workdir: workdir, Env: variables(c.Files["env"])}
	return describe(ReadWith(files.InMemory(context), install(t, run), options))
}

// TestReadIsNotStale asks one install in turn, of other contexts, directories and variables. The last answer is kept with
// it, and is given for the same question only.
func TestReadIsNotStale(t *testing.T) {
	npm := install(t, "npm ci")
	both := files.InMemory(map[string]string{"package.json": "{}", "package-lock.json": "{}", "web/package.json": "{}"})
	other := files.InMemory(map[string]string{"package.json": `{"scripts": {"postinstall": "x"}}`})
	for range 2 {
		for _, ask := range []struct {
			bc *files.Context
			Options
		}{
			{both, Options{Dir: "."}}, {both, Options{Dir: "web"}}, {other, Options{Dir: "."}},
			{both, Options{Dir: ".", Env: []Var{{"NPM_CONFIG_USERCONFIG", "/x", true}}}},
			{both, Options{Dir: ".", Env: []Var{{"NPM_CONFIG_USERCONFIG", "", false}}}},
		} {
			got, want := describe(ReadWith(ask.bc, npm, ask.Options)), describe(ReadWith(ask.bc, install(t, "npm ci"), ask.Options))
			if got != want {
				t.Errorf("%+v: got\n%s\nwant\n%s", ask.Options, got, want)
			}
		}
	}
}

func variables(lines string) (env []Var) {
	for _, line := range strings.Fields(lines) {
		name, value, known := strings.Cut(line, "=")
		env = append(env, Var{name, value, known})
	}
	return env
}

// install reads a command as RUN would.
func install(t testing.TB, run string) *shell.Install {
	for _, in := range syntax.Parse("FROM scratch\nRUN " + run + "\n").Instructions {
		if in.Name != "RUN" {
			continue
		}
		for _, c := range shell.Of(in, []string{"/bin/sh", "-c"}).Commands {
			if inst, ok := c.Install(); ok {
				return inst
			}
		}
	}
	t.Fatalf("%q is no install", run)
	return nil
}

func describe(in Inputs) string {
	var b strings.Builder
	for _, f := range in.Files {
		fmt.Fprintf(&b, "reads %s\n", f)
	}
	for _, dir := range in.Folders {
		fmt.Fprintf(&b, "reads all of %s\n", dir)
	}
	for _, out := range in.Outputs {
		fmt.Fprintf(&b, "fills %s\n", out)
	}
	for _, p := range in.Writes {
		fmt.Fprintf(&b, "writes %s\n", p)
	}
	for _, s := range in.Scripts {
		fmt.Fprintf(&b, "runs %s of %s, which needs %s\n", s.Name, s.File, cmp.Or(strings.Join(s.Programs, ", "), "nothing"))
	}
	if len(in.Vars) > 0 && !slices.Contains(in.Vars, "version") { // that of the .NET SDK are many
		fmt.Fprintf(&b, "expands %s\n", strings.Join(in.Vars, ", "))
	}
	if in.AnyVar {
		b.WriteString("may read any variable\n")
	}
	if in.OutputIsLink != "" {
		fmt.Fprintf(&b, "link %s\n", in.OutputIsLink)
	}
	switch {
	case in.Never:
		fmt.Fprintf(&b, "never: %s\n", in.Why)
	case in.Proven:
		b.WriteString("proven\n")
	default:
		fmt.Fprintf(&b, "not proven: %s\n", in.Why)
	}
	return b.String()
}

func TestTableIsSorted(t *testing.T) {
	if !slices.IsSortedFunc(ecosystems, func(a, b ecosystem) int { return strings.Compare(a.name, b.name) }) {
		t.Error("ecosystems is not sorted by name")
	}
	for _, list := range [][]string{implicitNames, redirectNames, outputNames, outputVars, requirementVars, sdkProperties} {
		if !slices.IsSorted(list) {
			for i := range list[1:] {
				if list[i] > list[i+1] {
					t.Errorf("%s stands before %s", list[i], list[i+1])
				}
			}
		}
	}
	for alias, name := range aliases {
		if eco, ok := lookup(alias); !ok || eco.name != name {
			t.Errorf("alias %s leads to no row", alias)
		}
	}
}

// TestReadsVar: whether an install may depend on a variable, by what its files say.
func TestReadsVar(t *testing.T) {
	for _, c := range []struct {
		run, file, text string
		reads, ignores  string
	}{
		{"npm ci", ".npmrc", "//npm.acme.dev/:_authToken=${CI_JOB_TOKEN}", "CI_JOB_TOKEN", "CI_COMMIT_SHA"},
		{"npm ci", ".npmrc", "//npm.acme.dev/:_authToken=${NPM_KEY?}", "NPM_KEY", "NPM"},
		{"npm ci", "package.json", `{"scripts": {"postinstall": "echo $GIT_SHA > sha"}}`, "GIT_SHA", "OTHER"},
		{"npm ci", "package.json", `{"scripts": {"postinstall": "node tell.js"}}`, "ANYTHING", ""},
		{"npm ci", "package.json", `{"scripts": {"build": "echo $GIT_SHA"}}`, "", "GIT_SHA"},
		{"npm ci --ignore-scripts", "package.json", `{"scripts": {"postinstall": "node tell.js"}}`, "", "ANYTHING"},
		{"yarn install --immutable", ".yarnrc.yml", "npmAuthToken: ${TOKEN:-none}", "TOKEN", "none"},
		{"pip install -r requirements.txt", "requirements.txt", "git+https://u:${TOKEN}@git.acme.dev/lib", "TOKEN", "u"},
		{"pip install -r requirements.txt", "requirements.txt", "lib @ https://acme.dev/$TOKEN/lib.whl", "", "TOKEN"}, // pip wants braces
		{"pip install -e .", "setup.py", "import os\nV = os.environ['RELEASE']", "RELEASE", "COMMIT"},
		{"pip install -e ./lib", "lib/setup.py", "", "ANYTHING", ""},
		{"pip install -e .", "setup.py", "import os\nfor k in os.environ: print(k)", "ANYTHING", ""},
		{"bundle install", "Gemfile", `gem "x", ENV.fetch("RELEASE")`, "RELEASE", "COMMIT"},
		{"bundle install", "Gemfile", `gem "x", ENV[name]`, "ANYTHING", ""},
		{"bundle install", "Gemfile", `gem "x"`, "", "ENVIRONMENT"},
		{"mix deps.get", "mix.exs", `{:x, System.get_env("X_VERSION")}`, "X_VERSION", "COMMIT"},
		{"mvn dependency:go-offline", "pom.xml", "<project><version>${env.RELEASE}</version></project>", "RELEASE", "env"},
		{"dotnet restore", "App.csproj", "<Project><PropertyGroup><V>$(Release)</V></PropertyGroup></Project>", "RELEASE", "COMMIT"},
		{"dotnet restore", "App.csproj", "<Project/>", "VERSION", "COMMIT"}, // the SDK itself reads $(Version)
		{"gradle dependencies", "build.gradle", `version = System.getenv("RELEASE")`, "RELEASE", "COMMIT"},
		{"gradle dependencies", "build.gradle.kts", `version = providers.environmentVariable("RELEASE").get()`, "RELEASE", "COMMIT"},
		{"gradle dependencies", "build.gradle", `System.getenv().each { println it }`, "ANYTHING", ""},
		{"conan install .", "conanfile.py", `v = os.getenv("RELEASE")`, "RELEASE", "COMMIT"},
		{"composer install", "composer.json", `{"scripts": {"post-install-cmd": ["@php artisan x"]}}`, "ANYTHING", ""},
		{"go mod download", "go.mod", "module m", "", "COMMIT"},
	} {
		in := Read(files.InMemory(map[string]string{"package.json": "{}", "pyproject.toml": "", c.file: c.text}), ".", install(t, c.run))
		if c.reads != "" && !in.ReadsVar(c.reads) {
			t.Errorf("%s with %s %q does not read %s", c.run, c.file, c.text, c.reads)
		}
		if c.ignores != "" && in.ReadsVar(c.ignores) {
			t.Errorf("%s with %s %q reads %s: %v", c.run, c.file, c.text, c.ignores, in.Vars)
		}
	}
}

// TestScripts: the programs that a lifecycle script needs.
func TestScripts(t *testing.T) {
	for script, want := range map[string]string{
		"husky install":                        "husky",
		"husky || true":                        "",
		"is-ci || husky":                       "is-ci husky",
		"husky install || exit 0; tsc":         "tsc",
		"patch-package && ngcc":                "patch-package ngcc",
		"echo done":                            "",
		"npm run build":                        "tsc",
		"npm run build || true":                "",
		"npx husky":                            "husky",
		"./node_modules/.bin/tsc":              "tsc",
		"node scripts/post.js":                 "node",
		"test -d .git && husky || echo no git": "",
	} {
		body := fmt.Sprintf(`{"scripts": {"prepare": %q, "build": "tsc"}}`, script)
		in := Read(files.InMemory(map[string]string{"package.json": body}), ".", install(t, "npm ci"))
		if len(in.Scripts) != 1 {
			t.Errorf("%s: %v", script, in.Scripts)
		} else if got := strings.Join(in.Scripts[0].Programs, " "); got != want {
			t.Errorf("%s needs %q, not %q", script, want, got)
		}
	}
}

func TestEnv(t *testing.T) {
	for _, name := range []string{"PATH", "http_proxy", "npm_config_cache", "GOFLAGS", "TARGETARCH", "LC_ALL", "CFLAGS", "MIX_ENV"} {
		if !ImplicitEnv(name) {
			t.Errorf("ImplicitEnv(%s) = false", name)
		}
	}
	for _, name := range []string{"APP_VERSION", "PORT", "COMMIT"} {
		if ImplicitEnv(name) {
			t.Errorf("ImplicitEnv(%s) = true", name)
		}
	}
	for name, value := range map[string]string{
		"PIP_CONSTRAINT": "c.txt", "GOFLAGS": "-mod=mod -modfile=other.mod", "NODE_OPTIONS": "--require ./x.js", "BUNDLE_GEMFILE": "Gemfile.ci",
		"npm_config_userconfig": "/app/.npmrc",
	} {
		if !RedirectsInputs(name) || !Redirects(name, value) {
			t.Errorf("%s=%s redirects inputs", name, value)
		}
	}
	if Redirects("NODE_OPTIONS", "--max-old-space-size=4096") || RedirectsInputs("NODE_ENV") {
		t.Error("a variable without files redirects")
	}
}

// BenchmarkRead reads a workspace of 200 members in a context of 20,000 files.
func BenchmarkRead(b *testing.B) {
	context := map[string]string{
		"package.json": `{"workspaces": ["packages/*"]}`, "package-lock.json": `{"lockfileVersion": 3, "packages": {}}`,
	}
	for member := range 200 {
		dir := fmt.Sprintf("packages/p%d/", member)
		context[dir+"package.json"] = `{"dependencies": {"ms": "^2"}}`
		for file := range 100 {
			context[fmt.Sprintf("%ssrc/f%d.js", dir, file)] = ""
		}
	}
	c, inst := files.InMemory(context), install(b, "npm ci")
	b.ResetTimer()
	for b.Loop() {
		if in := Read(c, ".", inst); !in.Proven || len(in.Files) != 202 {
			b.Fatal(in.Why)
		}
	}
}

// TestChangedManifest: what was decoded of a file counts until its text changes.
func TestChangedManifest(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "package.json")
	for file, text := range map[string]string{"package.json": "{}", "package-lock.json": `{"lockfileVersion": 3}`} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lister := new(files.Lister)
	for _, step := range []struct {
		text   string
		proven bool
	}{
		{`{"name": "a"}`, true},
		{`{"name": "a", "scripts": {"postinstall": "node x.js"}}`, false},
		{`{"name": `, false},
		{`{"name": "a"}`, true},
	} {
		c, err := lister.List(t.Context(), dir, files.Options{Overlay: map[string]string{name: step.text}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if in := Read(c, ".", install(t, "npm ci")); in.Proven != step.proven {
				t.Errorf("%s: %+v", step.text, in)
			}
		}
	}
}

// TestEmptyMember has a workspace with a folder that is empty, as a submodule is before it is checked out.
func TestEmptyMember(t *testing.T) {
	for pattern, want := range map[string]string{
		"packages/*":  "packages/extra is empty here, and may be a submodule that is not checked out",
		"packages/**": "packages/extra is empty here, and may be a submodule that is not checked out",
		"packages/a":  "",
	} {
		root := t.TempDir()
		for name, body := range map[string]string{
			"package.json":            `{"workspaces":["` + pattern + `"]}`,
			"package-lock.json":       `{"lockfileVersion":3,"packages":{}}`,
			"packages/a/package.json": `{"name":"a"}`,
		} {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(filepath.Join(root, "packages", "extra"), 0o755); err != nil {
			t.Fatal(err)
		}
		c, err := new(files.Lister).List(t.Context(), root, files.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if in := Read(c, ".", install(t, "npm ci")); in.Why != want {
			t.Errorf("%s: not proven because %q, want %q", pattern, in.Why, want)
		}
	}
}
