//go:build linux

package buildkittest

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// tools are the programs that the tests need.
type tools struct {
	buildkitd string
	runc      string
	busybox   string // linked statically, for base images
	cache     string // directory of this user for what outlives a test
}

// unavailable ends a test that cannot run here: loudly where it must run.
func unavailable(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// install finds the programs, and gets those that are missing. BuildKit's source is at hand, since its
// client is compiled into this test.
func install(t testing.TB) tools {
	t.Helper()
	if os.Geteuid() != 0 {
		unavailable(t, "a BuildKit daemon needs root: run the tests as root to compare with it")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		unavailable(t, "BuildKit has no place to be kept in: %v", err)
	}
	cache = filepath.Join(cache, "layerwise")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	// Test processes install one after another.
	lock, err := lockFile(filepath.Join(cache, "install.lock"), syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	found := tools{cache: cache, runc: lookRunc(), busybox: lookBusybox()}
	if found.runc == "" || found.busybox == "" {
		if os.Getenv("CI") == "true" {
			if err := aptGet("runc", "busybox-static"); err != nil {
				t.Fatal(err)
			}
		}
		found.runc, found.busybox = lookRunc(), lookBusybox()
	}
	if found.runc == "" {
		unavailable(t, "a BuildKit daemon needs runc: install it (Debian: apt-get install runc) to compare with it")
	}
	if found.busybox == "" {
		unavailable(t, "base images need a statically linked /bin/busybox: install it (Debian: apt-get install busybox-static) to compare with BuildKit")
	}
	if found.buildkitd, err = buildDaemon(cache); err != nil {
		unavailable(t, "buildkitd cannot be built: %v", err)
	}
	return found
}

func lookRunc() string {
	name, err := exec.LookPath("runc")
	if err != nil {
		return ""
	}
	return name
}

func lookBusybox() string {
	const name = "/bin/busybox"
	f, err := elf.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return "" // linked dynamically
	}
	return name
}

// aptGet installs Debian packages.
func aptGet(packages ...string) error {
	apt := func(args ...string) error {
		cmd := exec.Command("apt-get", append([]string{"-y", "-q", "-o", "DPkg::Lock::Timeout=300"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		_, err := output(cmd)
		return err
	}
	args := append([]string{"install", "--no-install-recommends"}, packages...)
	if apt(args...) == nil {
		return nil
	}
	if err := apt("update"); err != nil { // the lists may be old, or not there
		return err
	}
	return apt(args...)
}

// buildDaemon builds buildkitd from the module that go.mod requires, once for each version.
func buildDaemon(cache string) (string, error) {
	const module = "github.com/moby/buildkit"
	out, err := output(exec.Command("go", "list", "-m", "-json", module))
	if err != nil {
		return "", err
	}
	var source struct{ Version, Dir string }
	if err := json.Unmarshal(out, &source); err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "buildkitd-"+source.Version)
	binary := filepath.Join(dir, "buildkitd")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fmt.Fprintf(os.Stderr, "building buildkitd %s, once: this takes minutes\n", source.Version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// The daemon is built with its own dependencies, not ours. Its go.mod has a copy, since the module
	// cache is read-only.
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(source.Dir, name))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return "", err
		}
	}
	cmd := exec.Command("go", "build", "-modfile="+filepath.Join(dir, "go.mod"), "-mod=mod", "-trimpath",
		"-ldflags=-s -w -X "+module+"/version.Version="+source.Version, "-o", binary+".new", "./cmd/buildkitd")
	cmd.Dir = source.Dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if _, err := output(cmd); err != nil {
		return "", err
	}
	return binary, os.Rename(binary+".new", binary)
}

// output runs a command; its error has what the command said.
func output(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("%v: %w\n%s", cmd.Args, err, exit.Stderr)
	}
	return out, err
}

// lockFile takes a lock that ends with the file's Close, or with the process.
func lockFile(name string, how int) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, &os.PathError{Op: "flock", Path: name, Err: err}
	}
	return f, nil
}
