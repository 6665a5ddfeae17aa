package workspace

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"layerwise/build/sources"
	"layerwise/diagnostics"
	"layerwise/dockerfile/syntax"
)

// TestInferring: the folder that the text of api/web/Dockerfile tells to be its build context, if nothing builds it.
func TestInferring(t *testing.T) {
	for _, test := range []struct {
		name, text string
		files      []string
		packages   string // api/web/package.json
		want       string // "-": nothing is told
	}{
		{name: "the files that it names are above", text: "COPY api/web/package.json .", files: []string{"api/web/package.json"}, want: "."},
		{name: "the folder between", text: "COPY web/a common/b ./", files: []string{"api/web/a", "api/common/b"}, want: "api"},
		{name: "the own folder, if both fit", text: "COPY a .", files: []string{"api/web/a", "a"}, want: "api/web"},
		{name: "nothing fits", text: "COPY gone .", want: "-"},
		{name: "all is copied into an image of a project", text: "COPY . .\nRUN poetry config a b\nRUN poetry install", files: []string{"api/web/pyproject.toml", "pyproject.toml", "config/a"}, want: "api/web"},
		{name: "a project above", text: "COPY . .\nRUN npm ci", files: []string{"package.json", "package-lock.json", "api/web/x.conf"}, want: "."},
		{name: "a folder with the name of a program", text: "COPY . .\nRUN make", files: []string{"make/a", "Makefile"}, want: "-"},
		{
			name: "a package of a workspace", text: "COPY . .\nRUN pnpm install", files: []string{"package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml"},
			packages: `{"dependencies": {"ui": "workspace:*"}}`, want: ".",
		},
		{name: "a package of its own", text: "COPY . .\nRUN pnpm install", files: []string{"package.json", "pnpm-lock.yaml"}, packages: `{}`, want: "api/web"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "api", "web", "Dockerfile")
			bodies := map[string]string{path: "FROM debian:12\nWORKDIR /app\n" + test.text + "\n"}
			for _, name := range test.files {
				bodies[filepath.Join(dir, filepath.FromSlash(name))] = ""
			}
			if test.packages != "" {
				bodies[filepath.Join(dir, "api", "web", "package.json")] = test.packages
			}
			for name, body := range bodies {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c := Config{}.Knowing(&sources.Known{Root: dir}).inferring(path, syntax.Parse(bodies[path]))
			got := "-"
			if c.inferred != "" {
				rel, err := filepath.Rel(dir, c.inferred)
				if err != nil {
					t.Fatal(err)
				}
				got = filepath.ToSlash(rel)
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestNoContextAroundAnotherProject: what lies in a folder of copied projects, or of the data of tests, is not built from outside
// of it, whatever lies there.
func TestNoContextAroundAnotherProject(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Gemfile", "vendor/lib/x", "test/fixtures/app/x", "fixtures/x"} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for folder, want := range map[string]string{"vendor/lib": "", "test/fixtures/app": "", "test": dir, "fixtures": ""} {
		path := filepath.Join(dir, filepath.FromSlash(folder), "Dockerfile")
		c := Config{}.Knowing(&sources.Known{Root: dir}).inferring(path, syntax.Parse("FROM ruby:3.3\nCOPY Gemfile .\n"))
		if c.inferred != want {
			t.Errorf("%s: %q, want %q", folder, c.inferred, want)
		}
	}
}

// TestWhatAnotherBuildMakes: a named context that is the result of another target is an image to BuildKit.
func TestWhatAnotherBuildMakes(t *testing.T) {
	for where, want := range map[string]string{
		"/src": "local:a", "docker-image://alpine:3": "docker-image://alpine:3", "https://example.com/a.git": "https://example.com/a.git",
		"target:base": "docker-image://of-another-build", "service:base": "docker-image://of-another-build", "": "docker-image://of-another-build",
	} {
		if got := attribute("a", where); got != want {
			t.Errorf("%q: %s, want %s", where, got, want)
		}
	}
}

// TestFixesOfGuessedContexts: where the text names no file, no fix that rests on the folder is safe.
func TestFixesOfGuessedContexts(t *testing.T) {
	for copied, want := range map[string]diagnostics.Safety{
		"COPY . .":                      diagnostics.Suggested,
		"COPY web/index.js .\nCOPY . .": diagnostics.Safe,
	} {
		dir := t.TempDir()
		for name, body := range map[string]string{
			"package.json": `{"name": "app", "version": "1.0.0", "dependencies": {"x": "1.0.0"}}`, "web/index.js": "", ".dockerignore": ".git\ndocker\n.dockerignore\nnode_modules\n",
			"package-lock.json": `{"lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0", "dependencies": {"x": "1.0.0"}}, "node_modules/x": {"version": "1.0.0"}}}`,
		} {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		src := "FROM node:22\nWORKDIR /app\n" + copied + "\nRUN npm ci\nUSER node\n"
		path := filepath.Join(dir, "docker", "Dockerfile")
		s := NewFileSnapshot(path, src, Config{}.Knowing(&sources.Known{Root: dir}), nil)
		fixes := 0
		for _, d := range s.Diagnostics(context.Background()) {
			for _, fix := range d.Fixes() {
				if d.Rule.Name == "copy-before-install" {
					fixes++
					if fix.Safety != want {
						t.Errorf("%s: %s has safety %v, want %v", copied, fix.Title, fix.Safety, want)
					}
				}
			}
		}
		if fixes == 0 {
			t.Errorf("%s: no fix", copied)
		}
	}
}
