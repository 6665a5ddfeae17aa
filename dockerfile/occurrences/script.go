package occurrences

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
)

// script finds the variables in what a shell like sh runs, and tells those that the script sets itself from those
// of the build. It reads quotes, substitutions, comments and here-documents; a script that is half typed is read
// as far as it goes.
type script struct {
	s     *scanner
	p     piece
	by    Expander
	set   []string // the variables that the script has set so far
	depth int      // of substitutions and subshells
	ticks int      // of backquotes
}

// maxDepth bounds the substitutions inside each other that are followed.
const maxDepth = 100

// ofShells are variables that shells set by themselves, and that have a meaning of their own in each script.
var ofShells = regexp.MustCompile(`^(PWD|OLDPWD|IFS|PPID|RANDOM|SECONDS|LINENO|REPLY|OPTARG|OPTIND|SHLVL|_|PIPESTATUS|FUNCNAME|` +
	`BASH|BASHOPTS|BASHPID|BASH_(ALIASES|ARGC|ARGV|ARGV0|CMDS|COMMAND|EXECUTION_STRING|LINENO|REMATCH|SOURCE|SUBSHELL|VERSINFO|VERSION))$`)

// OfShell reports whether a shell sets the variable by itself. Some are set by bash alone, so that an ARG or ENV may be meant.
func OfShell(name string) bool {
	return ofShells.MatchString(name) || name == "UID" || name == "EUID" || name == "HOSTNAME"
}

// keywords are words after which a command begins.
var keywords = []string{"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "fi", "done"}

// command is what is known of the command that is being read.
type command struct {
	begins  bool     // no word of it has been read but assignments
	setter  string   // one that names what it sets, or "for"
	args    int      // words after the setter
	pending []string // what its assignments set, if no command follows them
	target  bool     // the next word is the file of a redirection
}

// list reads commands up to and with a byte that ends them; 0 stands for the end of the text. It is the place after it.
func (x *script) list(i int, stop byte) int {
	t := x.p.text
	if x.depth++; x.depth > maxDepth {
		return len(t)
	}
	defer func() { x.depth-- }()
	c := command{begins: true}
	cases := 0
	var docs []doc
	next := func() {
		if c.begins || c.setter != "" {
			x.set = append(x.set, c.pending...)
		}
		c = command{begins: true}
	}
	for i < len(t) {
		switch b := t[i]; {
		case b == stop && stop != 0 && (b != ')' || cases == 0):
			next()
			return i + 1
		case b == '\n':
			next()
			i++
			for _, d := range docs {
				i = x.body(i, d)
			}
			docs = nil
		case b == ' ' || b == '\t' || b == '\r':
			i++
		case b == ';' || b == '&' || b == '|':
			next()
			i++
		case b == '(':
			n := len(x.set)
			i = x.list(i+1, ')')
			x.set = x.set[:min(n, len(x.set))]
		case b == ')':
			next() // of a pattern of case
			i++
		case b == '#':
			if n := strings.IndexByte(t[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(t)
			}
		case strings.HasPrefix(t[i:], "<<<"):
			i += len("<<<")
			c.target = true
		case strings.HasPrefix(t[i:], "<<"):
			var d doc
			if i, d = heredoc(t, i+2); d.word != "" {
				docs = append(docs, d)
			}
		case b == '<' || b == '>':
			i++
			c.target = i < len(t) && t[i] != '(' && t[i] != b
		default:
			end := x.word(i, &c)
			switch t[i:end] {
			case "case":
				cases++
			case "esac":
				cases = max(0, cases-1)
			}
			i = max(end, i+1)
		}
	}
	next()
	return len(t)
}

// word reads one word of a command.
func (x *script) word(i int, c *command) int {
	t := x.p.text
	start := i
	name := nameEnd(t, i)
	assigns := name > i && (strings.HasPrefix(t[name:], "=") || strings.HasPrefix(t[name:], "+="))
	switch {
	case c.target:
		c.target = false
		return x.rest(i)
	case assigns && (c.begins || isSetter(c.setter)):
		n := len(x.set)
		if c.setter == "" {
			x.set = append(x.set, c.pending...) // as in A=1 B=$A; export reads all of its words first
		}
		end := x.rest(name) // the value is expanded before the name is set
		x.set = x.set[:n]
		x.local(start, name)
		c.pending = append(c.pending, t[start:name])
		return end
	}
	end := x.rest(i)
	word := t[start:end]
	switch {
	case c.begins && slices.Contains(keywords, word):
	case c.begins && (word == "for" || word == "select" || shell.NamesVariables(word)):
		c.begins, c.setter = false, word
	case c.setter != "":
		c.args++
		wants := isSetter(c.setter) || c.args == 1
		if c.setter == "getopts" && c.args == 1 || word == "in" && c.args > 1 {
			wants = false
		}
		if wants && name == end && end > start {
			if c.setter == "export" {
				x.use(start, end)
			} else {
				x.local(start, end)
				c.pending = append(c.pending, word)
			}
		}
	default:
		c.begins = false
	}
	return end
}

func isSetter(word string) bool { return word != "" && word != "for" && word != "select" }

// rest reads up to the end of a word.
func (x *script) rest(i int) int {
	t := x.p.text
	for i < len(t) {
		switch t[i] {
		case ' ', '\t', '\r', '\n', ';', '&', '|', '(', ')', '<', '>':
			return i
		case '\'':
			i = single(t, i+1)
		case '"':
			i = x.double(i + 1)
		case '\\':
			x.s.escaped(x.p, i+1)
			i += 2
		case '$':
			i = x.dollar(i, false)
		case '`':
			if x.ticks > 0 {
				return i
			}
			i = x.backquote(i)
		default:
			i++
		}
	}
	return len(t)
}
