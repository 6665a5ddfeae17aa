package images

import (
	"slices"
	"strconv"
	"strings"
)

// Sh is the shell that /bin/sh is: dash, ash (of busybox) or bash. "" if that is not known.
//
// Sources: Debian and Ubuntu have dash since 2011 (https://wiki.debian.org/Shell); those of Alpine and Wolfi are busybox; of the
// others /bin/sh is a link to bash.
func (f Facts) Sh() string {
	for _, row := range shells {
		if slices.Contains(strings.Fields(row.families), f.Family) {
			return row.sh
		}
	}
	return ""
}

// shells are what /bin/sh is, by the distribution.
var shells = []struct{ sh, families string }{
	{"ash", "alpine busybox wolfi"},
	{"bash", "almalinux amazonlinux archlinux azurelinux centos centos-stream fedora mariner opensuse-leap opensuse-tumbleweed oracle photon rocky ubi"},
	{"dash", "debian ubuntu"},
}

// LacksPipefail reports whether the image's sh surely has no `set -o pipefail`. It is in POSIX since 2024, in dash since
// Debian's 0.5.12-7: Debian 13 and Ubuntu 25.04 (https://bugs.debian.org/1071238).
func (f Facts) LacksPipefail() bool {
	if f.Sh() != "dash" {
		return false
	}
	name, version, _ := strings.Cut(f.Distro, ":")
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	return err == nil && (name == "debian" && n < 13 || name == "ubuntu" && n < 25)
}

// Bash reports whether the image surely has bash.
func (f Facts) Bash() bool { return slices.Contains(f.Shells, "bash") }

// NoShell reports whether the image surely has no shell. Tags of distroless images with "debug" in them bring busybox, and
// tools without a system of their own have other tags that bring one.
func (f Facts) NoShell() bool {
	return f.Distroless && strings.HasSuffix(f.Family, "distroless") && f.Tagged && !f.Recalled && len(f.Shells) == 0 && !strings.Contains(f.Tag, "debug")
}
