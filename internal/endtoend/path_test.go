//go:build unix

package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPath: a Layerwise of the machine's own is not found by the programs that are tested; what lies
// beside it is.
func TestPath(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"layerwise", "docker-langserver", "other"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	t.Setenv("PATH", Path(t))
	for name, want := range map[string]bool{"layerwise": false, "docker-langserver": false, "other": true, "sh": true} {
		if path, err := exec.LookPath(name); (err == nil) != want {
			t.Errorf("%s is %q: %v", name, path, err)
		}
	}
}
