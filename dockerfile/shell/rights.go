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
	h := habits()[p.name]
	if h == nil || !h.sudo {
		return
	}
	s.word = words[0]
	for n, w := range words[1:] {
		name, _, joined := strings.Cut(w.Text, "=")
		if !strings.HasPrefix(w.Text, "-") && !joined {
			return
		}
		s.options = true
		for _, letter := range letters(name) {
			if listed(h.other, letter) {
				s.user = joined || n+2 >= len(words) || words[n+2].Text != "root"
				return
			}
		}
	}
}

// letters are the options of a cluster, -Hu; a long option is itself.
func letters(option string) (list []string) {
	if strings.HasPrefix(option, "--") || !strings.HasPrefix(option, "-") {
		return []string{option}
	}
	for i := 1; i < len(option); i++ {
		list = append(list, "-"+option[i:i+1])
	}
	return list
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
	h := habitOf(c)
	if h.stdin == "*" {
		return c.Words[0], PasswordInput
	}
	if w, ok := c.wordOf(h.stdin); ok {
		return w, PasswordInput
	}
	if w, ok := c.wordOf(h.unlocks); ok && !c.hasListed(h.locks) {
		return w, PasswordRemove
	}
	value, ok := c.Flag(strings.Fields(h.password)...)
	switch text := strings.TrimSpace(value.Text); {
	case !ok, text != "" && strings.Trim(text, "*!x") == "":
		return Word{}, NoPassword // no password fits what is no hash
	case text == "":
		return value, PasswordRemove
	}
	return value, PasswordValue
}

// wordOf is the word in which one of the listed options is given.
func (c *Command) wordOf(list string) (Word, bool) {
	for option := range strings.FieldsSeq(list) {
		if w, ok := c.optionWord(option); ok {
			return w, true
		}
	}
	return Word{}, false
}

// HashesPassword reports whether the text of a substitution makes the hash of a password that is written in it:
// $(openssl passwd -1 secret).
func HashesPassword(text string) bool {
	rest, ok := strings.CutPrefix(text, "$(")
	return ok && !strings.ContainsAny(rest, "$`") && !strings.Contains(rest, "random") && (strings.Contains(rest, "passwd") || strings.Contains(rest, "crypt"))
}

// GivesMode is the mode that the command gives files as its task or with an option, and these files: chmod, mkdir -m,
// install -m.
func (c *Command) GivesMode() (mode Word, files []Word, ok bool) {
	if mode, files, ok = c.SetsMode(); ok {
		return mode, files, ok
	}
	mode, ok = c.Flag(strings.Fields(habitOf(c).modes)...)
	return mode, c.Operands(), ok
}

// JoinsGroups is the user that the command puts into groups beside its main one, and these groups: usermod -aG, useradd -G,
// adduser USER GROUP, gpasswd -a.
func (c *Command) JoinsGroups() (user Word, groups []string) {
	words, h := c.Operands(), habitOf(c)
	if len(words) == 0 {
		return Word{}, nil
	}
	if list, ok := c.Flag(strings.Fields(h.groups)...); ok {
		return words[len(words)-1], strings.Split(list.Text, ",")
	}
	if name, ok := c.Flag(strings.Fields(h.member)...); ok {
		return name, []string{words[0].Text}
	}
	if h.groups == "*" && len(words) == 2 {
		return words[0], []string{words[1].Text}
	}
	return Word{}, nil
}
