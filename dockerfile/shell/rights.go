package shell

import "strings"

// This file answers what commands do about rights: who runs them, passwords, modes of files.

// sudo is how sudo or doas is called before a command.
type sudo struct {
	word    Word // the program; Text empty: it is not called
	options bool // it has some, or sets variables
	user    bool // they name another user than root, or a group
}

// through notes that the words begin with the wrapper.
func (s *sudo) through(p *program, words []Word) {
	if p.name != "sudo" && p.name != "doas" {
		return
	}
	s.word = words[0]
	for n, w := range words[1:] {
		if !strings.HasPrefix(w.Text, "-") && !strings.Contains(w.Text, "=") {
			return
		}
		s.options = true
		switch name, _, _ := strings.Cut(w.Text, "="); {
		case name == "--user", name == "--group", !strings.HasPrefix(name, "--") && strings.HasPrefix(name, "-") && strings.ContainsAny(name, "ug"):
			next := ""
			if n+2 < len(words) {
				next = words[n+2].Text
			}
			s.user = s.user || next != "root"
			return
		}
	}
}

// BecomesRoot is the word by which a command that sudo or doas runs gets the rights of root. plain says that it has no options,
// so that the command is the same without it, but for its environment.
func (c *Command) BecomesRoot() (w Word, plain, ok bool) {
	return c.sudo.word, !c.sudo.options, c.sudo.word.Text != "" && !c.sudo.user
}

// Password is how a command sets a password.
type Password int

// The ways.
const (
	NoPassword     Password = iota // it sets none
	PasswordInput                  // it reads it from its input: chpasswd, passwd --stdin
	PasswordValue                  // it is given it, or its hash: usermod -p
	PasswordRemove                 // it removes it, so that none is asked for: passwd -d
)

// SetsPassword says how the command sets a password, and the word that says so. One that locks the account sets none.
func (c *Command) SetsPassword() (Word, Password) {
	switch p := c.row(); p.name {
	case "chpasswd":
		return c.Words[0], PasswordInput
	case "groupmod":
		if c.Program != "passwd" {
			return Word{}, NoPassword
		}
		if w, ok := c.optionWord("--stdin"); ok {
			return w, PasswordInput
		}
		for _, option := range []string{"-d", "--delete"} {
			if w, ok := c.optionWord(option); ok && !c.HasFlag("-l", "--lock") {
				return w, PasswordRemove
			}
		}
	case "useradd", "usermod":
		if value, ok := c.Flag("-p", "--password"); ok {
			switch strings.TrimSpace(value.Text) {
			case "*", "!", "!!", "x", "!*":
				return Word{}, NoPassword // no password fits
			case "":
				return value, PasswordRemove
			}
			return value, PasswordValue
		}
	}
	return Word{}, NoPassword
}

// HashesPassword reports whether the text of a substitution makes the hash of a password that is written in it:
// $(openssl passwd -1 secret).
func HashesPassword(text string) bool {
	rest, ok := strings.CutPrefix(text, "$(")
	return ok && !strings.ContainsAny(rest, "$`") && !strings.Contains(rest, "random") && (strings.Contains(rest, "passwd") || strings.Contains(rest, "crypt"))
}

// SetsMode is the mode that the command gives files as its task or with an option, and these files: chmod, mkdir -m,
// install -m.
func (c *Command) SetsMode() (mode Word, files []Word, ok bool) {
	words := c.Operands()
	switch {
	case c.row().name == "chmod" && c.Program == "chmod":
		if len(words) < 2 || c.HasFlag("--reference") {
			return Word{}, nil, false
		}
		return words[0], words[1:], true
	case c.is(dirMaker | giver):
		mode, ok = c.Flag("-m", "--mode")
		return mode, words, ok
	}
	return Word{}, nil, false
}

// Recurses reports whether the command works on all that is below the files that it names: chmod -R.
func (c *Command) Recurses() bool { return c.is(changer|owner) && c.HasFlag("-R", "--recursive") }

// JoinsGroups is the user that the command puts into groups beside its main one, and these groups: usermod -aG, useradd -G,
// adduser USER GROUP, gpasswd -a.
func (c *Command) JoinsGroups() (user Word, groups []string) {
	words := c.Operands()
	switch p := c.row(); {
	case len(words) == 0:
	case p.name == "useradd" || p.name == "usermod":
		if list, ok := c.Flag("-G", "--groups"); ok {
			return words[len(words)-1], strings.Split(list.Text, ",")
		}
	case c.Program == "gpasswd" && len(words) == 1:
		if name, ok := c.Flag("-a", "--add"); ok {
			return name, []string{words[0].Text}
		}
	case (c.Program == "adduser" || c.Program == "addgroup") && len(words) == 2:
		return words[0], []string{words[1].Text}
	}
	return Word{}, nil
}
