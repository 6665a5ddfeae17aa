package shell

import (
	"path"
	"strings"
)

// This file answers where commands fetch from, and what they do with a file that was fetched.

// Addresses are the addresses of which the command takes files, packages or repositories. Repositories of package managers that
// check signatures whatever the address is are left out, packages by address are not.
func (c *Command) Addresses() (list []Word) {
	h := habitOf(c)
	list = append(list, c.listed(h.registry)...)
	if os, ok := c.OSPackages(); ok && os.Install {
		return append(list, os.Packages...)
	}
	switch subs, ok := (&use{sub: strings.Trim(h.sources, "*")}).fits(c, c.Operands()); {
	case h.sources != "" && ok:
		list = append(list, c.Operands()[subs:]...)
	}
	return list
}

// Verifies reports whether the command compares files with what is known of them, checksums or signatures, or makes checksums that
// the script may compare.
func (c *Command) Verifies() bool {
	h := habitOf(c)
	return h.verifies == "*" || c.hasListed(h.verifies)
}

// Trusts reports whether the command unpacks, installs, runs or makes executable the file, which may be its input; how is for
// messages: "unpacked".
func (c *Command) Trusts(file Word) (how string, ok bool) {
	is := func(w Word) bool {
		return w.Text != "" && file.Text != "" && (w.Text == file.Text || path.Base(w.Text) == path.Base(file.Text))
	}
	any := func(words []Word) bool {
		for _, w := range words {
			if is(w) {
				return true
			}
		}
		return false
	}
	os, packages := c.OSPackages()
	switch {
	case len(c.Words) > 0 && strings.Contains(c.Words[0].Text, "/") && is(c.Words[0]), any(c.OwnFiles()):
		return "run", true
	case c.TakesApart():
		if file.Text == "" || any(c.Effects().Reads.Words) || any(c.Operands()) {
			return "unpacked", true
		}
	case packages && os.Install && any(os.Packages), habitOf(c).installs && any(c.Words[1:]):
		return "installed", true
	}
	if mode, files, ok := c.GivesMode(); ok && any(files) && (strings.Contains(mode.Text, "x") || strings.ContainsAny(mode.Text, "157") && !strings.ContainsAny(mode.Text, "rwugoa")) {
		return "made executable", true
	}
	return "", false
}

// TakesApart reports whether the command takes an archive apart: tar x, unzip.
func (c *Command) TakesApart() bool {
	unpacks := habitOf(c).unpacks
	return unpacks != nil && unpacks(c)
}
