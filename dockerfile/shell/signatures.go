package shell

import (
	"slices"
	"strings"
)

// How package managers are told to install what nobody has signed, or what is signed by somebody unknown.
var (
	// apt-get(8), apt.conf(5)
	aptUnsigned = &certificates{flags: "--allow-unauthenticated --force-yes --allow-insecure-repositories", by: "-o --option", values: "1 yes true with on enable",
		settings: "apt::get::allowunauthenticated acquire::allowinsecurerepositories acquire::allowweakrepositories"}
	// apk(8)
	apkUnsigned = &certificates{flags: "--allow-untrusted"}
	// dnf.conf(5); dnf5 has another spelling
	dnfUnsigned = &certificates{flags: "--nogpgcheck --no-gpgchecks", by: "--setopt", set: "config-manager setopt", settings: "gpgcheck *.gpgcheck pkg_gpgcheck *.pkg_gpgcheck", values: "0 no false off"}
	// rpm(8)
	rpmUnsigned = &certificates{flags: "--nosignature --nodigest --noverify --nofiledigest", asks: "-q --query -e --erase"}
	// zypper(8)
	zypperUnsigned = &certificates{flags: "--no-gpg-checks --no-gpgcheck --allow-unsigned-rpm"}
)

// SignaturesOff is the word by which a package manager is told not to check who made a package, and the option or
// setting in it. What only asks the database of packages checks none anyway.
func (c *Command) SignaturesOff() (w Word, what string, ok bool) {
	t := c.row().unsigned
	if t == nil || c.hasListed(t.asks) {
		return Word{}, "", false
	}
	for option := range strings.FieldsSeq(t.flags) {
		if w, ok := c.optionWord(option); ok {
			return w, option, true
		}
	}
	if w, ok = c.switchedOff(t); ok {
		return w, strings.TrimPrefix(w.Text, "--setopt="), true
	}
	return Word{}, "", false
}

// forcing are such options of apt, and what stands for the other half of each.
var forcing = map[string]string{"--force-yes": "-y"}

// Forces reports whether the option of a package manager also answers all its questions, and what does only that.
func (c *Command) Forces(option string) (instead string, ok bool) {
	return forcing[option], forcing[option] != ""
}

// LocalPackages reports whether all packages that the command installs are files of the image, none an address.
func (c *Command) LocalPackages() bool {
	words := c.Operands()
	if os, ok := c.OSPackages(); ok {
		words = os.Packages
	}
	return len(words) > 0 && !slices.ContainsFunc(words, func(w Word) bool {
		return strings.Contains(w.Text, "://") || !strings.ContainsAny(w.Text, "/*") && !packageFile(w.Text)
	})
}

func packageFile(name string) bool {
	return slices.ContainsFunc([]string{".apk", ".deb", ".rpm"}, func(end string) bool { return strings.HasSuffix(name, end) })
}
