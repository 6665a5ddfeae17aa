package editors_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/sources"
	"layerwise/editors"
	"layerwise/internal/endtoend"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"
)

// TestSetups: each setup has its texts, in the language of their files, and stands on the page of all.
func TestSetups(t *testing.T) {
	page := read(t, "README.md")
	for _, setup := range slices.Concat(editors.Editors, editors.CI) {
		for _, f := range setup.Files {
			text := f.Text()
			if text == "" {
				t.Errorf("%s: %s has no block with %q", setup.Name, f.Source, f.Block)
			}
			var err error
			switch filepath.Ext(f.Path) {
			case ".json", ".sublime-settings":
				err = json.Unmarshal([]byte(text), new(any))
			case ".toml":
				err = toml.Unmarshal([]byte(text), new(any))
			case ".yaml", ".yml":
				err = yaml.Unmarshal([]byte(text), new(any))
			}
			if err != nil {
				t.Errorf("%s: %s: %v", setup.Name, f.Path, err)
			}
		}
		if !strings.Contains(page, "`layerwise init "+setup.Name+"`") {
			t.Errorf("README.md does not name the command layerwise init %s", setup.Name)
		}
	}
}

// needsE2E skips what takes long or installs much, but for make test-editors.
func needsE2E(t *testing.T) {
	t.Helper()
	if !endtoend.Full() {
		t.Skip("NOT TESTED: make test-editors runs this")
	}
}

// command runs a program that must succeed, and returns what it printed.
func command(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestNeovimSources: the plugin tells the server of what may say how Dockerfiles are built, by the names that it knows.
func TestNeovimSources(t *testing.T) {
	text, err := os.ReadFile("neovim/plugin/layerwise.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range sources.Patterns {
		own := strings.ReplaceAll(strings.ReplaceAll(pattern, "/**/", "/"), "**/", "*/") // a star takes slashes, too
		if !strings.Contains(string(text), "  '"+own+"',\n") {
			t.Errorf("there is no %s", own)
		}
	}
}
