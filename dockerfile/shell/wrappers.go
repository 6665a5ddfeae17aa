package shell

import (
	"path"
	"strings"
)

// unwrap removes wrappers from the command's words. If what is left is sh -c with a literal script,
// it returns that script.
func (r *reader) unwrap(c *Command) (script Word, isScript bool) {
	for len(c.Words) > 1 && c.Words[0].Literal {
		name := path.Base(c.Words[0].Text)
		p := lookup(name)
		if p == nil {
			return Word{}, false
		}
		if p.kind&shellKind != 0 {
			if word, ok := shellScript(c.Words); ok {
				c.Wrappers = append(c.Wrappers, name)
				return word, true
			}
			return Word{}, false
		}
		if word, ok := p.switchedScript(c.Words[1:]); ok {
			c.Wrappers = append(c.Wrappers, name)
			return word, true
		}
		if p.kind&wrapper == 0 || p.kind&finder != 0 && isLookup(c.Words[1].Text) {
			return Word{}, false
		}
		c.sudo.through(p, c.Words)
		rest := c.afterOptions(p)
		if len(rest) == 0 {
			return Word{}, false // the wrapper alone, such as "env" or "exec"
		}
		c.Wrappers = append(c.Wrappers, name)
		c.Words = rest
	}
	return Word{}, false
}

// afterOptions are the words after a wrapper's options, assignments and operands.
func (c *Command) afterOptions(p *program) []Word {
	words := c.Words[1:]
	for len(words) > 0 {
		w := words[0].Text
		variable, value, assigns := strings.Cut(w, "=")
		switch {
		case w == "--":
			words = words[1:]
			return skipOperands(words, p.before)
		case strings.HasPrefix(w, "-") && len(w) > 1:
			words = words[1:]
			flag, value, has := c.wrapperOption(p, w, words)
			if has {
				words = words[1:]
			}
			if listed(p.dir, flag) {
				c.Dir = dirAfter(c.Dir, value.Text)
			}
			if listed(p.writes, flag) {
				c.wrote = append(c.wrote, value)
			}
		case assigns && p.kind&setsVars != 0 && isName(variable):
			word := words[0]
			word.Text = value
			c.Assigns = append(c.Assigns, Assign{variable, word})
			words = words[1:]
		default:
			return skipOperands(words, p.before)
		}
	}
	return nil
}

// wrapperOption is the option, or the last letter of a cluster, and the word of rest that is its value.
func (c *Command) wrapperOption(p *program, option string, rest []Word) (flag string, value Word, has bool) {
	if len(rest) == 0 {
		return option, Word{}, false
	}
	if strings.HasPrefix(option, "--") {
		option = p.whole(option)
		return option, rest[0], p.takesValue(option)
	}
	for i := 1; i < len(option); i++ {
		if flag := "-" + option[i:i+1]; p.takesValue(flag) {
			return flag, rest[0], i == len(option)-1
		}
	}
	return option, Word{}, false
}

// dirAfter is where a change of directory leads from dir, both in the form of Command.Dir.
func dirAfter(dir, to string) string {
	if path.IsAbs(to) || strings.HasPrefix(to, "$") || strings.HasPrefix(to, "~") || to == previous {
		return to
	}
	return path.Join(dir, to)
}

// isLookup reports whether command is asked where a program is, rather than to run it.
func isLookup(option string) bool {
	return len(option) > 1 && option[0] == '-' && strings.ContainsAny(option, "vV")
}

// switchedScript is the literal script of su -c and runuser -c, whose user stands before or after it.
func (p *program) switchedScript(words []Word) (Word, bool) {
	if p.script == "" {
		return Word{}, false
	}
	for i, w := range words {
		switch option, value, has := strings.Cut(w.Text, "="); {
		case has && listed(p.script, option):
			return Word{Span: w.Span, Text: value, Literal: w.Literal}, true
		case listed(p.script, w.Text) || isShort(w.Text) && listed(p.script, "-"+w.Text[len(w.Text)-1:]):
			if i+1 < len(words) && !strings.Contains(words[i+1].Text, "$(") {
				return words[i+1], true
			}
			return Word{}, false
		}
	}
	return Word{}, false
}

func isShort(option string) bool {
	return len(option) > 1 && option[0] == '-' && option[1] != '-'
}

func skipOperands(words []Word, n int) []Word {
	if n >= len(words) {
		return nil
	}
	return words[n:]
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b != '_' && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (i == 0 || b < '0' || b > '9') {
			return false
		}
	}
	return s != ""
}

func isShell(name string) bool {
	p := lookup(name)
	return p != nil && p.kind&shellKind != 0
}

// shellScript is the literal script of sh -c, with any cluster of options: -ec, -lc, -o pipefail -c.
func shellScript(words []Word) (Word, bool) {
	for i := 1; i < len(words); i++ {
		w := words[i].Text
		if !strings.HasPrefix(w, "-") {
			return Word{}, false
		}
		if strings.HasPrefix(w, "--") {
			continue
		}
		if strings.Contains(w, "c") {
			if i+1 < len(words) && !strings.Contains(words[i+1].Text, "$(") && !strings.HasPrefix(words[i+1].Text, "`") {
				return words[i+1], true
			}
			return Word{}, false
		}
		if strings.HasSuffix(w, "o") {
			i++ // -o pipefail
		}
	}
	return Word{}, false
}
