package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestWrite: all changes are made, or none is; and no other file is left behind.
func TestWrite(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(dir string) error // what happened after the files were read
		want    error
	}{
		{"nothing in the way", func(string) error { return nil }, nil},
		{"changed meanwhile", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM other\n"), 0o644)
		}, errChanged},
		{"removed meanwhile", func(dir string) error {
			return os.Remove(filepath.Join(dir, "Dockerfile"))
		}, os.ErrNotExist},
		{"created meanwhile", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte("mine\n"), 0o644)
		}, errExists},
		{"created meanwhile, as a dead link", func(dir string) error {
			return os.Symlink("nowhere", filepath.Join(dir, ".dockerignore"))
		}, os.ErrNotExist},
		{"read-only", func(dir string) error {
			return os.Chmod(filepath.Join(dir, "Dockerfile"), 0o444)
		}, errReadOnly},
		{"replaced by a folder", func(dir string) error {
			path := filepath.Join(dir, "Dockerfile")
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o755))
		}, errNotRegular},
		{"replaced by a link to the outside", func(dir string) error {
			path := filepath.Join(dir, "Dockerfile")
			outside := filepath.Join(filepath.Dir(dir), "outside")
			return errors.Join(os.Remove(path), os.WriteFile(outside, []byte("FROM a\n"), 0o644), os.Symlink(outside, path))
		}, errLinkOutside},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "project")
			dockerfile, ignore := filepath.Join(dir, "Dockerfile"), filepath.Join(dir, ".dockerignore")
			if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(dockerfile, []byte("FROM a\n"), 0o600), tt.prepare(dir)); err != nil {
				t.Fatal(err)
			}
			before := list(t, dir)
			err := write([]change{
				{name: ".dockerignore", path: ignore, root: dir, after: "node_modules\n", create: true},
				{name: "Dockerfile", path: dockerfile, root: dir, before: "FROM a\n", after: "FROM b\n"},
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			after := list(t, dir)
			if tt.want != nil {
				if !slices.Equal(after, before) {
					t.Errorf("the folder has changed: %q, was %q", after, before)
				}
				return
			}
			if want := []string{".dockerignore: node_modules\n", "Dockerfile: FROM b\n"}; !slices.Equal(after, want) {
				t.Errorf("the folder has %q, want %q", after, want)
			}
			if info, err := os.Stat(dockerfile); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the mode is %v, error %v", info.Mode(), err)
			}
		})
	}
}

// list tells what a folder holds.
func list(t *testing.T, dir string) (files []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		body, _ := os.ReadFile(filepath.Join(dir, e.Name())) // links to nowhere and folders have none
		files = append(files, e.Name()+": "+string(body))
	}
	return files
}

// TestInterrupted: a report that did not become whole takes no place, and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{"Dockerfile": "FROM a:1\n", "log.sarif": "old"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := list(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opts := Options{Paths: []string{filepath.Join(dir, "Dockerfile")}, Format: "text", Outputs: []string{
		"sarif=" + filepath.Join(dir, "log.sarif"), "json=" + filepath.Join(dir, "new.json"),
	}, WriteBaseline: filepath.Join(dir, "known.json")}
	if code := Check(ctx, opts, Streams{Out: io.Discard, Err: io.Discard}); code != Failed {
		t.Errorf("exit code %d", code)
	}
	if after := list(t, dir); !slices.Equal(after, before) {
		t.Errorf("the folder holds %q, and held %q", after, before)
	}
}
