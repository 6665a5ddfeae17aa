//go:build unix

package files_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"layerwise/build/files"
)

// TestHostile lists what an attacker may plant in a context: nothing outside is read, nothing waits.
func TestHostile(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret": "SECRET"})
	root := t.TempDir()
	write(t, root, map[string]string{
		"a": "-> b", "b": "-> a", "up": "-> ..", "secret": "-> " + outside + "/secret", "folder": "-> " + outside,
		"self": "-> .", "name\nwith newline": "x", "fine": "-> real", "real": "R",
	})
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := scan(t, root, files.Options{})
	for _, name := range []string{"secret", "folder/secret", "up/x", "fifo", "a", "self", "../secret", "/etc/passwd"} {
		if body, err := c.Read(name); err == nil {
			t.Errorf("Read(%q) gives %q", name, body)
		}
	}
	if body, err := c.Read("fine"); err != nil || body != "R" {
		t.Errorf("a link inside the context: %q, %v", body, err)
	}
	if n := c.Select([]string{"."}, nil).Files; n != 10 {
		t.Errorf("%d files", n)
	}
	c.Select([]string{"a", "self", "up", "folder"}, nil) // ends
}

// TestHostileIgnoreFile puts what is no ignore file in the place of one: what the build takes in is
// not known then, so there is no context. Nothing outside is read, nothing waits.
func TestHostileIgnoreFile(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret": "SECRET"})
	for _, name := range []string{".dockerignore", "Dockerfile.dockerignore"} {
		for want, plant := range map[string]func(path string) error{
			"outside of its folder":    func(path string) error { return os.Symlink(outside+"/secret", path) },
			"too many levels":          func(path string) error { return os.Symlink(name, path) },
			"not a regular file":       func(path string) error { return syscall.Mkfifo(path, 0o644) },
			"more than 10000 patterns": func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("a\n"), 10_001), 0o644) },
			"larger than 1 MiB":        func(path string) error { return os.WriteFile(path, make([]byte, 1<<20+1), 0o644) },
		} {
			root := t.TempDir()
			if err := plant(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
			_, err := new(files.Lister).List(t.Context(), root, files.Options{Dockerfile: filepath.Join(root, "Dockerfile")})
			if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s: %s", err, name, want)
			}
		}
	}
}
