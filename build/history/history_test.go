package history_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/build/files"
	"layerwise/build/history"
)

var seed = flag.Uint64("seed", 0, "of the random repositories; 0 for another one each time")

// workingTree is a git repository in a folder of the test.
type workingTree struct {
	t   *testing.T
	dir string
}

func newWorkingTree(t *testing.T) *workingTree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	w := &workingTree{t, t.TempDir()}
	w.git("init", "-q", "-b", "main")
	return w
}

func (w *workingTree) git(args ...string) string {
	w.t.Helper()
	args = append([]string{"-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"}, args...)
	cmd := exec.Command("git", args...)
	cmd.Dir = w.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (w *workingTree) abs(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *workingTree) write(name, body string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(w.abs(name)), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(w.abs(name), []byte(body), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workingTree) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workingTree) commit() {
	w.t.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", "a commit")
}

// at lists the context root, relative to the repository, as it was at a revision.
func (w *workingTree) at(revision, root string) (*history.State, []string) {
	w.t.Helper()
	dir := w.abs(root)
	dockerfile := filepath.Join(dir, "Dockerfile")
	state, err := history.At(context.Background(), revision, dir, dockerfile)
	if err != nil {
		w.t.Fatal(err)
	}
	return state, w.list(dir, state.Before)
}

// list tells of every entry that a context sends what counts.
func (w *workingTree) list(dir string, before map[string]files.Old) (lines []string) {
	w.t.Helper()
	c, err := files.Earlier(before).List(context.Background(), dir, files.Options{Dockerfile: filepath.Join(dir, "Dockerfile")})
	if err != nil {
		w.t.Fatal(err)
	}
	var entries []files.Entry
	c.All(func(e files.Entry) bool {
		if !e.Ignored && e.Path != ".git" && !strings.HasPrefix(e.Path, ".git/") && !strings.Contains(e.Path, "/.git") {
			entries = append(entries, e)
		}
		return true
	})
	digests, err := new(files.Hasher).Digests(context.Background(), c, entries)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, e := range entries {
		lines = append(lines, fmt.Sprintf("%q %v link=%q %x", e.Path, e.Mode, e.Link, digests[i][:6]))
	}
	return lines
}

// checkout is a folder with the files of a revision.
func (w *workingTree) checkout(revision string) string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "checkout")
	w.git("worktree", "add", "-q", "--detach", dir, revision)
	return dir
}

// differ reports two listings that are not the same.
func (w *workingTree) differ(got, want []string) {
	w.t.Helper()
	for _, line := range got {
		if !slices.Contains(want, line) {
			w.t.Errorf("it was not there: %s", line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			w.t.Errorf("it was there:     %s", line)
		}
	}
}

// TestRandom: what a random working tree was at a revision is what git checks out.
func TestRandom(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 10
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	for i := range rounds {
		t.Run(fmt.Sprintf("seed=%d", *seed+uint64(i)), func(t *testing.T) {
			w := newWorkingTree(t)
			e := &editor{w, rand.New(rand.NewPCG(*seed+uint64(i), 0))}
			e.begin()
			w.commit()
			revision := w.git("rev-parse", "HEAD")
			for range e.IntN(3) {
				e.edits()
				w.commit()
			}
			e.edits()
			state, got := w.at(revision[:12], ".")
			checkout := w.checkout(revision)
			e.copyIgnored(checkout)
			w.differ(got, w.list(checkout, nil))
			text, err := os.ReadFile(filepath.Join(checkout, "Dockerfile"))
			w.do(err)
			if state.Dockerfile != string(text) {
				t.Errorf("the Dockerfile was %q, want %q", state.Dockerfile, text)
			}
			if t.Failed() {
				t.Logf("%s", w.git("status", "--short", "--ignored"))
			}
		})
	}
}

// editor makes random changes.
type editor struct {
	*workingTree
	*rand.Rand
}

var (
	folders = []string{"", "", "src/", "src/deep/er/", "docs/", "-dash/", "odd [x] *\"\\\n\tü/", " blank/"}
	names   = []string{"a", "b.txt", "-c", "d e", "ü", "[x]", "quote\"", "line\nbreak", "x.log", "kept.log", "Dockerfile", ".dockerignore", ".gitignore", "README.md"}
	ignores = []string{"", "*.log\n", "**/*.md\n!README.md\n", "docs\n", "src/**\n!src/deep/er/a\n", "*\n!src\n"}
)

func (e *editor) pick(list []string) string { return list[e.IntN(len(list))] }
func (e *editor) path() string              { return e.pick(folders) + e.pick(names) }

func (e *editor) body(name string) string {
	switch filepath.Base(name) {
	case ".gitignore":
		return e.pick([]string{"", "*.log\n!kept.log\n", "docs/\n"})
	case ".dockerignore":
		return e.pick(ignores)
	case "Dockerfile":
		return e.pick([]string{"FROM a\n", "FROM b\nCOPY . .\n"})
	}
	return e.pick([]string{"", "1", "2", "3", "a\nb\n", strings.Repeat("long\n", 1000)})
}

func (e *editor) begin() {
	e.write("Dockerfile", e.body("Dockerfile"))
	for range 5 + e.IntN(15) {
		e.put(e.path())
	}
}

// put writes a file, if nothing stands in the way.
func (e *editor) put(name string) {
	if blocked(e.dir, name) {
		return
	}
	if info, err := os.Lstat(e.abs(name)); err == nil && !info.Mode().IsRegular() {
		return
	}
	e.write(name, e.body(name))
}

// blocked reports whether a file cannot be below dir because something else is in the place of a folder.
func blocked(dir, name string) bool {
	for up := filepath.Dir(filepath.FromSlash(name)); up != "."; up = filepath.Dir(up) {
		if info, err := os.Lstat(filepath.Join(dir, up)); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

// files are those that there are, without the Dockerfile of the root.
func (e *editor) files() (list []string) {
	e.do(filepath.WalkDir(e.dir, func(p string, d os.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		rel, _ := filepath.Rel(e.dir, p)
		if err == nil && !d.IsDir() && rel != "Dockerfile" {
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	}))
	return list
}

func (e *editor) edits() {
	for range 1 + e.IntN(8) {
		list := e.files()
		if len(list) == 0 {
			return
		}
		name := e.pick(list)
		info, err := os.Lstat(e.abs(name))
		e.do(err)
		switch e.IntN(12) {
		case 0, 1:
			e.put(e.path())
		case 2, 3:
			e.put(name)
		case 4:
			e.do(os.Remove(e.abs(name)))
			e.removeEmpty(name)
		case 5:
			now := time.Now().Add(time.Duration(e.IntN(100)) * time.Hour)
			if info.Mode().IsRegular() {
				e.do(os.Chtimes(e.abs(name), now, now))
			}
		case 6:
			if info.Mode().IsRegular() {
				e.do(os.Chmod(e.abs(name), info.Mode()^0o111))
			}
		case 7:
			if name == ".dockerignore" {
				continue // one that was a link is not followed
			}
			e.do(os.Remove(e.abs(name)))
			e.do(os.Symlink(e.pick([]string{"a", "../b.txt", "nowhere"}), e.abs(name)))
		case 8: // a file becomes a folder
			e.do(os.Remove(e.abs(name)))
			e.write(name+"/inside", "1")
		case 9: // a folder becomes a file
			if dir := filepath.Dir(name); dir != "." {
				e.do(os.RemoveAll(e.abs(dir)))
				e.write(dir, "1")
			}
		case 10:
			e.git("add", "-A")
		case 11:
			e.git("rm", "-qrf", "--cached", "--ignore-unmatch", "--", ":(literal)"+name)
		}
	}
	e.put("Dockerfile")
}

// removeEmpty removes the folders that held nothing but a file, as git does.
func (e *editor) removeEmpty(name string) {
	for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
		if os.Remove(e.abs(dir)) != nil {
			return
		}
	}
}

// copyIgnored copies what git ignores now to a checkout, where nothing stands in the way: it counts as
// unchanged.
func (e *editor) copyIgnored(checkout string) {
	out := e.git("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
	for _, name := range strings.Split(out, "\x00") {
		to := filepath.Join(checkout, filepath.FromSlash(name))
		if _, err := os.Lstat(to); name == "" || err == nil || blocked(checkout, name) {
			continue
		}
		e.do(os.MkdirAll(filepath.Dir(to), 0o755))
		if out, err := exec.Command("cp", "-a", e.abs(name), to).CombinedOutput(); err != nil {
			e.t.Fatalf("cp: %s", out)
		}
	}
}
