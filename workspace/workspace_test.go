package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"layerwise/build/files"
	"layerwise/dockerfile/text"
	"layerwise/internal/golden"
	"layerwise/workspace"
)

const doc = "file:///nowhere/Dockerfile"

func TestSnapshotsStay(t *testing.T) {
	golden.Freeze(t)
	w := workspace.New()
	w.Open(doc, "", "Dockerfile", "dockerfile", 1, "FROM a:1\nUSER 1\n")
	first := w.Snapshot(doc)
	w.Change(doc, 2, func(d *workspace.Draft) {
		d.Edit(text.Edit{Span: text.Span{Start: 9, End: 9}, New: "MAINTAINER x\n"})
	})
	second := w.Snapshot(doc)
	if first.File.Src != "FROM a:1\nUSER 1\n" || first.Version != 1 || len(first.Diagnostics(context.Background())) != 0 {
		t.Errorf("the first snapshot changed: %q, version %d", first.File.Src, first.Version)
	}
	if second.File.Src != "FROM a:1\nMAINTAINER x\nUSER 1\n" || second.Version != 2 || second.ID() == first.ID() {
		t.Errorf("the second snapshot is %q, version %d", second.File.Src, second.Version)
	}
	if second.File.Instructions[0] != first.File.Instructions[0] {
		t.Error("the untouched instruction is not shared")
	}
}

func TestDraft(t *testing.T) {
	w := workspace.New()
	w.Open(doc, "", "Dockerfile", "", 1, "FROM a\n")
	w.Change(doc, 2, func(d *workspace.Draft) {
		d.Replace("FROM b\nRUN x\n")
		if line, _ := d.Buffer().Position(8, text.UTF8); line != 1 {
			t.Errorf("line %d after Replace, want 1", line)
		}
		d.Edit(text.Edit{Span: text.Span{Start: 5, End: 6}, New: "c"}, text.Edit{Span: text.Span{Start: 11, End: 12}, New: "y"})
	})
	if got := w.Snapshot(doc).File.Src; got != "FROM c\nRUN y\n" {
		t.Errorf("text %q", got)
	}
}

func TestOnlyDockerfilesHaveSnapshots(t *testing.T) {
	for _, test := range []struct {
		name, language string
		want           bool
	}{
		{"Dockerfile", "plaintext", true},
		{"Dockerfile.prod", "", true},
		{"web.dockerfile", "", true},
		{"Containerfile", "", true},
		{"Dockerfile-prod", "dockerfile", true},
		{"Untitled-1", "dockerfile", true},
		{"Dockerfile.dockerignore", "dockerfile", false},
		{".dockerignore", "dockerfile", false},
		{".layerwise.yaml", "", false},
		{".layerwise.yml", "dockerfile", false},
		{"go.mod", "go.mod", false},
		{"Dockerfile.go", "go", true},
		{"dockerfile.go", "go", false},
		{"Dockerfile.j2", "jinja", false},
		// Editors whose pattern is Dockerfile.* take these for Dockerfiles.
		{"Dockerfile.j2", "dockerfile", false},
		{"Dockerfile.md", "dockerfile", false},
		{"dockerfile.go", "dockerfile", false},
		{"api.j2", "dockerfile", true}, // someone said so
	} {
		w := workspace.New()
		w.Open(doc, "", test.name, test.language, 1, "FROM a\n")
		if got := w.Snapshot(doc) != nil; got != test.want {
			t.Errorf("%s as %q: %v", test.name, test.language, got)
		}
	}
}

func TestRenew(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	write(t, path, "FROM a\n")
	w := workspace.New()
	w.Open(doc, path, "Dockerfile", "", 1, "FROM a\n")
	before := w.Snapshot(doc)
	if before.Listed() == nil || before.Context(ctx) != nil {
		t.Error("the context is known before it was listed")
	}
	if changed := w.Renew(ctx, doc, false, nil); !slices.Equal(changed, []string{doc}) {
		t.Errorf("the first listing changed %v", changed)
	}
	select {
	case <-before.Listed():
	default:
		t.Error("the first listing was not announced")
	}
	known := w.Snapshot(doc)
	if c := known.Context(ctx); known.Listed() != nil || c == nil || !c.Exists("Dockerfile") {
		t.Error("the context is not known")
	}
	if changed := w.Renew(ctx, doc, true, nil); changed != nil {
		t.Errorf("nothing changed on disk, but %v did", changed)
	}
	write(t, filepath.Join(dir, "new.txt"), "x")
	if changed := w.Touched(filepath.Join(dir, "new.txt")); !slices.Equal(changed, []string{doc}) {
		t.Errorf("a new file affects %v", changed)
	}
	w.Renew(ctx, doc, false, nil)
	if c := w.Snapshot(doc).Context(ctx); !c.Exists("new.txt") {
		t.Error("the new file is not in the context")
	}
	if changed := w.Touched(filepath.Join(filepath.Dir(dir), "elsewhere")); changed != nil {
		t.Errorf("a file elsewhere affects %v", changed)
	}
}

func TestWith(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	write(t, path, "FROM a\nCOPY . .\n")
	write(t, filepath.Join(dir, "a.txt"), "x")
	ctx := context.Background()
	s := workspace.NewFileSnapshot(path, "FROM a\nCOPY . .\n", workspace.Config{}, nil)
	ignored := s.With("FROM b\nCOPY . .\n", map[string]string{filepath.Join(dir, ".dockerignore"): "a.txt\n"})
	if ignored.File.Src != "FROM b\nCOPY . .\n" || ignored.Context(ctx).Exists("a.txt") || !s.Context(ctx).Exists("a.txt") {
		t.Error("the other texts do not count, or count for the first snapshot too")
	}
}

// TestTrialsShareTheWalk: neither another Dockerfile of a run nor a fix that is tried looks at the disk
// again. A file that was added since tells.
func TestTrialsShareTheWalk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	write(t, path, "FROM a\nCOPY . .\n")
	w := workspace.New()
	w.Open(doc, path, "Dockerfile", "", 1, "FROM a\nCOPY . .\n")
	w.Renew(ctx, doc, false, nil)
	lister := new(files.Lister)
	first := workspace.NewFileSnapshot(path, "FROM a\n", workspace.Config{}, lister)
	first.Context(ctx)
	write(t, filepath.Join(dir, "new"), "")
	ignore := map[string]string{filepath.Join(dir, ".dockerignore"): "Dockerfile\n"}
	for name, s := range map[string]*workspace.Snapshot{
		"another Dockerfile":      workspace.NewFileSnapshot(path+".x", "FROM a\n", workspace.Config{}, lister),
		"the same, later":         first.Afresh(),
		"a fix":                   first.With("FROM b\n", ignore),
		"a fix in an editor":      w.Snapshot(doc).With("FROM b\n", ignore),
		"the second in a row":     w.Snapshot(doc).With("FROM b\n", ignore).With("FROM c\n", ignore),
		"one of the text only":    first.With("FROM b\n", nil),
		"both, one after another": w.Snapshot(doc).With("FROM b\n", nil).With("FROM c\n", ignore),
	} {
		if c := s.Context(ctx); c == nil || c.Exists("new") {
			t.Errorf("%s looks at the disk again", name)
		}
	}
}

// TestOpenDockerfilesShareTheWalk: the second Dockerfile of a build context is listed as the first was,
// without another look at the disk, and at the next look both are.
func TestOpenDockerfilesShareTheWalk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	w := workspace.New()
	for _, name := range []string{"Dockerfile", "Dockerfile.second", "Dockerfile.own"} {
		write(t, filepath.Join(dir, name), "FROM a\n")
	}
	if err := os.MkdirAll(filepath.Join(dir, "a/b/c"), 0o755); err != nil {
		t.Fatal(err)
	}
	open := func(name string) string {
		uri := "file:///" + name
		w.Open(uri, filepath.Join(dir, name), name, "dockerfile", 1, "FROM a\n")
		return uri
	}
	exists := func(uri, name string) bool { return w.Snapshot(uri).Context(ctx).Exists(name) }
	first := open("Dockerfile")
	w.Renew(ctx, first, false, nil)
	write(t, filepath.Join(dir, "a/b/c/unnoticed"), "") // time stamps so far down are not looked at
	second := open("Dockerfile.second")
	if changed := w.Renew(ctx, second, false, nil); !slices.Equal(changed, []string{second}) {
		t.Errorf("the listing of the second changed %v", changed)
	}
	if w.Snapshot(second).Listed() != nil || !exists(second, "a/b/c") || exists(second, "a/b/c/unnoticed") {
		t.Error("the second is not listed as the first was")
	}
	write(t, filepath.Join(dir, "new"), "")
	own := open("Dockerfile.own")
	write(t, filepath.Join(dir, "Dockerfile.own.dockerignore"), "new\n")
	w.Touched(filepath.Join(dir, "new"))
	changed := w.Renew(ctx, first, false, nil)
	slices.Sort(changed)
	if want := []string{first, own, second}; !slices.Equal(changed, want) {
		t.Errorf("a new file changed %v, want %v", changed, want)
	}
	if !exists(first, "new") || !exists(second, "new") || exists(own, "new") {
		t.Error("the new listings are not those of the disk with each ignore file")
	}
	w.Close(first)
	w.Renew(ctx, second, true, nil)
	w.Close(second)
	w.Close(own)
}

// TestUnreadableIgnoreFile: a context whose ignore file cannot be read is tried again.
func TestUnreadableIgnoreFile(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	ignore := path + ".dockerignore"
	if err := os.Mkdir(ignore, 0o755); err != nil {
		t.Fatal(err)
	}
	w := workspace.New()
	w.Open(doc, path, "Dockerfile", "", 1, "FROM a\n")
	w.Renew(ctx, doc, false, nil)
	if s := w.Snapshot(doc); s.Listed() != nil || s.Context(ctx) != nil {
		t.Error("it is not known that there is no context")
	}
	if err := os.Remove(ignore); err != nil {
		t.Fatal(err)
	}
	if changed := w.Renew(ctx, doc, true, nil); !slices.Equal(changed, []string{doc}) || w.Snapshot(doc).Context(ctx) == nil {
		t.Errorf("the context is still unknown; changed %v", changed)
	}
}

func write(t testing.TB, path, body string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTemplates: a template whose marks go away is a Dockerfile at once; a Dockerfile that gets some is one until it is saved.
func TestTemplates(t *testing.T) {
	w := workspace.New()
	w.Open(doc, "", "Dockerfile", "dockerfile", 1, "{% if x %}\nFROM a\n{% endif %}\n")
	if w.Snapshot(doc) != nil {
		t.Error("a template is taken for a Dockerfile")
	}
	write := func(version int32, src string) (became bool) {
		_, became = w.Change(doc, version, func(d *workspace.Draft) { d.Replace(src) })
		return became
	}
	if became := write(2, "FROM a\n"); !became || w.Snapshot(doc) == nil || w.Snapshot(doc).File.Src != "FROM a\n" || w.Snapshot(doc).Version != 2 {
		t.Error("without its marks, it is no Dockerfile")
	}
	if became := write(3, "FROM a\n{{ x }}\n"); became || w.Snapshot(doc) == nil {
		t.Error("a text that is being typed is no Dockerfile any more")
	}
	if changed := w.Saved(doc); !changed || w.Snapshot(doc) != nil {
		t.Error("a template that was saved is taken for a Dockerfile")
	}
	if src, open := w.OpenText(""); !open || src != "FROM a\n{{ x }}\n" {
		t.Errorf("its text is %q, %v", src, open)
	}
	if became := write(4, "FROM b\n"); !became || w.Snapshot(doc).File.Src != "FROM b\n" {
		t.Error("it does not become a Dockerfile again")
	}
	w.Close(doc)
}
