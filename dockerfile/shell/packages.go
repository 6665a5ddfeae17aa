package shell

import "strings"

// OSPackages is a command of an operating system's package manager.
type OSPackages struct {
	Manager    string // apt, apk, dnf, zypper or pacman; yum, microdnf and tdnf count as dnf
	Refresh    bool   // it refreshes the index and does nothing else
	Fetches    bool   // it fetches the index anew, whatever else it does: apt-get update, apk add -U, pacman -Syu
	Upgrade    bool
	Install    bool
	Remove     bool
	Clean      bool
	DropsLists bool // it deletes the package lists of apt: apt-get dist-clean
	KeepsIndex bool // the index that it fetches stays in the layer: apk add --no-cache keeps none
	Packages   []Word
	Group      Word // the name under which what it installs can be removed again: apk add -t NAME; Text empty: none
}

// OSPackages reads apt-get, apt, apk, dnf, yum, microdnf, tdnf, zypper and pacman commands. For
// dnf, yum and zypper "update" is the upgrade, not the refresh.
func (c *Command) OSPackages() (OSPackages, bool) {
	p := c.row()
	if p.manager == "" {
		return OSPackages{}, false
	}
	os := OSPackages{Manager: p.manager}
	if p.system != nil {
		return p.system(c, os)
	}
	operands := c.Operands()
	if len(operands) == 0 {
		return os, true
	}
	sub := operands[0].Text
	os.Packages = operands[1:]
	if len(os.Packages) > 0 && (sub == "module" || sub == "group" || sub == "groups") {
		sub += " " + os.Packages[0].Text // reset, enable and disable install nothing
		os.Packages = os.Packages[1:]
	}
	switch p.manager + " " + sub {
	case "apt update", "apk update", "dnf makecache", "dnf check-update", "zypper refresh", "zypper ref":
		os.Refresh = true
	case "apt upgrade", "apt dist-upgrade", "apt full-upgrade", "apk upgrade", "dnf update", "dnf upgrade", "dnf up", "dnf distro-sync",
		"dnf group update", "dnf group upgrade", "dnf module update", "dnf update-minimal", "dnf upgrade-minimal", "zypper update", "zypper up", "zypper patch", "zypper dist-upgrade", "zypper dup":
		os.Upgrade = true
	case "apt install", "apt build-dep", "apt reinstall", "apk add", "dnf install", "dnf in", "dnf reinstall", "dnf groupinstall",
		"dnf localinstall", "dnf group install", "dnf groups install", "dnf module install", "dnf module switch-to", "dnf builddep", "zypper install", "zypper in":
		os.Install = true
	case "dnf group remove", "dnf module remove", "apt remove", "apt purge", "apt autoremove", "apk del", "dnf remove", "dnf erase", "dnf autoremove", "zypper remove", "zypper rm":
		os.Remove = true
	case "apt clean", "apt autoclean", "apt dist-clean", "apt distclean", "dnf clean", "zypper clean", "zypper cc", "apk cache":
		os.Clean = true
		os.DropsLists = sub == "dist-clean" || sub == "distclean"
	}
	os.KeepsIndex = !c.HasFlag("--no-cache")
	if p.manager == "apk" {
		os.Group, _ = c.Flag("-t", "--virtual")
	}
	os.Fetches = os.Refresh || (os.Install || os.Upgrade) && c.HasFlag("--no-cache", "-U", "--update-cache", "--update")
	return os, true
}

// pacman has options for sub-commands: -S, -Sy, -Syu, -R.
func (c *Command) pacman(os OSPackages) (OSPackages, bool) {
	os.Packages, os.KeepsIndex = c.Operands(), true
	for _, w := range c.Words[1:] {
		option := w.Text
		switch {
		case strings.HasPrefix(option, "-S") && strings.Contains(option, "c"):
			os.Clean = true
		case strings.HasPrefix(option, "-S"), option == "--sync":
			os.Upgrade = strings.Contains(option, "u")
			os.Install = len(os.Packages) > 0
			os.Fetches = strings.Contains(option, "y")
			os.Refresh = os.Fetches && !os.Upgrade && !os.Install
		case strings.HasPrefix(option, "-R"), option == "--remove":
			os.Remove = true
		case strings.HasPrefix(option, "-U"):
			os.Install = true
		}
	}
	return os, true
}

// Cost is how expensive a command typically is to run again.
type Cost int

// The classes of cost, least first.
const (
	Cheap    Cost = iota
	Download      // fetches something: curl, git clone
	Packages      // installs packages
	Compile       // compiles or bundles the project
)

// Cost classifies the command: what a needless rerun costs.
func (c *Command) Cost() Cost {
	if os, ok := c.OSPackages(); ok {
		if os.Install || os.Upgrade {
			return Packages
		}
		if os.Refresh {
			return Download
		}
		return Cheap
	}
	if inst, ok := c.Install(); ok {
		if inst.Build {
			return Compile
		}
		return Packages
	}
	p, words := c.row(), c.Operands()
	if c.isModule(p) && len(words) > 0 {
		words = words[1:]
	}
	if len(words) > 0 && listed(p.named, words[0].Text) {
		return Packages
	}
	if u, _ := c.use(p, words); u != nil {
		return u.cost
	}
	return Cheap
}
