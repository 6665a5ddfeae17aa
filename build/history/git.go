package history

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// repository runs git in one working tree.
type repository struct {
	ctx     context.Context
	program string
	top     string   // the working tree's root, without links
	options []string // that keep git from running what the repository's configuration names
	drivers map[string]bool
	lfs     bool // Git LFS is set up
	shallow bool
}

// open finds the repository that a directory is in. The directory is a path without links.
func open(ctx context.Context, dir string) (*repository, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is needed for this, and it is not installed, or not in PATH")
	}
	r := &repository{ctx: ctx, program: program, top: dir, drivers: map[string]bool{}}
	r.options = []string{
		"--no-pager", "--literal-pathspecs",
		"-c", "core.fsmonitor=", "-c", "core.hooksPath=" + os.DevNull, "-c", "safe.bareRepository=explicit",
	}
	out, err := r.run("", "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-toplevel")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	switch {
	case lines[0] == "true" || err != nil && strings.Contains(err.Error(), "safe.bareRepository"):
		return nil, fmt.Errorf("the git repository of %s is bare: it has no files to compare with", dir)
	case err != nil && strings.Contains(err.Error(), "dubious ownership"):
		return nil, fmt.Errorf("git does not trust the repository of %s, since it belongs to someone else: git config --global --add safe.directory makes it", dir)
	case err != nil && strings.Contains(err.Error(), "not a git repository"):
		return nil, fmt.Errorf("%s is in no git repository", dir)
	case err != nil:
		return nil, err
	case len(lines) < 3:
		return nil, errors.New("git does not say where the repository is")
	}
	r.shallow = lines[1] == "true"
	top := filepath.FromSlash(strings.Join(lines[2:], "\n")) // a name may hold line breaks
	if r.top, err = filepath.EvalSymlinks(top); err != nil {
		return nil, err
	}
	return r, r.disarm()
}

// disarm overrides the filters that are configured: git runs them when it compares files.
func (r *repository) disarm() error {
	out, err := r.run("", "config", "-z", "--name-only", "--get-regexp", `^filter\.`)
	if err != nil && out == "" {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 1 {
			return nil // there are none
		}
		return err
	}
	for _, key := range strings.Split(strings.TrimSuffix(out, "\x00"), "\x00") {
		name := strings.TrimPrefix(key, "filter.")
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 || r.drivers[name[:dot]] {
			continue
		}
		driver := name[:dot]
		if strings.ContainsAny(driver, "=\n") {
			return fmt.Errorf("git's configuration has a filter with the name %q, which cannot be turned off", driver)
		}
		r.drivers[driver] = true
		r.lfs = r.lfs || driver == "lfs"
		for _, setting := range []string{"clean=", "smudge=", "process=", "required=false"} {
			r.options = append(r.options, "-c", "filter."+driver+"."+setting)
		}
	}
	return nil
}

// abs is the path of a file, which git tells with slashes relative to the root.
func (r *repository) abs(name string) string { return filepath.Join(r.top, filepath.FromSlash(name)) }

// command is git with arguments.
func (r *repository) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.ctx, r.program, append(append([]string{"-C", r.top}, r.options...), args...)...)
	cmd.WaitDelay = time.Second
	for _, variable := range os.Environ() {
		// Where the repository is, and what programs to use, is not to be taken from the hook or alias
		// that this is called by; the person's configuration is.
		if !strings.HasPrefix(variable, "GIT_") || strings.HasPrefix(variable, "GIT_CONFIG_") || strings.HasPrefix(variable, "GIT_CEILING_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1")
	return cmd
}

// run returns what git writes.
func (r *repository) run(stdin string, args ...string) (string, error) {
	cmd := r.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	return stdout.String(), r.failure(err, stderr.String())
}

// failure is an error of git in its own words.
func (r *repository) failure(err error, stderr string) error {
	switch {
	case err == nil:
		return nil
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	}
	if _, fatal, ok := strings.Cut(stderr, "fatal: "); ok { // warnings may precede it
		stderr = fatal
	}
	line, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	return &gitError{strings.TrimSuffix(strings.TrimSpace(line), ":"), err}
}

type gitError struct {
	message string
	err     error
}

func (e *gitError) Error() string {
	if e.message == "" {
		return "git: " + e.err.Error()
	}
	return "git: " + e.message
}
func (e *gitError) Unwrap() error { return e.err }

// commit is the full name of the commit that a revision is. The revision comes to git through its
// standard input, so it cannot be an option.
func (r *repository) commit(revision string) (string, error) {
	if strings.ContainsAny(revision, "\n\x00") {
		return "", fmt.Errorf("%q is no revision", revision)
	}
	out, err := r.run(revision+"^{commit}\n", "cat-file", "--batch-check")
	if err != nil {
		return "", err
	}
	fields := strings.Fields(out)
	switch {
	case len(fields) == 3 && fields[1] == "commit":
		return fields[0], nil
	case strings.HasSuffix(out, " ambiguous\n"):
		return "", fmt.Errorf("%q is the beginning of more than one revision's name", revision)
	case r.shallow:
		return "", fmt.Errorf("there is no revision %q in this shallow clone: git fetch --unshallow brings all of them (actions/checkout does it with fetch-depth: 0)", revision)
	}
	return "", fmt.Errorf("there is no revision %q in the git repository", revision)
}

// The modes of git.
const (
	absent     = "000000"
	executable = "100755"
	symlink    = "120000"
	submodule  = "160000"
)

// change is a file that differs between a commit and the working tree.
type change struct {
	path             string
	oldMode, newMode string
	old, new         string      // object names; new is zeros if git would have to read the file to know
	now              fs.FileInfo // nil if there is none on disk
}

// doubtful reports whether git did not look into the file.
func (ch change) doubtful() bool {
	return strings.Trim(ch.new, "0") == "" && ch.now != nil && ch.now.Mode().IsRegular() && strings.HasPrefix(ch.oldMode, "100")
}

// changes are the files that differ from those of a commit, as far as git can tell without reading them.
func (r *repository) changes(commit string, paths []string) (changes []change, err error) {
	args := []string{"diff-index", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=dirty", commit, "--"}
	out, err := r.run("", append(args, paths...)...)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(out, "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		fields := strings.Fields(strings.TrimPrefix(parts[i], ":"))
		if len(fields) != 5 {
			return nil, errors.New("git: what diff-index writes is not understood")
		}
		ch := change{path: parts[i+1], oldMode: fields[0], newMode: fields[1], old: fields[2], new: fields[3]}
		if info, err := os.Lstat(r.abs(ch.path)); err == nil {
			if ch.now = info; ch.newMode == absent {
				ch.newMode = modeOf(info) // git has it no more, but it is there
			}
		} else if ch.newMode != absent {
			continue // a sparse checkout leaves it out
		}
		changes = append(changes, ch)
	}
	return changes, nil
}

// modeOf is how git calls the mode of a file.
func modeOf(info fs.FileInfo) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return symlink
	case !info.Mode().IsRegular():
		return absent
	case info.Mode()&0o100 != 0:
		return executable
	}
	return "100644"
}

// untracked are the files that git neither has nor ignores.
func (r *repository) untracked(paths []string) ([]string, error) {
	out, err := r.run("", append([]string{"ls-files", "-z", "--others", "--exclude-standard", "--"}, paths...)...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), nil
}

// hash is what git would store regular files as.
func (r *repository) hash(paths []string) (map[string]string, error) {
	var stdin strings.Builder
	for _, p := range paths {
		stdin.WriteString(quote(p) + "\n")
	}
	out, err := r.run(stdin.String(), "hash-object", "--stdin-paths")
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(out)
	if len(lines) != len(paths) {
		return nil, errors.New("git: what hash-object writes is not understood")
	}
	ids := map[string]string{}
	for i, p := range paths {
		ids[p] = lines[i]
	}
	return ids, nil
}

// quote writes a path as git reads it in a list of lines.
func quote(p string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(p); i++ {
		if c := p[i]; c < ' ' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// filtered are the files that a configured filter writes, other than that of Git LFS.
func (r *repository) filtered(paths []string) (map[string]bool, error) {
	found := map[string]bool{}
	if len(r.drivers) == 0 {
		return found, nil
	}
	out, err := r.run(strings.Join(paths, "\x00")+"\x00", "check-attr", "-z", "--stdin", "filter")
	parts := strings.Split(out, "\x00") // path, "filter", driver and so on
	for i := 0; i+2 < len(parts); i += 3 {
		found[parts[i]] = r.drivers[parts[i+2]] && parts[i+2] != "lfs"
	}
	return found, err
}

// contents reads objects, and calls fn with each in turn.
func (r *repository) contents(objects []string, fn func(i int, b *blob) error) error {
	if len(objects) == 0 {
		return nil
	}
	cmd := r.command("cat-file", "--batch")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(objects, "\n")+"\n"), &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	in := bufio.NewReaderSize(pipe, 64<<10)
	for i, id := range objects {
		if err = each(in, id, func(b *blob) error { return fn(i, b) }); err != nil {
			break
		}
	}
	if err != nil {
		pipe.Close() // git ends when it cannot write
	}
	ended := cmd.Wait()
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if err != nil && stderr.Len() > 0 {
		return r.failure(err, stderr.String())
	}
	if err != nil {
		return err
	}
	return r.failure(ended, stderr.String())
}

// each reads one object.
func each(in *bufio.Reader, id string, fn func(*blob) error) error {
	header, err := in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("git: reading %s: %w", id, err)
	}
	fields := strings.Fields(header)
	if len(fields) != 3 || fields[1] != "blob" {
		return fmt.Errorf("the git repository lacks an old file (%s), and nothing is fetched; in a partial clone, git diff --stat with the same revision brings it", strings.TrimSpace(header))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return fmt.Errorf("git: %w", err)
	}
	b := &blob{size: size, left: io.LimitReader(in, size)}
	if err := fn(b); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, b.left); err != nil {
		return err
	}
	_, err = in.Discard(1)
	return err
}

// blob is a file that git holds. It is read once.
type blob struct {
	size int64
	left io.Reader
}

func (b *blob) text(limit int64) (string, error) {
	if b.size > limit {
		return "", fmt.Errorf("larger than %d MiB", limit>>20)
	}
	body, err := io.ReadAll(b.left)
	return string(body), err
}

func (b *blob) sum() (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	_, err = io.Copy(h, b.left)
	h.Sum(sum[:0])
	return sum, err
}

func sum(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }
