package files_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"

	"github.com/tonistiigi/fsutil"
)

// write makes a tree on disk. A path that ends in a slash is a folder; "-> x" makes a link.
func write(t testing.TB, root string, tree map[string]string) {
	t.Helper()
	for name, body := range tree {
		full := filepath.Join(root, filepath.FromSlash(name))
		dir := filepath.Dir(full)
		if strings.HasSuffix(name, "/") {
			dir = full
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		var err error
		if to, ok := strings.CutPrefix(body, "-> "); ok {
			err = os.Symlink(to, full)
		} else {
			err = os.WriteFile(full, []byte(body), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func scan(t testing.TB, root string, opts files.Options) *files.Context {
	t.Helper()
	c, err := new(files.Lister).List(context.Background(), root, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// visible are the paths that a build would get.
func visible(c *files.Context) (paths []string) {
	c.All(func(e files.Entry) bool {
		if !e.Ignored {
			paths = append(paths, e.Path)
		}
		return true
	})
	return paths
}

func TestIgnore(t *testing.T) {
	tree := map[string]string{
		"Dockerfile": "", "a.log": "", "keep.log": "", "src/main.go": "", "src/x.log": "", "src/deep/y.log": "",
		"node_modules/m/i.js": "", "web/node_modules/n/i.js": "", "docs/a.md": "", "docs/b.md": "",
	}
	tests := map[string][]string{
		"# a comment\n\n*.log\n":                                   {"Dockerfile", "docs", "docs/a.md", "docs/b.md", "node_modules", "node_modules/m", "node_modules/m/i.js", "src", "src/deep", "src/deep/y.log", "src/main.go", "src/x.log", "web", "web/node_modules", "web/node_modules/n", "web/node_modules/n/i.js"},
		"**/*.log\n!keep.log\n**/node_modules\ndocs\nDockerfile\n": {"keep.log", "src", "src/deep", "src/main.go", "web"},
		"*\n!src\nsrc/deep\n":                                      {"src", "src/main.go", "src/x.log"},
		"*\n!docs/a.md\n":                                          {"docs", "docs/a.md"},
		"/src/\n./docs\nweb\nnode_modules\n":                       {"Dockerfile", "a.log", "keep.log"},
	}
	for ignore, want := range tests {
		tree[".dockerignore"] = ignore
		root := t.TempDir()
		write(t, root, tree)
		for kind, c := range map[string]*files.Context{"disk": scan(t, root, files.Options{}), "memory": files.InMemory(tree)} {
			got := slices.DeleteFunc(visible(c), func(p string) bool { return p == ".dockerignore" })
			if !slices.Equal(got, want) {
				t.Errorf("%s, %q:\ngot  %q\nwant %q", kind, ignore, got, want)
			}
			for _, p := range want {
				if c.Ignored(p) {
					t.Errorf("%s, %q: %s is said to be ignored", kind, ignore, p)
				}
			}
		}
	}
}

// TestLikeBuildKit compares with the walk by which BuildKit's client sends the context, for random
// trees and random ignore files.
func TestLikeBuildKit(t *testing.T) {
	names := []string{"a", "b", "ab", "src", "x.log", "y.md", "node_modules", ".git"}
	patterns := []string{"a", "b", "*.log", "**/*.log", "src", "!src", "src/**", "!src/a", "**/a", "!**/b", "a/b", "*", "!a", "*/b", "?b", "/src", "!x.log", ".git", "node_modules/", "[ab]", "!src/a/b"}
	const seed = 7
	rng := rand.New(rand.NewSource(seed))
	for n := range 300 {
		root := t.TempDir()
		tree := map[string]string{}
		for range 3 + rng.Intn(25) {
			var parts []string
			for range 1 + rng.Intn(4) {
				parts = append(parts, names[rng.Intn(len(names))])
			}
			p := strings.Join(parts, "/")
			if conflicts(tree, p) {
				continue
			}
			tree[p] = "x"
		}
		var lines []string
		for range 1 + rng.Intn(5) {
			lines = append(lines, patterns[rng.Intn(len(patterns))])
		}
		ignore := strings.Join(lines, "\n") + "\n"
		tree[".dockerignore"] = ignore
		write(t, root, tree)

		filter, err := fsutil.NewFS(root)
		if err != nil {
			t.Fatal(err)
		}
		var exclude []string
		for _, line := range lines { // as ignorefile.ReadAll cleans them
			negated := strings.HasPrefix(line, "!")
			line = strings.TrimPrefix(path.Clean(strings.TrimPrefix(line, "!")), "/")
			if negated {
				line = "!" + line
			}
			exclude = append(exclude, line)
		}
		filter, err = fsutil.NewFilterFS(filter, &fsutil.FilterOpt{ExcludePatterns: exclude})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		err = filter.Walk(context.Background(), "", func(p string, _ fs.DirEntry, err error) error {
			want = append(want, p)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		c := scan(t, root, files.Options{})
		got := visible(c)
		// BuildKit sends an empty folder whose contents are all ignored; it is the files that count.
		if g, w := onlyFiles(tree, got), onlyFiles(tree, want); !slices.Equal(g, w) {
			t.Fatalf("seed %d, tree %d, ignore file %q:\ngot  %q\nwant %q", seed, n, ignore, g, w)
		}
	}
}

func conflicts(tree map[string]string, p string) bool {
	for q := range tree {
		if p == q || strings.HasPrefix(p, q+"/") || strings.HasPrefix(q, p+"/") {
			return true
		}
	}
	return false
}

func onlyFiles(tree map[string]string, paths []string) (list []string) {
	for _, p := range paths {
		if _, ok := tree[p]; ok {
			list = append(list, p)
		}
	}
	return list
}

func TestSelect(t *testing.T) {
	c := files.InMemory(map[string]string{
		"a.txt": "1", "b.txt": "22", "dir/c.txt": "333", "dir/sub/d.md": "4444", "dir0/e.txt": "5", "empty/": "",
		"link": "-> dir", "out": "-> /etc/passwd", "secret.key": "x", ".dockerignore": "*.key\n",
	})
	tests := []struct {
		sources, exclude string
		files            int
		bytes            int64
		missing          string
	}{
		{".", "", 8, 31, ""}, {"./", "", 8, 31, ""}, {"/", "", 8, 31, ""},
		{"a.txt b.txt", "", 2, 3, ""}, {"*.txt", "", 2, 3, ""}, {"dir", "", 2, 7, ""}, {"dir/", "", 2, 7, ""},
		{"../dir", "", 2, 7, ""}, {"dir/*.txt", "", 1, 3, ""}, {"*/*.txt", "", 2, 4, ""}, {"link", "", 2, 7, ""},
		{"nothing", "", 0, 0, "nothing"}, {"*.nothing", "", 0, 0, ""}, {"secret.key", "", 0, 0, "secret.key"},
		{"d?r/s*/d.md", "", 1, 4, ""}, {"*/sub", "", 1, 4, ""}, {"d*", "", 3, 8, ""}, {"*.key", "", 0, 0, ""}, {`d\ir/*.txt`, "", 1, 3, ""},
		{"dir dir/sub", "", 2, 7, ""}, {"dir", "**/*.md", 1, 3, ""}, {"dir", "sub", 1, 3, ""}, {"dir", "dir/sub", 2, 7, ""},
		{".", "dir", 6, 24, ""}, {". dir", "dir/sub", 8, 31, ""}, {"a.txt dir", "*.txt", 2, 5, ""}, {"d*", "*.txt", 1, 4, ""}, {"empty", "", 0, 0, ""},
	}
	for _, tt := range tests {
		sel := c.Select(strings.Fields(tt.sources), strings.Fields(tt.exclude))
		missing := slices.DeleteFunc(strings.Fields(tt.sources), func(s string) bool { return !c.Lacks(s) })
		if sel.Files != tt.files || sel.Bytes != tt.bytes || strings.Join(missing, " ") != tt.missing {
			t.Errorf("%q without %q: %d files, %d bytes, missing %q; want %d, %d, %q", tt.sources, tt.exclude,
				sel.Files, sel.Bytes, missing, tt.files, tt.bytes, tt.missing)
		}
	}
}

func TestLimit(t *testing.T) {
	root := t.TempDir()
	tree := map[string]string{}
	for i := range 50 {
		tree[fmt.Sprintf("d/%d", i)] = ""
	}
	write(t, root, tree)
	c := scan(t, root, files.Options{Limit: 20})
	if c.Complete() || !strings.Contains(c.Stop, "20 entries") {
		t.Errorf("Stop is %q", c.Stop)
	}
	if c := scan(t, root, files.Options{}); !c.Complete() {
		t.Errorf("Stop is %q", c.Stop)
	}
}

func TestOwnIgnoreFileAndOverlay(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"Dockerfile": "", "a": "", "b": "", ".dockerignore": "a\n", "Dockerfile.dockerignore": "b\n"})
	dockerfile := filepath.Join(root, "Dockerfile")
	if c := scan(t, root, files.Options{Dockerfile: dockerfile}); !c.Exists("a") || c.Exists("b") {
		t.Error("the Dockerfile's own ignore file does not win")
	}
	open := map[string]string{dockerfile + ".dockerignore": "a\nb\n", filepath.Join(root, "a"): "typed"}
	c := scan(t, root, files.Options{Dockerfile: dockerfile, Overlay: open})
	if c.Exists("a") || c.Exists("b") {
		t.Error("an open ignore file is not used")
	}
	if body, err := c.Read("a"); err != nil || body != "typed" {
		t.Errorf("Read of an open file: %q, %v", body, err)
	}
}

func TestStale(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a/b/c": ""})
	c := scan(t, root, files.Options{})
	if c.Stale() {
		t.Error("stale at once")
	}
	write(t, root, map[string]string{"a/b/new": ""})
	if !c.Stale() {
		t.Error("a new file is not noticed")
	}
	c = scan(t, root, files.Options{})
	write(t, root, map[string]string{".dockerignore": "x\n"})
	if !c.Stale() {
		t.Error("a new ignore file is not noticed")
	}
}

func TestNoRoot(t *testing.T) {
	if _, err := new(files.Lister).List(context.Background(), filepath.Join(t.TempDir(), "none"), files.Options{}); err == nil {
		t.Error("no error for a root that is not there")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := new(files.Lister).List(ctx, t.TempDir(), files.Options{}); err == nil {
		t.Error("no error after cancellation")
	}
}

// FuzzIgnore reads any ignore file: no panic, and a listing agrees with Ignored.
func FuzzIgnore(f *testing.F) {
	f.Add("*\n!a\n")
	f.Add("a[\n\\\n**/**/**\n!!\n")
	f.Add("\ufeff# x\n/a/../b\n")
	f.Fuzz(func(t *testing.T, ignore string) {
		if len(ignore) > 300 {
			return
		}
		c := files.InMemory(map[string]string{".dockerignore": ignore, "a/b/c": "", "d": ""})
		for _, p := range []string{"a/b/c", "d"} {
			if e, _ := c.Lookup(p); e.Ignored != c.Ignored(p) {
				t.Fatalf("%s: listed as ignored %v", p, e.Ignored)
			}
		}
	})
}

func BenchmarkScan100000(b *testing.B) {
	root := b.TempDir()
	for d := range 1000 {
		dir := filepath.Join(root, fmt.Sprintf("d%d/e", d))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for i := range 100 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(root, ".dockerignore"), []byte("**/x\n*.log\n!keep\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		scan(b, root, files.Options{})
	}
}
