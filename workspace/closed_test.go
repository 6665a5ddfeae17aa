package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"layerwise/build/files"
	"layerwise/workspace"
)

// TestHoldsOfOldSettings: findings that were made while the settings changed do not count as those of the new ones.
func TestHoldsOfOldSettings(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(path, []byte("FROM a:1\nMAINTAINER me\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	w := workspace.New()
	w.Folders([]string{dir})
	before := w.Closed(path, new(files.Lister))
	w.ConfigureFolder(dir, workspace.Config{Rules: map[string]string{"maintainer-deprecated": "off"}})
	if w.Holds(workspace.BasisOf(before), (*files.Context).Stale) {
		t.Error("what was found before the settings changed holds")
	}
	if after := w.Closed(path, new(files.Lister)); !w.Holds(workspace.BasisOf(after), (*files.Context).Stale) {
		t.Error("what was found after it does not hold")
	}
}
