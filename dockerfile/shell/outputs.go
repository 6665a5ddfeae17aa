package shell

import "strings"

// This file answers where a command puts what it is given.

// PassesOn reports whether the output of the command holds its words, or what it reads: echo, cat, sed, jq.
func (c *Command) PassesOn() bool {
	switch c.row().name {
	case "echo", "cat", "base64", "envsubst", "sed", "awk", "jq", "tr", "head", "tee", "cut", "grep", "sort", "printenv":
		return true
	}
	return false
}

// Copies are the files that the command copies, and where it puts them: cp, install, dd.
func (c *Command) Copies() (from []Word, to Word, ok bool) {
	words := c.Operands()
	switch p := c.row(); {
	case p.name != "cp" && p.name != "install" && p.name != "mv" && p.name != "rsync" || c.HasFlag("-d", "--directory") && p.name == "install":
		return nil, Word{}, false
	case c.HasFlag("-t", "--target-directory"):
		to, _ = c.Flag("-t", "--target-directory")
		return words, to, true
	case len(words) < 2:
		return nil, Word{}, false
	}
	return words[:len(words)-1], words[len(words)-1], true
}

// Fills are the files that the command writes its input to, beside its output: tee.
func (c *Command) Fills() []Word {
	if c.row().name == "tee" {
		return c.Operands()
	}
	return nil
}

// EditsFiles are the files that the command changes by what its other words say: sed -i.
func (c *Command) EditsFiles() []Word {
	if c.row().name != "sed" || !c.HasFlag("-i", "--in-place") {
		return nil
	}
	words := c.Operands()
	if !c.HasFlag("-e", "--expression", "-f", "--file") && len(words) > 0 {
		words = words[1:]
	}
	return words
}

// KeepsAddress reports whether the program writes the addresses that the command names to its own files, with the
// credentials in them: git clone, git config, pip config set.
func (c *Command) KeepsAddress() bool {
	words := c.Operands()
	if len(words) == 0 {
		return false
	}
	switch c.row().name {
	case "git":
		sub := words[0].Text
		return sub == "clone" && !c.HasFlag("--bare") || sub == "config" || sub == "remote" || sub == "submodule"
	case "pip", "npm", "pnpm", "yarn", "composer", "poetry", "bundle":
		return words[0].Text == "config" || words[0].Text == "set"
	}
	return false
}

// Forgets reports whether the command removes a setting or a login of its program: git config --unset, npm config
// delete, docker logout, git remote set-url.
func (c *Command) Forgets() bool {
	for _, w := range c.Words {
		switch strings.TrimPrefix(w.Text, "--") {
		case "unset", "unset-all", "remove-section", "delete", "logout", "revoke", "set-url", "remove", "rm":
			return true
		}
	}
	return false
}
