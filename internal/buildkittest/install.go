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

	"layerwise/internal/endtoend"
)

// tools are the programs that the tests need.
type tools struct {
	buildkitd string
	runc      string
	busybox   string // linked statically, for base images
}

// install finds the programs, or gets them. BuildKit's source is at hand, since its client is compiled
// into this test.
func install(t testing.TB) tools {
	t.Helper()
	if os.Geteuid() != 0 {
		endtoend.Missing(t, "a BuildKit daemon needs root")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		endtoend.Missing(t, fmt.Sprintf("BuildKit has no place to be kept in: %v", err))
	}
	cache = filepath.Join(cache, "layerwise")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	// Test processes install one after another.
	lock, err := os.OpenFile(filepath.Join(cache, "install.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	found := tools{runc: endtoend.Need(t, "runc", "runc"), busybox: endtoend.Need(t, "busybox", "busybox-static")}
	if !static(found.busybox) {
		endtoend.Missing(t, found.busybox+" is not linked statically (Debian: apt-get install busybox-static)")
	}
	if found.buildkitd, err = buildDaemon(cache); err != nil {
		endtoend.Missing(t, fmt.Sprintf("buildkitd cannot be built: %v", err))
	}
	return found
}

// static reports whether a program needs no libraries.
func static(name string) bool {
	f, err := elf.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
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
