package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"layerwise/build/files"
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
			c, _ := Config{}.Knowing(&sources.Known{Root: dir}).inferring(path, syntax.Parse(bodies[path]), new(files.Lister))
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
		c, _ := Config{}.Knowing(&sources.Known{Root: dir}).inferring(path, syntax.Parse("FROM ruby:3.3\nCOPY Gemfile .\n"), new(files.Lister))
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

// TestInferenceFollows: the context that a Dockerfile's text tells follows the text and the disk.
func TestInferenceFollows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "docker", "Dockerfile")
	put(t, filepath.Join(dir, "go.mod"), "module m\n")
	put(t, filepath.Join(dir, ".git", "HEAD"), "")
	put(t, path, "FROM alpine\n")
	w := New()
	w.Open("file:///d", path, "Dockerfile", "dockerfile", 1, "FROM alpine\nCOPY nothing .\n")
	context := func() string {
		w.Renew(t.Context(), "file:///d", true, nil)
		rel, err := filepath.Rel(dir, w.Snapshot("file:///d").Builds()[0].Context)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(rel)
	}
	if got := context(); got != "docker" {
		t.Errorf("context %s of a text that tells nothing", got)
	}
	w.Change("file:///d", 2, func(d *Draft) { d.Replace("FROM alpine\nCOPY go.mod .\n") })
	if got := context(); got != "." {
		t.Errorf("context %s after the text names a file", got)
	}
	w.Change("file:///d", 3, func(d *Draft) { d.Replace("FROM alpine\nCOPY go.sum .\n") })
	if got := context(); got != "docker" {
		t.Errorf("context %s while the file is not there", got)
	}
	put(t, filepath.Join(dir, "go.sum"), "")
	if got := context(); got != "." {
		t.Errorf("context %s after the file was made", got)
	}
}

// TestInferenceBesideAll: contexts are inferred while documents are opened, changed and closed, and the answers to the
// last texts stay.
func TestInferenceBesideAll(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".git/HEAD", "main.go", "compose.yaml"} {
		put(t, filepath.Join(dir, filepath.FromSlash(name)), "")
	}
	w := New()
	uri := func(i int) string { return fmt.Sprint("file:///", i) }
	path := func(i int) string { return filepath.Join(dir, fmt.Sprint("docker", i), "Dockerfile") }
	var all sync.WaitGroup
	const documents = 4
	for i := range documents {
		w.Open(uri(i), path(i), "Dockerfile", "dockerfile", 1, "FROM alpine\n")
	}
	for i := range documents {
		all.Go(func() {
			for range 20 {
				w.Renew(t.Context(), uri(i), true, nil)
				w.Snapshot(uri(i)).Build(t.Context())
			}
		})
	}
	for n := range 20 { // an editor sends these one after the other
		for i := range documents {
			w.Change(uri(i), int32(n), func(d *Draft) { d.Replace("FROM alpine\nCOPY nothing" + fmt.Sprint(n) + " .\n") })
		}
		w.Touched(filepath.Join(dir, "compose.yaml"))
		w.Configure(Config{BuildArgs: map[string]string{"N": fmt.Sprint(n)}})
		w.Open("file:///x", path(99), "Dockerfile", "dockerfile", 1, "FROM alpine\nCOPY main.go .\n")
		w.Close("file:///x")
	}
	for i := range documents {
		w.Change(uri(i), 100, func(d *Draft) { d.Replace("FROM alpine\nCOPY main.go .\n") })
	}
	all.Wait()
	for i := range documents {
		w.Renew(t.Context(), uri(i), true, nil)
		if b := w.Snapshot(uri(i)).Build(t.Context()); b.Context != dir || b.Certainty != Inferred {
			t.Errorf("document %d: context %s, certainty %d", i, b.Context, b.Certainty)
		}
	}
}

// put makes a file.
func put(t *testing.T, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}
