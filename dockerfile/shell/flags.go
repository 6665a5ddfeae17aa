package shell

import (
	"slices"
	"strings"
)

// argument is one word of a command as its program reads it.
type argument struct {
	word  Word
	flag  string // the option's name with dashes; "" for an operand
	value Word
	has   bool // it has a value
}

// arguments reads the words after the program. Long options and their values, clusters of one-letter
// options (-qy), values attached (-tfoo, --x=y) or in the next word. After -- all are operands.
func (c *Command) arguments() []argument {
	c.parsed.Do(func() {
		c.args = c.parseArguments()
		c.operands = make([]Word, 0, len(c.args))
		for _, a := range c.args {
			if a.flag == "" {
				c.operands = append(c.operands, a.word)
			}
		}
		c.operands = slices.Clip(c.operands) // who appends to them gets a copy
		c.starts = c.startsProject()
	})
	return c.args
}

func (c *Command) parseArguments() (args []argument) {
	if len(c.Words) == 0 {
		return nil
	}
	words := c.Words[1:]
	p := c.row()
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w.Text == "--":
			for _, rest := range words[i+1:] {
				args = append(args, argument{word: rest})
			}
			return args
		case len(w.Text) < 2 || w.Text[0] != '-':
			args = append(args, argument{word: w})
		case strings.HasPrefix(w.Text, "--") || p.kind&oneDash != 0:
			name, value, has := strings.Cut(w.Text, "=")
			name = p.whole(name)
			a := argument{word: w, flag: name, has: has, value: Word{Span: w.Span, Text: value, Literal: w.Literal}}
			if !has && p.takesValue(name) && i+1 < len(words) {
				i++
				a.value, a.has = words[i], true
			}
			args = append(args, a)
		default:
			n := len(args)
			args = append(args, p.cluster(w)...)
			if last := &args[len(args)-1]; !last.has && p.takesValue(last.flag) && len(args) > n && i+1 < len(words) {
				i++
				last.value, last.has = words[i], true
			}
		}
	}
	return args
}

// cluster splits -qyt into its letters; what follows a letter that takes a value is that value.
func (p *program) cluster(w Word) (args []argument) {
	if p.kind&noCluster != 0 {
		return []argument{{word: w, flag: w.Text}} // -DskipTests, -pl: no clusters
	}
	for i := 1; i < len(w.Text); i++ {
		flag := "-" + w.Text[i:i+1]
		a := argument{word: w, flag: flag}
		if i+1 < len(w.Text) && (p.takesValue(flag) || w.Text[i+1] == '=') {
			a.value = Word{Span: w.Span, Text: strings.TrimPrefix(w.Text[i+1:], "="), Literal: w.Literal}
			a.has = true
			return append(args, a)
		}
		args = append(args, a)
	}
	return args
}

// HasFlag reports whether one of the flags ("-y", "--yes") is given, also in a cluster (-qy) or
// with =value. Words after "--" do not count.
func (c *Command) HasFlag(names ...string) bool {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag != "" && (a.flag == name || a.word.Text == name) {
				return true
			}
		}
	}
	return false
}

// hasListed is HasFlag for a list of the table.
func (c *Command) hasListed(list string) bool {
	for _, a := range c.arguments() {
		if a.flag != "" && (listed(list, a.flag) || listed(list, a.word.Text)) {
			return true
		}
	}
	return false
}

// Flag returns the value of the first of the flags that is given, as --name=value, --name value,
// -n value or -nvalue.
func (c *Command) Flag(names ...string) (value Word, ok bool) {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag == name && a.has {
				return a.value, true
			}
		}
	}
	return Word{}, false
}

// listed is flags for a list of the table.
func (c *Command) listed(list string) (values []Word) {
	for _, a := range c.arguments() {
		if a.flag != "" && a.has && listed(list, a.flag) {
			values = append(values, a.value)
		}
	}
	return values
}

// flags are all values of the flags.
func (c *Command) flags(names ...string) (values []Word) {
	for _, a := range c.arguments() {
		for _, name := range names {
			if a.flag == name && a.has {
				values = append(values, a.value)
			}
		}
	}
	return values
}

// Operands are the words after the program that are neither options nor their values. A sub-command
// is the first operand. They are not the caller's to change.
func (c *Command) Operands() []Word {
	c.arguments()
	return c.operands
}
