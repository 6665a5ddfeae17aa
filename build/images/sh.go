package images

import (
	"slices"
	"strings"
)

// Sh is the shell that /bin/sh is: dash, ash (of busybox) or bash. "" if that is not known.
//
// Sources: Debian and Ubuntu have dash since 2011 (https://wiki.debian.org/Shell); Alpine's is busybox; of the others
// /bin/sh is a link to bash.
func (f Facts) Sh() string {
	switch {
	case f.Windows || f.Distroless:
		return ""
	case f.Family == "busybox":
		return "ash"
	}
	switch f.PackageManager {
	case "apt":
		return "dash"
	case "apk":
		return "ash"
	case "dnf", "yum", "microdnf", "tdnf", "zypper", "pacman":
		return "bash"
	}
	return ""
}

// Bash reports whether the image surely has bash.
func (f Facts) Bash() bool { return slices.Contains(f.Shells, "bash") }

// NoShell reports whether the image surely has no shell. Tags of distroless images with "debug" in them bring busybox, and
// tools without a system of their own have other tags that bring one.
func (f Facts) NoShell() bool {
	return f.Distroless && strings.HasSuffix(f.Family, "distroless") && f.Tagged && !f.Recalled && len(f.Shells) == 0 && !strings.Contains(f.Tag, "debug")
}
