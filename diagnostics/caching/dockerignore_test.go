package caching_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestTrackedIsNoOutput: a folder that looks like an output is none if git tracks something in it.
func TestTrackedIsNoOutput(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"Dockerfile": "FROM python:3.12-slim\nCOPY . .\n", ".dockerignore": "Dockerfile\n.dockerignore\n.git\n",
		"main.py": "x", "docs/.turbo/kept": "x", "app/__pycache__/a.pyc": "x",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := func() string {
		bc, err := new(files.Lister).List(context.Background(), dir, files.Options{Dockerfile: filepath.Join(dir, "Dockerfile")})
		if err != nil {
			t.Fatal(err)
		}
		g := stages.Resolve(syntax.Parse("FROM python:3.12-slim\nCOPY . .\n"), stages.Args{}, nil)
		var messages []string
		for _, d := range diagnostics.Run(context.Background(), diagnostics.Input{
			Rules: catalog.Rules(), Path: filepath.Join(dir, "Dockerfile"), Graph: g, Build: diagnostics.Build{Context: bc},
		}, nil).Diagnostics {
			if d.Rule.Name == "dockerignore-outputs" {
				messages = append(messages, d.Message)
			}
		}
		return strings.Join(messages, "\n")
	}
	if got := found(); !strings.Contains(got, "app/__pycache__ and docs/.turbo") {
		t.Errorf("without a repository: %q", got)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "docs"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if got := found(); !strings.Contains(got, "takes app/__pycache__,") {
		t.Errorf("with docs/.turbo tracked: %q", got)
	}
}
