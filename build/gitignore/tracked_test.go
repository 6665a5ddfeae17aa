package gitignore

import (
	"context"
	"testing"

	"layerwise/build/files"
)

// TestTrackedIn: what is in the index is tracked, though a pattern ignores it, and only as long as it is there.
func TestTrackedIn(t *testing.T) {
	r := newTree(t)
	r.git("init", "-q")
	r.write(map[string]string{"app/.vscode/launch.json": "{}", "app/__pycache__/a.pyc": "x", "app/main.py": "x", ".gitignore": ".vscode\n"})
	r.git("add", "-f", "app/.vscode", "app/main.py")
	bc, err := new(files.Lister).List(context.Background(), r.dir+"/app", files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{".vscode": true, ".vscode/launch.json": true, "__pycache__": false, "main.py": true, "none": false} {
		if got := TrackedIn(bc).Has(name, name == ".vscode" || name == "__pycache__"); got != want {
			t.Errorf("Has(%s) = %t", name, got)
		}
	}
	r.git("rm", "-q", "-r", "--cached", "app/.vscode")
	if TrackedIn(bc).Has(".vscode", true) {
		t.Error("it is tracked after it has been taken out of the index")
	}
	if TrackedIn(files.InMemory(map[string]string{"a": ""})).Has("a", false) {
		t.Error("something outside of a repository is tracked")
	}
}
