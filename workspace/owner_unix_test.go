//go:build unix

package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A configuration in a folder of another user, or of another user in a shared folder, does not count.
func TestConfigurationOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to another user")
	}
	const other, own = 12345, 54321
	for _, test := range []struct {
		name         string
		folder, file int // the owners of the folder above, and of its configuration
		project      int
		want         bool
	}{
		{"all one's own", own, own, own, true},
		{"the folder above is another's", other, other, own, false},
		{"the folder above is another's, the file one's own", other, own, own, false},
		{"a shared folder with another's file", own, other, own, false},
		{"this user's above another's project", 0, 0, own, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			above, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			project, config := filepath.Join(above, "project"), filepath.Join(above, ".layerwise.yaml")
			if err := os.Mkdir(project, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(config, []byte("rules: {security: off}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			for path, owner := range map[string]int{above: test.folder, config: test.file, project: test.project} {
				if err := os.Chown(path, owner, owner); err != nil {
					t.Fatal(err)
				}
			}
			if got := slices.Equal(FindConfig(project), []string{config}); got != test.want {
				t.Errorf("it counts: %v, want %v", got, test.want)
			}
			if !slices.Equal(FindConfig(above), []string{config}) {
				t.Error("the configuration does not count in its own folder")
			}
		})
	}
}
