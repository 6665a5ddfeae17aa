// Package endtoend helps tests that drive the real program through real clients.
package endtoend

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Root returns the folder of the project's sources.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Need returns the path of a program that the test cannot do without, from one of the Debian packages.
func Need(t testing.TB, program string, packages ...string) string {
	t.Helper()
	path := ""
	NeedThat(t, program, func() (err error) { path, err = exec.LookPath(program); return err }, packages...)
	return path
}

// NeedThat makes sure of what the test cannot do without, which comes in the Debian packages. Where it
// is missing, CI installs it, as does a full test run as root; on a user's machine, which is not ours to
// change, the test is skipped.
func NeedThat(t testing.TB, what string, present func() error, packages ...string) {
	t.Helper()
	err := present()
	if err != nil && (inCI() || Full() && os.Geteuid() == 0) {
		install(t, packages)
		err = present()
	}
	if err != nil {
		Missing(t, fmt.Sprintf("%s is not installed: %v (Debian: apt-get install %s)", what, err, strings.Join(packages, " ")))
	}
}

// install runs apt-get, which waits for others of its kind.
func install(t testing.TB, packages []string) {
	t.Helper()
	for _, args := range [][]string{{"update", "-qq"}, append([]string{"install", "-y", "-qq", "--no-install-recommends"}, packages...)} {
		cmd := exec.Command("apt-get", append([]string{"-o", "DPkg::Lock::Timeout=600"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("apt-get %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// Full reports whether all real clients are to be tested, not only those that are quickly installed.
func Full() bool { return os.Getenv("LAYERWISE_E2E") != "" }

func inCI() bool { return os.Getenv("CI") == "true" }

// Missing ends a test whose surroundings are not complete: CI (where CI is "true") fails.
func Missing(t testing.TB, message string) {
	t.Helper()
	if inCI() {
		t.Fatal(message)
	}
	t.Skip("NOT TESTED: " + message)
}

var build = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "layerwise")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "layerwise")
	cmd := exec.Command("go", "build", "-trimpath", "-o", file, ".")
	cmd.Dir = Root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if message, err := cmd.CombinedOutput(); err != nil {
		return message, err
	}
	return os.ReadFile(file)
})

// Program builds the program and returns its path, under the given name, in a folder of its own.
func Program(t testing.TB, name string) string {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, binary)
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// Project returns a fresh copy of docs/quickstart.
func Project(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(Root(), "docs", "quickstart"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The Dockerfile of Project, and what the quick fix for the install order makes of it.
const (
	Quickstart   = quickstartHead + "COPY . .\nRUN pip install -r requirements.txt\n" + quickstartTail
	InstallFirst = quickstartHead + "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n" + quickstartTail

	quickstartHead = "FROM python:latest\n\nENV DATABASE_PASSWORD=hunter2\n\nWORKDIR /app\n"
	quickstartTail = "\nEXPOSE 8000\nCMD [\"python\", \"app.py\"]\n"
)

// SameFile fails the test unless the file holds exactly these bytes.
func SameFile(t testing.TB, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("%s is\n%s\nwant\n%s", filepath.Base(file), got, want)
	}
}
