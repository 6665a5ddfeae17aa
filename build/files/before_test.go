package files_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/build/files"
)

// TestBefore: a listing of an earlier state has the files and the ignore file of then.
func TestBefore(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		".dockerignore": "kept\n", "kept": "1", "hid": "1", "changed": "new text", "new/deep/file": "1", "dir/added": "1", "dir/stays": "1", "was-dir": "1",
	})
	regular := func(text string) files.Old { return files.Old{Mode: 0o644, Size: int64(len(text)), Text: text} }
	old := map[string]files.Old{
		".dockerignore": regular("hid\n"), "changed": regular("old"), "gone/a/b": regular("b"), "was-dir/x": regular("x"),
		"gone": {Mode: fs.ModeDir | 0o755}, "gone/a": {Mode: fs.ModeDir | 0o755}, "was-dir": {Mode: fs.ModeDir | 0o755},
		"new/deep/file": {Absent: true}, "dir/added": {Absent: true}, "link": {Mode: fs.ModeSymlink | 0o777, Link: "kept"},
	}
	before := map[string]files.Old{}
	for name, o := range old {
		before[filepath.Join(root, name)] = o
	}
	c, err := files.Earlier(before).List(t.Context(), root, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	c.All(func(e files.Entry) bool {
		if !e.Ignored {
			names = append(names, e.Path)
		}
		return true
	})
	want := ".dockerignore changed dir dir/stays gone gone/a gone/a/b kept link was-dir was-dir/x"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("listed %s\nwant   %s", got, want)
	}
	if e, _ := c.Lookup("link"); e.Link != "kept" {
		t.Errorf("the link leads to %q", e.Link)
	}
	if text, err := c.Read("changed"); text != "old" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	if _, err := c.Read("new/deep/file"); err == nil {
		t.Error("a file that was not there can be read")
	}
}
