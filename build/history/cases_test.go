package history_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"layerwise/build/files"
	"layerwise/build/history"
)

// TestHostile: nothing that a repository names in its configuration is run.
func TestHostile(t *testing.T) {
	w := newWorkingTree(t)
	ran := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	w.do(os.WriteFile(program, []byte("#!/bin/sh\necho \"$0 $*\" >>"+ran+"\ncat\n"), 0o755))
	w.write("Dockerfile", "FROM a\n")
	w.write("data.bin", "1\n")
	w.write("text.txt", "1\n")
	w.write("racy.bin", "1\n")
	later := time.Now().Add(time.Hour)
	w.do(os.Chtimes(w.abs("racy.bin"), later, later)) // newer than the index: git looks into it
	w.write(".gitattributes", "*.bin filter=evil diff=evil merge=evil\n*.txt filter=other\n")
	w.commit()
	w.write("data.bin", "2\n")
	w.write("text.txt", "1\n") // with another time stamp
	w.do(os.Chtimes(w.abs("text.txt"), later, later))
	w.write("sub/Dockerfile", "FROM a\n")
	for _, hook := range []string{"post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-checkout"} {
		w.do(os.Symlink(program, w.abs(".git/hooks/"+hook)))
	}
	w.write(".git/included", "[filter \"evil\"]\n\tprocess = "+program+" included\n\trequired = true\n")
	w.write(".git/config", strings.ReplaceAll(`[core]
	repositoryformatversion = 0
	bare = false
	fsmonitor = PROGRAM fsmonitor
	hooksPath = .git/hooks
	pager = PROGRAM pager
	editor = PROGRAM editor
	sshCommand = PROGRAM ssh
	gitProxy = PROGRAM proxy
	askPass = PROGRAM askpass
	alternateRefsCommand = PROGRAM refs
	untrackedCache = true
[include]
	path = included
[alias]
	diff-index = !PROGRAM alias
	ls-files = !PROGRAM alias
	cat-file = !PROGRAM alias
[diff]
	external = PROGRAM external
[diff "evil"]
	command = PROGRAM command
	textconv = PROGRAM textconv
[merge "evil"]
	driver = PROGRAM merge
[filter "evil"]
	clean = PROGRAM clean
	smudge = PROGRAM smudge
	required = true
[filter "other"]
	clean = PROGRAM clean
[pager]
	diff-index = PROGRAM pager
	ls-files = true
[gpg]
	program = PROGRAM gpg
[credential]
	helper = !PROGRAM credential
[remote "origin"]
	url = ext::PROGRAM remote
	promisor = true
	uploadpack = PROGRAM uploadpack
	vcs = evil
[extensions]
	partialClone = origin
`, "PROGRAM", program))
	state, _ := w.at("HEAD", ".")
	if body, err := os.ReadFile(ran); err == nil {
		t.Errorf("it ran\n%s", body)
	}
	if _, ok := state.Before[w.abs("sub/Dockerfile")]; !ok {
		t.Errorf("the new file is not noticed: %v", state.Before)
	}
	// The same commands do run the program if they are not kept from it.
	status := exec.Command("git", "-C", w.dir, "status")
	_ = status.Run() // the filters make it fail
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the trap does not work: %v", err)
	}
}

// TestMissingObject: what a partial clone lacks is not fetched.
func TestMissingObject(t *testing.T) {
	w := newWorkingTree(t)
	ran := filepath.Join(t.TempDir(), "ran")
	w.write("Dockerfile", "FROM a\n")
	w.write("file", "1\n")
	w.commit()
	id := w.git("rev-parse", "HEAD:file")
	w.do(os.Remove(w.abs(".git/objects/" + id[:2] + "/" + id[2:])))
	w.git("config", "extensions.partialClone", "origin")
	w.git("config", "remote.origin.promisor", "true")
	w.git("config", "remote.origin.url", "ext::touch "+ran)
	w.git("config", "protocol.ext.allow", "always")
	w.write("file", "other\n")
	_, err := history.At(context.Background(), "HEAD", w.dir, w.abs("Dockerfile"))
	if err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("something was fetched")
	}
}

// TestErrors: what cannot be done is said in words that help.
func TestErrors(t *testing.T) {
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.commit()
	w.write("Dockerfile", "FROM b\n")
	w.commit()
	w.write("new/Dockerfile", "FROM b\n")
	shallow := filepath.Join(t.TempDir(), "shallow")
	w.git("clone", "-q", "--depth", "1", "file://"+w.dir, shallow)
	bare := filepath.Join(t.TempDir(), "bare.git")
	w.git("clone", "-q", "--bare", w.dir, bare)
	w.do(os.WriteFile(filepath.Join(bare, "Dockerfile"), []byte("FROM a\n"), 0o644))
	none := t.TempDir()
	w.do(os.WriteFile(filepath.Join(none, "Dockerfile"), []byte("FROM a\n"), 0o644))
	odd := newWorkingTree(t)
	odd.write("Dockerfile", "FROM a\n")
	odd.commit()
	odd.write(".git/config", "[core]\n\tbare = false\n[filter \"a=b\"]\n\tclean = false\n")
	for _, c := range []struct{ revision, root, dockerfile, want string }{
		{"nowhere", w.dir, "Dockerfile", `there is no revision "nowhere" in the git repository`},
		{"--all", w.dir, "Dockerfile", `there is no revision "--all" in the git repository`},
		{"HEAD:Dockerfile", w.dir, "Dockerfile", `there is no revision "HEAD:Dockerfile" in the git repository`},
		{"HEAD\nHEAD", w.dir, "Dockerfile", `"HEAD\nHEAD" is no revision`},
		{"HEAD~1", shallow, "Dockerfile", `there is no revision "HEAD~1" in this shallow clone: git fetch --unshallow brings all of them (actions/checkout does it with fetch-depth: 0)`},
		{"HEAD", bare, "Dockerfile", "the git repository of " + bare + " is bare: it has no files to compare with"},
		{"HEAD", none, "Dockerfile", none + " is in no git repository"},
		{"HEAD", w.dir, "new/Dockerfile", "the Dockerfile is new"},
		{"HEAD", w.dir, filepath.Join(none, "Dockerfile"), "the Dockerfile is outside of the git repository " + w.dir + " that the build context is in"},
		{"HEAD", odd.dir, "Dockerfile", `git's configuration has a filter with the name "a=b", which cannot be turned off`},
	} {
		dockerfile := c.dockerfile
		if !filepath.IsAbs(dockerfile) {
			dockerfile = filepath.Join(c.root, dockerfile)
		}
		_, err := history.At(context.Background(), c.revision, c.root, dockerfile)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s in %s: %v\nwant %s", c.revision, c.root, err, c.want)
		}
	}
	if os.Getuid() == 0 {
		w.do(os.Chown(odd.dir, 12345, 12345))
		w.do(os.Chown(odd.abs(".git"), 12345, 12345))
		_, err := history.At(context.Background(), "HEAD", odd.dir, odd.abs("Dockerfile"))
		if want := "git does not trust the repository of " + odd.dir; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	t.Run("no git", func(t *testing.T) {
		t.Setenv("PATH", none)
		_, err := history.At(context.Background(), "HEAD", w.dir, w.abs("Dockerfile"))
		if err == nil || !strings.HasPrefix(err.Error(), "git is needed for this") {
			t.Error(err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := history.At(ctx, "HEAD", w.dir, w.abs("Dockerfile")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestCalledFromAHook: the variables that git sets for its hooks and aliases do not matter.
func TestCalledFromAHook(t *testing.T) {
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.commit()
	w.write("new", "")
	t.Setenv("GIT_DIR", ".git")
	t.Setenv("GIT_INDEX_FILE", ".git/other")
	state, err := history.At(context.Background(), "HEAD", w.dir, w.abs("Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Before) != 1 || !state.Before[w.abs("new")].Absent {
		t.Errorf("found %v", state.Before)
	}
}

// TestLineEndings: what differs only as git converts it is no change.
func TestLineEndings(t *testing.T) {
	w := newWorkingTree(t)
	w.git("config", "core.autocrlf", "true")
	w.write(".gitattributes", "*.id ident\n")
	w.write("Dockerfile", "FROM a\n")
	w.write("lf", "a\nb\n")
	w.write("crlf", "a\r\nb\r\n")
	w.write("x.id", "$Id$\n")
	w.commit()
	w.write("lf", "a\r\nb\r\n")
	w.write("crlf", "a\nb\n")
	w.write("x.id", "$Id: 12 $\n")
	if state, _ := w.at("HEAD", "."); len(state.Before) != 0 {
		t.Errorf("found %v", state.Before)
	}
}

// TestLFS: the pointers of Git LFS tell what the files were.
func TestLFS(t *testing.T) {
	w := newWorkingTree(t)
	const was = "large\n"
	w.write("Dockerfile", "FROM a\n")
	for _, name := range []string{"same.bin", "changed.bin", "gone.bin", "pointer.bin"} {
		// The SHA-256 of "large\n".
		w.write(name, "version https://git-lfs.github.com/spec/v1\noid sha256:9bfce334a37bd1bc1d36b0370195b31fe9a9389dd43d0873891a3544ef1140a1\nsize 6\n")
	}
	w.commit()
	w.git("config", "filter.lfs.clean", "false")
	w.git("config", "filter.lfs.required", "true")
	w.write(".git/info/attributes", "*.bin filter=lfs\n")
	w.write("same.bin", was)
	w.write("changed.bin", "other\n")
	w.do(os.Remove(w.abs("gone.bin")))
	_, got := w.at("HEAD", ".")
	checkout := t.TempDir()
	w.do(os.CopyFS(checkout, os.DirFS(w.dir)))
	for _, name := range []string{"same.bin", "changed.bin", "gone.bin"} {
		w.do(os.WriteFile(filepath.Join(checkout, name), []byte(was), 0o644))
	}
	w.differ(got, w.list(checkout, nil))
}

// TestFilter: a filter is not run, so what it makes of a file is not known.
func TestFilter(t *testing.T) {
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.write("secret", "cipher\n")
	w.commit()
	w.git("config", "filter.crypt.clean", "tr a-z n-za-m")
	w.write(".git/info/attributes", "secret filter=crypt\n")
	w.write("secret", "plain text\n")
	state, _ := w.at("HEAD", ".")
	if len(state.Before) != 0 || strings.Join(state.Unsure, " ") != "secret" {
		t.Errorf("found %v, unsure of %q", state.Before, state.Unsure)
	}
}

// TestSubmodule: what a submodule held is known from its own repository.
func TestSubmodule(t *testing.T) {
	library := newWorkingTree(t)
	library.write("a", "1\n")
	library.commit()
	library.write("a", "2\n")
	library.write("b", "2\n")
	library.commit()
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.git("submodule", "-q", "add", library.dir, "lib")
	lib := &workingTree{t, w.abs("lib")}
	lib.git("checkout", "-q", "HEAD~1")
	w.commit()
	lib.git("checkout", "-q", "main")
	lib.write("c", "untracked\n")
	state, _ := w.at("HEAD", ".")
	if old := state.Before[lib.abs("a")]; old.Absent || old.Size != 2 {
		t.Errorf("a was %v", old)
	}
	for _, name := range []string{"b", "c"} {
		if !state.Before[lib.abs(name)].Absent {
			t.Errorf("%s was there", name)
		}
	}
	// From within it.
	lib.write("Dockerfile", "FROM a\n")
	lib.commit()
	lib.write("d", "")
	if inside, _ := w.at("HEAD", "lib"); len(inside.Before) != 1 {
		t.Errorf("found %v", inside.Before)
	}
}

// TestLinkedWorktree: a working tree that shares its repository with another one.
func TestLinkedWorktree(t *testing.T) {
	w := newWorkingTree(t)
	w.write("app/Dockerfile", "FROM a\n")
	w.commit()
	linked := &workingTree{t, w.checkout("HEAD")}
	linked.write("app/new", "")
	linked.write("beside", "")
	w.write("app/other", "")
	state, _ := linked.at("main", "app")
	if len(state.Before) != 1 || !state.Before[linked.abs("app/new")].Absent {
		t.Errorf("found %v", state.Before)
	}
}

// TestSparse: what a sparse checkout leaves out was not there either.
func TestSparse(t *testing.T) {
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.write("in/a", "1\n")
	w.write("out/a", "1\n")
	w.commit()
	w.write("out/a", "2\n")
	w.commit()
	w.git("sparse-checkout", "set", "in")
	if state, _ := w.at("HEAD~1", "."); len(state.Before) != 0 {
		t.Errorf("found %v", state.Before)
	}
}

// TestConflict: a file with conflicts is what is on disk.
func TestConflict(t *testing.T) {
	w := newWorkingTree(t)
	w.write("Dockerfile", "FROM a\n")
	w.write("a", "1\n")
	w.commit()
	w.git("checkout", "-q", "-b", "other")
	w.write("a", "2\n")
	w.commit()
	w.git("checkout", "-q", "main")
	w.write("a", "3\n")
	w.commit()
	w.git("-c", "merge.conflictStyle=merge", "merge", "-q", "-s", "ours", "other") // and now one that fails
	w.git("reset", "-q", "--hard", "HEAD~1")
	w.git("read-tree", "-m", "other~1", "main", "other")
	if state, _ := w.at("HEAD", "."); len(state.Before) != 0 {
		t.Errorf("found %v", state.Before)
	}
	state, _ := w.at("other", ".")
	if old, ok := state.Before[w.abs("a")]; !ok || old.Size != 2 || len(state.Before) != 1 {
		t.Errorf("found %v", state.Before)
	}
}

// TestLinks: the context and the Dockerfile may be reached through links.
func TestLinks(t *testing.T) {
	w := newWorkingTree(t)
	w.write("app/Dockerfile", "FROM a\n")
	w.write("app/Dockerfile.dockerignore", "x\n")
	w.commit()
	w.write("app/Dockerfile", "FROM b\n")
	w.write("app/Dockerfile.dockerignore", "y\n")
	w.write("app/new", "")
	link := filepath.Join(t.TempDir(), "link")
	w.do(os.Symlink(w.abs("app"), link))
	state, err := history.At(context.Background(), "HEAD", link, filepath.Join(link, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if state.Dockerfile != "FROM a\n" || !state.Before[filepath.Join(link, "new")].Absent || len(state.Before) != 3 {
		t.Errorf("found %+v", state)
	}
	c, err := files.Earlier(state.Before).List(context.Background(), link, files.Options{Dockerfile: filepath.Join(link, "Dockerfile")})
	if err != nil || c.Ignore == nil || c.Ignore.Source != "x\n" {
		t.Errorf("the ignore file was %+v, %v", c.Ignore, err)
	}
}

// TestLinkedTexts: an ignore file or a Dockerfile that is a link is read as long as nothing has changed.
func TestLinkedTexts(t *testing.T) {
	for _, name := range []string{".dockerignore", "Dockerfile.dockerignore", "Dockerfile"} {
		w := newWorkingTree(t)
		w.write("Dockerfile", "FROM a\n")
		w.write("target", "FROM a\n")
		w.write("other", "FROM b\n")
		w.do(errors.Join(os.RemoveAll(w.abs(name)), os.Symlink("target", w.abs(name))))
		w.commit()
		w.write("new", "")
		at := func() error {
			_, err := history.At(context.Background(), "HEAD", w.dir, w.abs("Dockerfile"))
			return err
		}
		if err := at(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		w.write("target", "FROM c\n")
		if err := at(); (err == nil) != (name == "Dockerfile") { // whose target's text is known
			t.Errorf("%s, whose target changed: %v", name, err)
		}
		w.write("target", "FROM a\n")
		w.do(errors.Join(os.Remove(w.abs(name)), os.Symlink("other", w.abs(name))))
		if err := at(); err == nil || err.Error() != name+" is or was a link, and has changed: what it held is not known" {
			t.Errorf("%s, which leads elsewhere: %v", name, err)
		}
	}
}
