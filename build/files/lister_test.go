package files

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// tree makes a directory with files.
func makeTree(t *testing.T, texts map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range texts {
		addFile(t, root, name, text)
	}
	return root
}

func addFile(t *testing.T, root, name, text string) {
	t.Helper()
	abs := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(abs, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, l *Lister, root, dockerfile string, overlay map[string]string) *Context {
	t.Helper()
	c, err := l.List(t.Context(), root, Options{Dockerfile: filepath.Join(root, dockerfile), Overlay: overlay})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOneWalk: what several contexts have in common is not looked at again. A file that was added since
// the first look tells.
func TestOneWalk(t *testing.T) {
	root := makeTree(t, map[string]string{
		"src/a": "", "src/b": "", ".dockerignore": "src/a\n", "own.dockerignore": "src/b\n", "same.dockerignore": "src/a\n",
	})
	l := new(Lister)
	first := list(t, l, root, "Dockerfile", nil)
	addFile(t, root, "src/new", "")
	for _, test := range []struct {
		dockerfile string
		overlay    map[string]string
		ignore     string
		shared     bool // with the first
		a, b       bool // whether the files are in the context
	}{
		{"Other", nil, ".dockerignore", true, false, true},
		{"same", nil, "same.dockerignore", true, false, true},
		{"own", nil, "own.dockerignore", false, true, false},
		{"Dockerfile", map[string]string{filepath.Join(root, ".dockerignore"): "src/b\n"}, ".dockerignore", false, true, false},
	} {
		for kind, l := range map[string]*Lister{"the lister": l, "the context's lister": first.Lister()} {
			c := list(t, l, root, test.dockerfile, test.overlay)
			if c.Exists("src/new") || c.Exists("src/a") != test.a || c.Exists("src/b") != test.b {
				t.Errorf("%s, %s: new %v, a %v, b %v", kind, test.dockerfile, c.Exists("src/new"), c.Exists("src/a"), c.Exists("src/b"))
			}
			if c.Ignore.Path != test.ignore || c.Ignore.Abs != filepath.Join(root, test.ignore) {
				t.Errorf("%s, %s: the ignore file is %s, %s", kind, test.dockerfile, c.Ignore.Path, c.Ignore.Abs)
			}
			if shared := &c.entries[0] == &first.entries[0]; shared != test.shared && kind == "the lister" {
				t.Errorf("%s: it has the listing of the first: %v", test.dockerfile, shared)
			}
		}
	}
	if !list(t, new(Lister), root, "Dockerfile", nil).Exists("src/new") {
		t.Error("a new lister does not look at the disk")
	}
}

// TestListerOverlay: trials of other texts see those of open documents too.
func TestListerOverlay(t *testing.T) {
	root := makeTree(t, map[string]string{"a": "disk", "b": "disk"})
	at := func(name string) string { return filepath.Join(root, name) }
	c := list(t, new(Lister), root, "Dockerfile", map[string]string{at("a"): "typed", at(".dockerignore"): "b\n"})
	trial := list(t, c.Lister(), root, "Dockerfile", map[string]string{at(".dockerignore"): "a\n"})
	if text, err := trial.Read("a"); err != nil || text != "typed" || trial.Exists("a") || !trial.Exists("b") {
		t.Errorf("a is %q, %v, exists %v; b exists %v", text, err, trial.Exists("a"), trial.Exists("b"))
	}
}

// TestSharedListings: a listing does not depend on what was listed before, or is at the same time.
func TestSharedListings(t *testing.T) {
	texts := map[string]string{}
	var dockerfiles []string
	for i, ignore := range []string{"", "*\n!src\n", "**/x\n", "src\n!src/d1\n", "src/d1\n", "*\n", "[\n", "d*\n!**/x\n"} {
		dockerfiles = append(dockerfiles, fmt.Sprintf("%d", i), fmt.Sprintf("%d-too", i))
		if ignore != "" {
			texts[fmt.Sprintf("%d.dockerignore", i)] = ignore
			texts[fmt.Sprintf("%d-too.dockerignore", i)] = ignore
		}
	}
	for d := range 5 {
		for _, name := range []string{"x", "y", "e/x"} {
			texts[fmt.Sprintf("src/d%d/%s", d, name)] = ""
		}
	}
	root := makeTree(t, texts)
	l := new(Lister)
	contexts := make([]*Context, len(dockerfiles))
	var group sync.WaitGroup
	for i, name := range dockerfiles {
		group.Go(func() { contexts[i], _ = l.List(t.Context(), root, Options{Dockerfile: filepath.Join(root, name)}) })
	}
	group.Wait()
	for i, name := range dockerfiles {
		if alone := list(t, new(Lister), root, name, nil); !reflect.DeepEqual(contexts[i].entries, alone.entries) {
			t.Errorf("%s: %v, alone %v", name, contexts[i].entries, alone.entries)
		}
	}
}

// TestListerBounds meets the bounds of one lister: a listing stops and says so, or all that is kept is
// forgotten.
func TestListerBounds(t *testing.T) {
	root := makeTree(t, map[string]string{"file": "", ".dockerignore": "*a*\n"})
	for want, reach := range map[string]func(*Lister){
		"patterns of .dockerignore take too long": func(l *Lister) { l.matching.Store(2 * maxMatching) },
		"2000000 entries were looked at":          func(l *Lister) { l.visited.Store(maxVisited) },
	} {
		l := new(Lister)
		reach(l)
		if c := list(t, l, root, "Dockerfile", nil); !strings.Contains(c.Stop, want) {
			t.Errorf("it stops %q, want %s", c.Stop, want)
		}
	}
	stars := makeTree(t, map[string]string{strings.Repeat("a", 200): "", ".dockerignore": strings.Repeat(strings.Repeat("*a", 50)+"b\n", 2000)})
	if c := list(t, new(Lister), stars, "Dockerfile", nil); !strings.Contains(c.Stop, "patterns of .dockerignore take too long") {
		t.Errorf("a name that takes too long alone: it stops %q", c.Stop)
	}
	l := new(Lister)
	list(t, l, root, "Dockerfile", nil)
	if n := l.kept.Load(); n != 4 { // two entries, in the tree and in the listing
		t.Errorf("%d entries are kept", n)
	}
	addFile(t, root, "new", "")
	l.kept.Store(maxKept + 1)
	if !list(t, l, root, "Dockerfile", nil).Exists("new") || l.kept.Load() != 6 {
		t.Errorf("it keeps all, %d entries", l.kept.Load())
	}
}

// TestKeptTexts: a file is read once, until it changes, and only so much is kept.
func TestKeptTexts(t *testing.T) {
	root := makeTree(t, map[string]string{"a": "old", "big/1": strings.Repeat("x", maxTexts/3)})
	for i := range 4 {
		addFile(t, root, fmt.Sprintf("big/%d", i), strings.Repeat("x", maxTexts/3))
	}
	if err := os.Symlink("a", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	c := list(t, new(Lister), root, "Dockerfile", nil)
	read := func(name, want string) {
		t.Helper()
		if text, _ := c.Read(name); text != want {
			t.Errorf("%s is %.20q, want %q", name, text, want)
		}
	}
	read("a", "old")
	read("none", "")
	read("link", "old")
	if c.Stale() {
		t.Error("stale, but nothing changed")
	}
	addFile(t, root, "a", "new")
	if err := os.Chtimes(filepath.Join(root, "a"), time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	read("a", "old")
	read("link", "new") // may lead anywhere, so it is not kept
	if !c.Stale() {
		t.Error("it is not noticed that a file that was read changed")
	}
	for i := range 4 {
		if text, err := c.Read(fmt.Sprintf("big/%d", i)); err != nil || len(text) != maxTexts/3 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		if c.texts.bytes > maxTexts {
			t.Errorf("%d bytes are kept", c.texts.bytes)
		}
	}
	if !c.Stale() {
		t.Error("with the texts it was forgotten which files were read")
	}
}

// TestNestedRoots: a directory is read once for all roots that it is in.
func TestNestedRoots(t *testing.T) {
	root := makeTree(t, map[string]string{"sub/deep/a": "", "b": ""})
	l := new(Lister)
	list(t, l, root, "Dockerfile", nil)
	if err := os.RemoveAll(filepath.Join(root, "sub/deep/a")); err != nil {
		t.Fatal(err)
	}
	if c := list(t, l, filepath.Join(root, "sub"), "Dockerfile", nil); !c.Exists("deep/a") {
		t.Error("a directory was read once more")
	}
	if c := list(t, new(Lister), filepath.Join(root, "sub"), "Dockerfile", nil); c.Exists("deep/a") {
		t.Error("another lister did not look at the disk")
	}
}
