package workspace

import (
	"os"
	"path/filepath"
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
	for _, config := range []string{".layerwise.yaml", "plain/deep/.layerwise.yaml", "repo/.layerwise.yaml"} {
		if err := os.WriteFile(filepath.Join(root, config), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct{ dir, config string }{
		{"plain", ".layerwise.yaml"},
		{"plain/deep/er", "plain/deep/.layerwise.yaml"},
		{"plain/deep", "plain/deep/.layerwise.yaml"},
		{"repo/inner", "repo/.layerwise.yaml"},
		{"other/inner", ""}, // a repository's root ends the search
		{".", ".layerwise.yaml"},
	}
	forth, back := new(ConfigFinder), new(ConfigFinder)
	check := func(f *ConfigFinder, dir, config string) {
		t.Helper()
		want := ""
		if config != "" {
			want = filepath.Join(root, config)
		}
		if got := f.Find(filepath.Join(root, dir)); got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
	for i := range cases {
		check(forth, cases[i].dir, cases[i].config)
		last := cases[len(cases)-1-i]
		check(back, last.dir, last.config)
	}
}
