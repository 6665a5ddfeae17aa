//go:build unix

package sources

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestComposeLinksAndPipes reads projects with links that lead out, and a pipe that nobody writes to.
func TestComposeLinksAndPipes(t *testing.T) {
	outside := t.TempDir()
	for name, text := range map[string]string{"compose.yaml": "services: {secret: {build: .}}\n", ".env": "A=secret\n", "Dockerfile": "FROM x\n"} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir := writeFiles(t, map[string]string{
		"own/compose.yaml":  "include: [../linked.yaml]\nservices: {a: {extends: {file: ../linked.yaml, service: secret}, build: {context: ., args: [A]}}}\n",
		"own/Dockerfile":    "FROM x\n",
		"real/compose.yaml": "services: {b: {build: ../linked}}\n",
	})
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	link(filepath.Join(outside, "compose.yaml"), "linked.yaml")
	link(filepath.Join(outside, "compose.yaml"), "compose.yaml")
	link(filepath.Join(outside, ".env"), "own/.env")
	link(outside, "linked")
	link("own", "below")
	if err := syscall.Mkfifo(filepath.Join(dir, "docker-compose.yml"), 0o644); err != nil {
		t.Skip(err)
	}
	files, err := NewFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	r := Read(context.Background(), files, []string{"below/compose.yaml", "compose.yaml", "docker-compose.yml", "linked/compose.yaml", "own/compose.yaml", "real/compose.yaml"})
	got := lines(r)
	for _, b := range r.Builds {
		if b.Name == "secret" || b.Args["A"] != nil {
			t.Errorf("it was read outside: %v", b)
		}
	}
	want := []string{`below/compose.yaml:2 compose "a": below/Dockerfile`, `own/compose.yaml:2 compose "a": own/Dockerfile`, "linked.yaml"}
	for _, part := range append(want, "compose.yaml:1: this file was not read: it lies outside of the workspace") {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
}
