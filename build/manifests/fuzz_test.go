package manifests

import (
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"

	"golang.org/x/tools/txtar"
)

// fuzzRuns are commands that look into their manifests.
var fuzzRuns = map[string]string{
	"Cargo.toml": "cargo fetch --locked", "Cargo.lock": "cargo fetch --locked", "Gemfile": "bundle install", "Pipfile": "pipenv sync",
	"App.csproj": "dotnet restore", "App.sln": "dotnet restore", "App.slnx": "dotnet restore", "Chart.yaml": "helm dependency build",
	"composer.json": "composer install", "environment.yml": "conda env create -f environment.yml", "gleam.toml": "gleam deps download",
	"go.mod": "go mod download", "go.sum": "go mod download", "go.work": "go mod download", "main.tf": "terraform init", "mix.exs": "mix deps.get",
	"package-lock.json": "npm ci", "package.json": "npm install", "pnpm-workspace.yaml": "pnpm install", "pom.xml": "mvn dependency:go-offline",
	"pubspec.yaml": "dart pub get", "pyproject.toml": "uv sync --locked --no-install-project", "requirements.txt": "pip install -r requirements.txt",
	"settings.gradle": "gradle dependencies", "shard.yml": "shards install", "nuget.config": "dotnet restore",
	"poetry.lock": "poetry install --no-root", "uv.lock": "uv sync --locked --no-install-project", ".yarnrc.yml": "yarn install --immutable", "yarn.lock": "yarn",
}

// FuzzRead puts any text in the place of a manifest. Whatever it is, the answer must make sense: all
// files are in the context and not ignored, none is named twice, there is a reason for each doubt, and what
// is written stays in the context.
func FuzzRead(f *testing.F) {
	names := sortedKeys(fuzzRuns)
	for i, name := range names {
		f.Add(uint8(i), "")
		f.Add(uint8(i), "\xff\xfe{\x00")
		for _, file := range []string{"npm", "pip", "go", "cargo", "uv", "maven", "dotnet"} {
			archive, err := txtar.ParseFile("testdata/" + file + ".txtar")
			if err != nil {
				f.Fatal(err)
			}
			for _, section := range archive.Files {
				if strings.HasSuffix(section.Name, "/"+name) && !strings.Contains(string(section.Data), "-> ") {
					f.Add(uint8(i), string(section.Data))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		name := names[int(which)%len(names)]
		context := map[string]string{
			"package.json": "{}", "package-lock.json": "{}", "pyproject.toml": "", "go.mod": "module m", "Cargo.toml": "[workspace]", "App.csproj": "<Project/>",
			"a/package.json": "{}", "a/Cargo.toml": "[package]", "a/go.mod": "module a", "a/pom.xml": "<project/>", "a/requirements.txt": "-r ../requirements.txt",
			"secret.txt": "", ".dockerignore": "secret.txt",
		}
		context[name] = text
		c := files.InMemory(context)
		in := Read(c, ".", install(t, fuzzRuns[name]))
		if in.Proven == (in.Why != "") {
			t.Errorf("proven %v, but %q", in.Proven, in.Why)
		}
		if in.Never && in.Proven {
			t.Error("proven, and never")
		}
		if strings.Contains(in.Why, "\n") {
			t.Errorf("the reason has several lines: %q", in.Why)
		}
		for _, dir := range in.Folders {
			if _, ok := c.Lookup(dir); dir != "." && !ok {
				t.Errorf("reads the folder %q, which is not there", dir)
			}
		}
		for _, p := range in.Writes {
			if !inside(p) {
				t.Errorf("writes %q, outside of the context", p)
			}
		}
		for _, s := range in.Scripts {
			if s.File == "" || s.Name == "" || s.Text == "" || slices.Contains(s.Programs, "") {
				t.Errorf("runs %+v", s)
			}
		}
		if !slices.IsSorted(in.Vars) || slices.Contains(in.Vars, "") {
			t.Errorf("reads the variables %q", in.Vars)
		}
		for i, p := range in.Files {
			if !c.Exists(p) {
				t.Errorf("reads %q, which COPY does not deliver", p)
			}
			if slices.Contains(in.Files[:i], p) {
				t.Errorf("reads %q twice", p)
			}
		}
	})
}
