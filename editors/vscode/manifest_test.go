package vscode_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestManifest keeps the extension from what other extensions for Docker have: a second one of an id
// replaces the first, or is refused.
func TestManifest(t *testing.T) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Capabilities struct {
			UntrustedWorkspaces struct {
				Supported                string
				RestrictedConfigurations []string
			}
		}
		Contributes struct {
			Commands      []struct{ Command string }
			Configuration struct {
				Properties map[string]struct{ Scope string }
			}
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	contributed := manifest.Contributes
	ids := slices.Collect(maps.Keys(contributed.Configuration.Properties))
	for _, c := range contributed.Commands {
		ids = append(ids, c.Command)
	}
	if len(ids) < 10 {
		t.Errorf("there are only the ids %q", ids)
	}
	for _, id := range ids {
		if !strings.HasPrefix(id, "layerwise.") {
			t.Errorf("the id %s may be someone else's", id)
		}
	}
	// VS Code has the language dockerfile, and Docker DX the others. Views, tasks and debuggers would have ids too.
	var all struct{ Contributes map[string]any }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	want := []string{"commands", "configuration", "configurationDefaults", "menus", "walkthroughs", "yamlValidation"}
	if got := slices.Sorted(maps.Keys(all.Contributes)); !slices.Equal(got, want) {
		t.Errorf("the extension contributes %q, want %q", got, want)
	}

	// What is started, and which folders are read, is not for a workspace to say that nobody trusts.
	if scope := contributed.Configuration.Properties["layerwise.path"].Scope; scope != "machine" {
		t.Errorf("layerwise.path has the scope %s", scope)
	}
	untrusted := manifest.Capabilities.UntrustedWorkspaces
	restricted := []string{"layerwise.path", "layerwise.context", "layerwise.contexts"}
	if untrusted.Supported != "limited" || !slices.Equal(untrusted.RestrictedConfigurations, restricted) {
		t.Errorf("in workspaces that are not trusted: %+v", untrusted)
	}
}
