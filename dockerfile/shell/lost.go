package shell

import "strings"

// Lost are the commands at the end of the script that only change its shell (cd, export, umask), in order: the shell
// ends behind them, and what they changed with it. None if the script is not known for certain.
func (s *Script) Lost() (list []*Command) {
	if !s.Known() {
		return nil
	}
	for n := len(s.List) - 1; n >= 0; n-- {
		part := s.List[n]
		c := s.alone(part)
		if c == nil || part.Background || part.Negated || part.Op == "||" || !c.changesShellOnly() {
			break
		}
		list = append([]*Command{c}, list...)
	}
	return list
}

// alone is the only command of a statement, those of substitutions aside; nil if there are more.
func (s *Script) alone(part *Statement) (only *Command) {
	for _, c := range s.Commands {
		if c.Top != part || c.InSubst {
			continue
		}
		if only != nil || c.Depth > 0 || c.Pipe != 0 {
			return nil
		}
		only = c
	}
	return only
}

// changesShellOnly reports whether the command does nothing but change the shell for those behind it.
func (c *Command) changesShellOnly() bool {
	switch {
	case len(c.Redirects) > 0 || len(c.Wrappers) > 0:
		return false
	case len(c.Words) == 0:
		return len(c.Assigns) > 0
	case c.is(sourcer):
		return len(c.Words) == 2 && listed(profiles, baseName(c.Words[1].Text))
	case c.is(forLater):
		return len(c.Words) > 1
	}
	return c.is(entersDir)
}

// profiles are the names of files that set up a shell and do nothing else, whatever is in front of them.
const profiles = ".bash_profile .bashrc .cshrc .profile .zshrc activate bashrc environment env profile nvm.sh setup.bash"

func baseName(file string) string { return file[strings.LastIndexByte(file, '/')+1:] }

// GoesTo is the directory that the command makes the shell work in from there on: cd. dir.Text is empty without one.
func (c *Command) GoesTo() (dir Word, ok bool) {
	if !c.is(entersDir) {
		return Word{}, false
	}
	if words := c.Operands(); len(words) > 0 {
		dir = words[0]
	}
	return dir, true
}
