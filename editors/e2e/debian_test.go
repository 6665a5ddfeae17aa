package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// The releases of Debian whose editors are tested, beside the one that this is.
const (
	stable  = "trixie"
	current = "forky" // its versions move
)

// needDebian returns the folder of a release, with the packages in it. It is made, and kept in the
// user's cache, by a full test run as root.
func needDebian(t *testing.T, release string, packages ...string) string {
	t.Helper()
	if !endtoend.Full() {
		t.Skip("NOT TESTED: needs " + strings.Join(packages, ", ") + " of Debian " + release + ", which make test-editors installs")
	}
	if os.Geteuid() != 0 {
		endtoend.Missing(t, "only root can install "+strings.Join(packages, ", ")+" of Debian "+release+" in a folder")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(cache, "layerwise", release)
	if _, err := os.Stat(root); err != nil {
		bootstrap(t, release, root)
	}
	if exec.Command("chroot", append([]string{root, "dpkg", "-s"}, packages...)...).Run() != nil {
		t.Log("installing", packages)
		// Mirrors may lag behind.
		command(t, "chroot", root, "apt-get", "update", "-qq", "-o", "Acquire::Check-Valid-Until=false")
		command(t, "chroot", append([]string{root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"}, packages...)...)
	}
	versions := command(t, "chroot", append([]string{root, "dpkg-query", "--show"}, packages...)...)
	t.Log(strings.Join(strings.Fields(versions), " "))
	return root
}

// bootstrap makes the smallest system there is, in which nothing that is installed is started.
func bootstrap(t *testing.T, release, root string) {
	t.Helper()
	debootstrap := endtoend.Need(t, "debootstrap", "debootstrap")
	unfinished := root + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		t.Fatal(err)
	}
	// Older ones do not know the release by its name, but all are made like sid.
	command(t, debootstrap, "--variant=minbase", release, unfinished, "http://deb.debian.org/debian", "/usr/share/debootstrap/scripts/sid")
	if err := os.WriteFile(filepath.Join(unfinished, "usr/sbin/policy-rc.d"), []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(unfinished, root); err != nil {
		t.Fatal(err)
	}
}

// inside is the command line that runs a program inside the system at root: with the session's folder
// at its own path, with /proc, in the project, and in namespaces that end when it ends, with all that it started.
func (s *session) inside(root, program string) []string {
	script := `set -e
mount -t proc proc "$0/proc"
mount -t tmpfs tmpfs "$0/tmp"
mkdir -p "$0$1"
mount --bind "$1" "$0$1"
dir=$1/project
shift
exec chroot "$0" env --chdir="$dir" "$@"`
	return []string{"unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, root, s.dir, program}
}

// command runs a program that must succeed, and returns what it printed.
func command(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}
