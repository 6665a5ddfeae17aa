package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// contents says what is known of the image that a FROM names; nothing if it is not known.
func contents(from *stages.Step) string {
	if from.Instr.Name != "FROM" || from.Stage.Parent != nil || from.Stage.Scratch() {
		return ""
	}
	image, ok := images.Of(from.Stage)
	if !ok {
		return ""
	}
	var parts []string
	switch system := distribution(image); {
	case system != "":
		parts = append(parts, "holds "+system)
	case image.Distroless:
		parts = append(parts, "has no shell")
	}
	switch {
	case image.User != "" && strings.HasPrefix(image.Workdir, "/"):
		parts = append(parts, fmt.Sprintf("runs as %s in %s", code(image.User), code(image.Workdir)))
	case image.User != "":
		parts = append(parts, "runs as "+code(image.User))
	case strings.HasPrefix(image.Workdir, "/"):
		parts = append(parts, "works in "+code(image.Workdir))
	}
	if argv := slices.Concat(image.Entry.Argv, image.Cmd.Argv); len(argv) > 0 {
		parts = append(parts, "starts "+code(strings.Join(argv, " ")))
	}
	written, _, _ := strings.Cut(from.Stage.Base.Text, "@")
	name := code(written)
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return name + " " + parts[0] + "."
	}
	return name + " " + words.Alternatives(parts, "and") + "."
}

// distribution is what an image holds, as people call it: Debian 12 with apt.
func distribution(image images.Facts) string {
	name, version, _ := strings.Cut(image.Distro, ":")
	if name == "" {
		name = image.Family
	}
	title, ok := distributions[name]
	if !ok {
		return ""
	}
	if version != "" && image.DistroInTag {
		title += " " + version
	}
	switch {
	case image.Distroless:
		return title + ", without a shell"
	case image.PackageManager != "" && image.PackageManager != "none":
		return title + " with " + code(image.PackageManager)
	}
	return title
}

// distributions are the names that people know.
var distributions = map[string]string{
	"almalinux": "AlmaLinux", "alpine": "Alpine", "amazonlinux": "Amazon Linux", "archlinux": "Arch Linux", "azurelinux": "Azure Linux",
	"busybox": "BusyBox", "centos": "CentOS", "centos-stream": "CentOS Stream", "debian": "Debian", "fedora": "Fedora", "opensuse-leap": "openSUSE Leap",
	"oracle": "Oracle Linux", "photon": "Photon OS", "rocky": "Rocky Linux", "ubi": "Red Hat UBI", "ubuntu": "Ubuntu", "wolfi": "Wolfi",
	"windows-nanoserver": "Windows Nano Server", "windows-servercore": "Windows Server Core",
}
