package gitignore

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is a folder with a repository of git.
type tree struct {
	t   *testing.T
	dir string
}

func newTree(t *testing.T) tree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := tree{t, dir}
	r.git("init", "-q")
	return r
}

func (r tree) git(args ...string) string {
	r.t.Helper()
	args = append([]string{"-C", r.dir, "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"}, args...)
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (r tree) write(texts map[string]string) {
	r.t.Helper()
	for name, text := range texts {
		name = filepath.Join(r.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// seen are the files that a walk from a folder finds, from the top of the tree.
func (r tree) seen(folder string) (list []string) {
	r.t.Helper()
	var walk func(dir string, rules Rules)
	walk = func(dir string, rules Rules) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			r.t.Fatal(err)
		}
		rules = rules.In(dir, entries)
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			switch {
			case e.Name() == ".git" || rules.Ignores(path, e.IsDir()):
			case e.IsDir():
				walk(path, rules.Below(path))
			default:
				rel, _ := filepath.Rel(r.dir, path)
				list = append(list, filepath.ToSlash(rel))
			}
		}
	}
	top := filepath.Join(r.dir, folder)
	walk(top, For(top))
	slices.Sort(list)
	return list
}

// listed are the files that git does not ignore: those that it tracks, and the others.
func (r tree) listed() (list []string) {
	list = strings.Fields(r.git("ls-files", "--cached", "--others", "--exclude-standard"))
	slices.Sort(list)
	return slices.Compact(list)
}

// wild is a project with all that decides.
var wild = map[string]string{
	".gitignore":        "build/\n*.log\n!keep.log\nnested/*\n!nested/b\n",
	".git/info/exclude": "local/\n/build/x/mine\n",
	"Dockerfile":        "",
	"build/Dockerfile":  "", "build/x/other": "", "build/x/mine": "",
	"local/Dockerfile": "",
	"a.log":            "", "keep.log": "", "tracked.log": "",
	"nested/a/f": "", "nested/b/f": "", "nested/b/.gitignore": "g\n", "nested/b/g": "",
}

// TestTrackedFilesAreNeverIgnored compares with git, for all versions of its index.
func TestTrackedFilesAreNeverIgnored(t *testing.T) {
	for _, version := range []string{"2", "3", "4", "split", "sha256"} {
		t.Run(version, func(t *testing.T) {
			r := newTree(t)
			if version == "sha256" {
				if err := os.RemoveAll(filepath.Join(r.dir, ".git")); err != nil {
					t.Fatal(err)
				}
				r.git("init", "-q", "--object-format=sha256")
			}
			r.write(wild)
			r.git("add", "-f", "build/Dockerfile", "tracked.log", "Dockerfile", ".gitignore")
			switch version {
			case "3": // has flags that version 2 has no place for
				r.git("add", "-N", "-f", "nested/a/f")
			case "split":
				r.git("update-index", "--split-index")
				r.git("add", "-f", "nested/a/f")
			case "2", "4":
				r.git("update-index", "--index-version", version)
			}
			got, want := r.seen("."), r.listed()
			if !slices.Equal(got, want) {
				t.Errorf("seen\n%q\ngit lists\n%q", got, want)
			}
			if !slices.Contains(want, "build/Dockerfile") || slices.Contains(want, "local/Dockerfile") || slices.Contains(want, "build/x/other") {
				t.Errorf("git lists %q", want)
			}
		})
	}
}

// TestFolderOfARepository: the rules above a folder hold in it, unless it is itself the one asked for.
func TestFolderOfARepository(t *testing.T) {
	r := newTree(t)
	r.write(wild)
	if got, want := r.seen("nested"), []string{"nested/b/.gitignore", "nested/b/f"}; !slices.Equal(got, want) {
		t.Errorf("nested: %q, want %q", got, want)
	}
	if got, want := r.seen("build"), []string{"build/Dockerfile", "build/x/other"}; !slices.Equal(got, want) {
		t.Errorf("build: %q, want %q", got, want)
	}
}

// TestRepositoryInRepository: a submodule is tracked, whatever the patterns say, and what it ignores is
// its own business; so it is with another worktree.
func TestRepositoryInRepository(t *testing.T) {
	inner := newTree(t)
	inner.write(map[string]string{"Dockerfile": "", "x.log": "", ".gitignore": "gen\n", "gen/Dockerfile": ""})
	inner.git("add", "-f", ".gitignore", "Dockerfile", "x.log")
	inner.git("commit", "-q", "-m", "first")
	r := newTree(t)
	r.write(wild)
	r.git("submodule", "--quiet", "add", "-f", inner.dir, "build/sub")
	r.git("commit", "-q", "-m", "first")
	r.write(map[string]string{"build/sub/gen/Dockerfile": "", "build/sub/y.log": ""})
	got := slices.DeleteFunc(r.seen("."), func(name string) bool { return !strings.HasPrefix(name, "build/") })
	if want := []string{"build/sub/.gitignore", "build/sub/Dockerfile", "build/sub/x.log", "build/sub/y.log"}; !slices.Equal(got, want) {
		t.Errorf("seen %q, want %q", got, want)
	}

	other := tree{t, filepath.Join(t.TempDir(), "other")}
	inner.write(map[string]string{".git/info/exclude": "local\n"})
	inner.git("worktree", "add", "-q", other.dir)
	other.write(map[string]string{"local": "", "gen/Dockerfile": "", "new": ""})
	if got, want := other.seen("."), []string{".gitignore", "Dockerfile", "new", "x.log"}; !slices.Equal(got, want) {
		t.Errorf("worktree: %q, want %q", got, want)
	}
}

// TestNoRepository: what a .gitignore says is meant outside of a repository too.
func TestNoRepository(t *testing.T) {
	r := tree{t, t.TempDir()}
	r.write(map[string]string{".gitignore": "out\n", "out/a": "", "b": ""})
	if got, want := r.seen("."), []string{".gitignore", "b"}; !slices.Equal(got, want) {
		t.Errorf("seen %q, want %q", got, want)
	}
}

// FuzzIndex: any bytes are read in bounds.
func FuzzIndex(f *testing.F) {
	entry := "DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + strings.Repeat("\x00", 60) + "\x00\x01a" + strings.Repeat("\x00", 9)
	f.Add([]byte(entry + strings.Repeat("\x00", 20)))
	f.Add([]byte("DIRC\x00\x00\x00\x04\xff\xff\xff\xff" + strings.Repeat("\xff", 200)))
	f.Fuzz(func(t *testing.T, src []byte) {
		paths, base, err := parseIndex(src)
		if err == nil && len(src) < 12 {
			t.Error("an index without a header")
		}
		if base != "" && len(base) != 40 && len(base) != 64 {
			t.Errorf("shared index %q", base)
		}
		total := 0
		for _, p := range paths {
			total += len(p)
		}
		if total > maxIndex {
			t.Errorf("%d bytes of paths", total)
		}
	})
}

// TestTooMuch: names and ends of names cost nothing, whatever their number; other patterns cost the bytes of the paths
// that they are compared with, in all folders together, until it is too much.
func TestTooMuch(t *testing.T) {
	dir := t.TempDir()
	for patterns, want := range map[string]int{"a\n*.log\n/x/y\n!b\n": 0, "a*b\nx?\n": 2 * len("file")} {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(patterns), 0o644); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		r := For(dir).In(dir, entries)
		r.Ignores(filepath.Join(dir, "file"), false)
		if *r.took != want || r.TooMuch() {
			t.Errorf("%q took %d, want %d", patterns, *r.took, want)
		}
		below := r.Below(filepath.Join(dir, "folder"))
		*r.took = maxTook + 1
		if !below.TooMuch() {
			t.Error("a folder below counts for itself")
		}
	}
}
