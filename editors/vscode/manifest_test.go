package vscode_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/sources"
	"layerwise/dockerfile/names"

	"github.com/bmatcuk/doublestar/v4"
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
	want := []string{"commands", "configuration", "configurationDefaults", "menus", "semanticTokenScopes", "walkthroughs", "yamlValidation"}
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

// TestReadme: what is packed links to nothing that only the repository has; vsce refuses to pack it then. Pictures are left out
// of the package.
func TestReadme(t *testing.T) {
	for _, name := range []string{"README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range regexp.MustCompile(`(!?)\[[^\]]*\]\(([^)]*)\)`).FindAllStringSubmatch(string(text), -1) {
			if link[1] == "" && !strings.Contains(link[2], "://") && !strings.HasPrefix(link[2], "#") {
				t.Errorf("%s links to %s, which is not in the package", name, link[2])
			}
		}
	}
}

// TestNames: the extension starts where a folder has a Dockerfile by the names that the server knows, and
// sends it what VS Code does not take for a Dockerfile by itself.
func TestNames(t *testing.T) {
	text, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ ActivationEvents []string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	var starts []string
	for _, event := range manifest.ActivationEvents {
		if pattern, ok := strings.CutPrefix(event, "workspaceContains:"); ok {
			starts = append(starts, pattern)
		}
	}
	session, err := os.ReadFile("src/session.ts")
	if err != nil {
		t.Fatal(err)
	}
	var sends []string
	for _, m := range regexp.MustCompile(`scheme: 'file', pattern: '([^']*)'`).FindAllStringSubmatch(string(session), -1) {
		sends = append(sends, m[1])
	}
	matches := func(patterns []string, name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return doublestar.MatchUnvalidated(p, name) })
	}
	for _, tt := range []struct {
		name  string
		known bool // VS Code takes it for a Dockerfile by itself
	}{
		{"Dockerfile", true}, {"a/Dockerfile", true}, {"Dockerfile.dev", true}, {"api.dockerfile", true}, {"Containerfile", true},
		{"a/Dockerfile-fpm", false}, {"Dockerfile_dev", false}, {"DemoDockerfile", false}, {"Containerfile-fpm", false}, {"api-Dockerfile", false},
	} {
		if !names.IsDockerfile(tt.name) || !matches(starts, tt.name) {
			t.Errorf("a folder with %s does not start the extension", tt.name)
		}
		if !tt.known && !matches(sends, tt.name) {
			t.Errorf("%s is not sent to the server", tt.name)
		}
	}
	for _, name := range []string{"mydockerfile", "Makefile", "a/main.go", "compose.yaml"} {
		if names.IsDockerfile(name) || matches(starts, name) || matches(sends, name) {
			t.Errorf("%s is taken for a Dockerfile", name)
		}
	}
}

// TestSources: the extension sends the server what may say how Dockerfiles are built, by the names that it knows.
func TestSources(t *testing.T) {
	text, err := os.ReadFile("src/sources.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "sourcePatterns")
	list, _, _ = strings.Cut(list, "];")
	var sends []string
	for _, m := range regexp.MustCompile(`(?m)^  '([^']*)',$`).FindAllStringSubmatch(list, -1) {
		sends = append(sends, m[1])
	}
	if !slices.Equal(sends, sources.Patterns) {
		t.Errorf("src/sources.ts has\n%q\nwant\n%q", sends, sources.Patterns)
	}
}
