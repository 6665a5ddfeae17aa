package shell

import (
	"path"
	"strings"
)

// This file answers where commands fetch from, and what they do with a file that was fetched.

// Addresses are the addresses of which the command takes files, packages or repositories. Package managers that check
// signatures whatever the address is are left out.
func (c *Command) Addresses() (list []Word) {
	words := c.Operands()
	switch p := c.row(); p.name {
	case "curl", "wget", "aria2c":
		return append(append(list, words...), c.flags("--url")...)
	case "pip", "uv":
		return c.flags("-i", "--index-url", "--extra-index-url", "--default-index", "--index", "-f", "--find-links")
	case "npm", "pnpm", "yarn":
		list = c.flags("--registry")
		if len(words) > 2 && words[0].Text == "config" && words[1].Text == "set" {
			return append(list, words[2:]...)
		}
	case "gem":
		return c.flags("-s", "--source")
	case "git":
		if len(words) > 1 && (words[0].Text == "clone" || words[0].Text == "remote" || words[0].Text == "submodule" || words[0].Text == "fetch" || words[0].Text == "pull") {
			return words[1:]
		}
	case "dnf", "zypper": // packages by address need no signature
		if os, _ := c.OSPackages(); os.Install {
			return os.Packages
		}
	case "rpm":
		return words
	}
	return list
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
	switch p := c.row(); {
	case len(c.Words) > 0 && strings.Contains(c.Words[0].Text, "/") && is(c.Words[0]), any(c.OwnFiles()):
		return "run", true
	case c.Unpacks():
		if file.Text == "" || any(c.Effects().Reads.Words) || any(c.Operands()) {
			return "unpacked", true
		}
	case packages && os.Install && any(os.Packages), (p.name == "dpkg" || p.name == "rpm") && (any(c.Operands()) || any(c.flags("-i", "--install"))):
		return "installed", true
	}
	if mode, files, ok := c.SetsMode(); ok && any(files) && (strings.Contains(mode.Text, "x") || strings.ContainsAny(mode.Text, "157") && !strings.ContainsAny(mode.Text, "rwugoa")) {
		return "made executable", true
	}
	return "", false
}

// Unpacks reports whether the command takes an archive apart: tar x, unzip.
func (c *Command) Unpacks() bool {
	switch p := c.row(); p.name {
	case "tar":
		t, _ := readTar(c)
		return t.mode == 'x'
	case "unzip":
		return !c.HasFlag("-l", "-t", "-v", "-Z")
	}
	return false
}
