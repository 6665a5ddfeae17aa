package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigFinder: what it remembers of folders changes no answer, in whatever order it is asked.
func TestConfigFinder(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"plain/deep/er", "repo/.git", "repo/inner", "other/.git", "other/inner"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, config := range []string{".layerwise.yaml", "plain/deep/.layerwise.yaml", "repo/.layerwise.yaml", "repo/inner/.hadolint.yaml",
		"other/.trivyignore", "other/inner/.hadolint.yaml", "other/inner/.trivyignore"} {
		if err := os.WriteFile(filepath.Join(root, config), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct{ dir, config string }{
		{"plain", ".layerwise.yaml"},
		{"plain/deep/er", "plain/deep/.layerwise.yaml"},
		{"plain/deep", "plain/deep/.layerwise.yaml"},
		{"repo/inner", "repo/.layerwise.yaml"},
		{"other", "other/.trivyignore"}, // a repository's root ends the search
		{"other/inner", "other/inner/.hadolint.yaml other/inner/.trivyignore"},
		{".", ".layerwise.yaml"},
	}
	forth, back := new(ConfigFinder), new(ConfigFinder)
	check := func(f *ConfigFinder, dir, config string) {
		t.Helper()
		var got []string
		for _, path := range f.Find(filepath.Join(root, dir)) {
			rel, _ := filepath.Rel(root, path)
			got = append(got, filepath.ToSlash(rel))
		}
		if got := strings.Join(got, " "); got != config {
			t.Errorf("%s: %q, want %q", dir, got, config)
		}
	}
	for i := range cases {
		check(forth, cases[i].dir, cases[i].config)
		last := cases[len(cases)-1-i]
		check(back, last.dir, last.config)
	}
}
