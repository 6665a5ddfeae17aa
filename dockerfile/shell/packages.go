package shell

import (
	"path"
	"slices"
	"strings"
)

// OSPackages is a command of an operating system's package manager.
type OSPackages struct {
	Manager    string // apt, apk, dnf, zypper or pacman; yum, microdnf and tdnf count as dnf
	Refresh    bool   // it refreshes the index and does nothing else
	Fetches    bool   // it fetches the index anew, whatever else it does: apt-get update, apk add -U, pacman -Syu
	Upgrade    bool
	Release    bool // the upgrade may also remove packages, or go to another release: apt-get dist-upgrade
	Install    bool
	Remove     bool
	Clean      bool
	Lists      string // the folder of the package lists, if Dockerfiles delete them with rm
	DropsLists bool   // it deletes them: apt-get dist-clean
	KeepsIndex bool   // the index that it fetches stays in the layer: apk add --no-cache keeps none
	Packages   []Word
	Group      Word     // the name under which what it installs can be removed again: apk add -t NAME; Text empty: none
	Tool       string   // the name that it is called by: yum, where Manager is dnf
	Recommends bool     // it also installs what the packages recommend
	CleansAll  bool     // it deletes all that was downloaded: dnf clean all, but not dnf clean metadata
	Leaves     []string // the folders of the image in which it leaves what it has downloaded
	CleanUp    string   // the command that deletes that: dnf clean all
	Lean       string   // the option with which it leaves or installs less: --no-cache of apk
	Unpinned   []Word   // packages to install whose version is left open
	ForPeople  string   // of a program made for people at a terminal: the one for scripts, for this command; else ""
}

// manager says how a package manager of an operating system is used: which sub-commands do what, with | between
// alternatives. Lists of options are strings of words.
type manager struct {
	name    string
	refresh string
	upgrade string
	install string
	remove  string
	clean   string
	drops   string                                        // those of clean that delete the package lists
	release string                                        // those of upgrade that may also remove packages, or go to another release
	lists   string                                        // the folder of the package lists, if Dockerfiles delete them with rm
	noIndex string                                        // options with which the index is fetched and not stored
	fetch   string                                        // options with which it is fetched, whatever else the command does
	group   string                                        // options whose value is the name for what is installed
	lean    string                                        // the option for scripts with which it leaves or installs less
	leaves  string                                        // the folders that it leaves full
	cleanUp string                                        // the command that empties them; the program's own name for %
	all     string                                        // what clean deletes all with, if it does not by itself
	root    string                                        // options for another root folder
	extras  string                                        // options by which it installs no recommended packages; "" if it never does
	byName  string                                        // sub-commands that install packages by their names
	pinned  string                                        // the signs that set a version off from a name
	arch    bool                                          // a colon sets the machine off from a name: libc6:i386
	dashed  bool                                          // or a dash with a digit behind it
	people  string                                        // the program that is made for people at a terminal
	scripts string                                        // in its stead, those for scripts, with their sub-commands: NAME=SUB|SUB
	read    func(*Command, OSPackages) (OSPackages, bool) // for one that has options for sub-commands
	tries   string                                        // options with which it only says what it would do
	asks    asking                                        // when it asks whether to go on
}

var (
	apkPackages = manager{name: "apk", refresh: "update", upgrade: "upgrade", install: "add", remove: "del", clean: "cache",
		noIndex: "--no-cache", tries: "-s --simulate", fetch: "-U --update-cache --update", group: "-t --virtual",
		lean: "--no-cache", leaves: "/var/cache/apk /etc/apk/cache", cleanUp: "rm -rf /var/cache/apk/*", root: "-p --root --cache-dir", pinned: "=~<>", byName: "add"}
	aptPackages = manager{name: "apt", refresh: "update", upgrade: "upgrade|dist-upgrade|full-upgrade", release: "dist-upgrade|full-upgrade", install: "install|build-dep|reinstall",
		fetch:  "-U --update",
		remove: "remove|purge|autoremove", clean: "clean|autoclean|dist-clean|distclean", drops: "dist-clean|distclean", lists: "/var/lib/apt/lists", asks: aptAsks, tries: "-s --simulate --just-print --dry-run --recon --no-act --print-uris",
		lean: "--no-install-recommends", leaves: "/var/lib/apt/lists", cleanUp: "rm -rf /var/lib/apt/lists/*", pinned: "=", arch: true, byName: "install", extras: "--no-install-recommends -R --without-recommends",
		people: "apt", scripts: "apt-get=update|install|reinstall|upgrade|full-upgrade|dist-upgrade|remove|purge|autoremove|autopurge|clean|autoclean|build-dep|source|download|satisfy apt-cache=show|search|policy|depends|rdepends|showsrc|list"}
	// For dnf, yum and zypper "update" is the upgrade.
	dnfPackages = manager{name: "dnf", refresh: "makecache|check-update",
		release: "distro-sync", upgrade: "update|upgrade|up|distro-sync|group update|group upgrade|module update|update-minimal|upgrade-minimal",
		install: "install|in|reinstall|groupinstall|localinstall|group install|groups install|module install|module switch-to|builddep",
		remove:  "group remove|module remove|remove|erase|autoremove", clean: "clean", asks: dnfAsks,
		leaves: "/var/cache/dnf /var/cache/libdnf5 /var/cache/yum /var/cache/tdnf", cleanUp: "% clean all", all: "all", root: "--installroot --downloaddir", pinned: "=", dashed: true, byName: "install in localinstall"}
	pacmanPackages = manager{name: "pacman", read: (*Command).pacman}
	zypperPackages = manager{name: "zypper", tries: "-D --dry-run", refresh: "refresh|ref", upgrade: "update|up|patch|dist-upgrade|dup", release: "dist-upgrade|dup", install: "install|in",
		remove: "remove|rm", clean: "clean|cc", asks: zypperAsks, leaves: "/var/cache/zypp", cleanUp: "% clean --all", root: "-R --root --cache-dir", pinned: "=<>", dashed: true, byName: "install in"}
)

// named is the manager's name; "" if there is none.
func (m *manager) named() string {
	if m == nil {
		return ""
	}
	return m.name
}

// OSPackages reads apt-get, apt, apk, dnf, yum, microdnf, tdnf, zypper and pacman commands.
func (c *Command) OSPackages() (OSPackages, bool) {
	if c.row().packages == nil { // most
		return OSPackages{}, false
	}
	c.packaged.Do(func() {
		if os, ok := c.readOSPackages(); ok {
			c.osPackages = &os
		}
	})
	if c.osPackages == nil {
		return OSPackages{}, false
	}
	return *c.osPackages, true
}

func (c *Command) readOSPackages() (OSPackages, bool) {
	m := c.row().packages
	os := OSPackages{Manager: m.name, Lists: m.lists, Tool: c.Program, Lean: m.lean}
	if m.read != nil {
		return m.read(c, os)
	}
	operands := c.Operands()
	if len(operands) == 0 || c.hasListed(m.tries) {
		return os, true
	}
	is := func(subs string) bool {
		_, ok := (&use{sub: subs}).fits(c, operands)
		return ok && subs != ""
	}
	os.Refresh, os.Upgrade, os.Install = is(m.refresh), is(m.upgrade), is(m.install)
	os.Release = is(m.release)
	os.Remove, os.Clean, os.DropsLists = is(m.remove), is(m.clean), is(m.drops)
	os.Packages = operands[1:]
	if len(os.Packages) > 0 && slices.Contains([]string{"group", "groups", "module"}, operands[0].Text) {
		os.Packages = os.Packages[1:] // dnf group install NAME
	}
	os.KeepsIndex = !c.hasListed(m.noIndex)
	os.Group, _ = c.Flag(strings.Fields(m.group)...)
	os.Fetches = os.Refresh || (os.Install || os.Upgrade) && (c.hasListed(m.noIndex) || c.hasListed(m.fetch))
	m.leftovers(c, &os)
	if os.Install && listed(m.byName, operands[0].Text) {
		os.Unpinned = m.unpinned(os.Packages)
	}
	return os, true
}

// ListsIn is the package manager whose folder of package lists the text names, or a folder of that; "" if it is none.
func ListsIn(text string) (manager string) {
	for i := range programs {
		if m := programs[i].packages; m != nil && m.lists != "" && strings.Contains(text, path.Dir(m.lists)) {
			return m.name
		}
	}
	return ""
}

// An EmptiedCache is a folder of downloaded packages that is emptied after each install, by a file of settings that the images of
// a distribution bring.
type EmptiedCache struct {
	Folder   string
	Settings string // the file
}

// EmptiedIn is the cache of the package manager that images of a family of distributions empty; ok is false if they do not.
// Sources: https://github.com/debuerreotype/debuerreotype, scripts/debuerreotype-minimizing-config;
// https://git.launchpad.net/cloud-images, docker-clean.
func (os OSPackages) EmptiedIn(family string) (c EmptiedCache, ok bool) {
	if os.Manager != aptPackages.name || family != "debian" && family != "ubuntu" {
		return EmptiedCache{}, false
	}
	return EmptiedCache{"/var/cache/apt", "/etc/apt/apt.conf.d/docker-clean"}, true
}

// SetsPackages reports whether a text may change the settings of a package manager of Debian's.
func SetsPackages(text string) bool {
	return strings.Contains(text, "docker-clean") || strings.Contains(text, "apt.conf") || strings.Contains(text, "APT_CONFIG") || strings.Contains(text, "Keep-Downloaded-Packages")
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

// InstallsPackageFiles reports whether the command installs nothing but files of packages, by their whole paths:
// pip install /wheels/*.whl.
func (c *Command) InstallsPackageFiles() bool {
	words := c.Operands()
	inst, ok := c.Install()
	if !ok || inst.Build || inst.DepsOnly || len(inst.Files) > 0 || len(words) < 2 || !listed(c.row().named, words[0].Text) || c.Has(EditableProject) {
		return false
	}
	return !slices.ContainsFunc(words[1:], func(w Word) bool {
		return !path.IsAbs(w.Text) || path.Base(w.Text) != "*" && path.Ext(w.Text) != ".whl" || strings.Contains(w.Text, "$")
	})
}

// Uninstalls reports whether the command removes packages of a language: npm uninstall, pip uninstall.
func (c *Command) Uninstalls() bool {
	words := c.Operands()
	return c.row().named != "" && len(words) > 0 && listed("purge remove rm un uninstall unlink", words[0].Text)
}
