package shell

import (
	"path"
	"slices"
	"strings"
)

// Typed is a command that is being typed, up to the cursor. Wrappers such as sudo, and assignments before it, are seen
// through.
type Typed struct {
	Words []string // those that are whole: the program, then its arguments; none while the program is typed
	Word  string   // the one that the cursor is in, or at the end of; "" before one
}

// Reads reports whether commands for the shell, a list such as that of SHELL, are read here: it is one of the family of sh.
func Reads(shell []string) bool { return readable(shell) }

// TypedAt reads a script up to the cursor, which is at its end. ok is false where no word of a command is typed: in quotes,
// comments, patterns and arithmetic, and behind the sign of a redirection. It knows less than the parser, and does not
// need the rest of the script.
func TypedAt(script string) (t Typed, ok bool) {
	r := typing{}
	for i := 0; i < len(script); i++ {
		i = r.read(script, i)
		if r.lost {
			return t, false
		}
	}
	c := &r.frame
	if r.quote != 0 || c.inCase || c.target || c.list || strings.ContainsAny(c.word, "$=*?[{~\\") {
		return t, false
	}
	t = Typed{Words: c.command(), Word: c.word}
	return t, t.Words != nil
}

// typing is where a reader of a script is.
type typing struct {
	frame frame
	outer []frame // those of the lists in ( ) that it is in
	quote byte
	lost  bool
}

// frame is a list of commands: the script, or what stands in ( ).
type frame struct {
	words  []string
	word   string
	open   bool // a word has begun
	target bool // the word is the target of a redirection
	list   bool // the words are those that a loop goes through
	inCase bool // in a case, whose patterns look like anything
}

func (r *typing) read(s string, i int) int {
	c := s[i]
	f := &r.frame
	switch {
	case r.quote != 0:
		switch {
		case c == r.quote:
			r.quote = 0
			return i
		case c == '\\' && r.quote == '"' && i+1 < len(s):
			i++
		}
		f.add(s[i : i+1])
	case c == '\\':
		if i+1 < len(s) && s[i+1] == '\n' {
			return i + 1
		}
		if i+1 < len(s) {
			i++
		}
		f.add(s[i : i+1])
	case c == '\'' || c == '"':
		r.quote, f.open = c, true
	case c == '#' && !f.open:
		end := strings.IndexByte(s[i:], '\n')
		if end < 0 {
			r.lost = true
			return i
		}
		return i + end - 1
	case c == '$' && i+1 < len(s) && s[i+1] == '{':
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			r.lost = true
			return i
		}
		f.word, f.open = f.word+s[i:i+end+1], true
		return i + end
	case c == '$' && strings.HasPrefix(s[i+1:], "(("):
		end := strings.Index(s[i:], "))")
		if end < 0 {
			r.lost = true
			return i
		}
		f.word, f.open = f.word+"$", true
		return i + end + 1
	case c == '$' && i+1 < len(s) && s[i+1] == '(':
		f.add("$")
		r.enter()
		return i + 1
	case c == '`':
		f.add("$")
		if n := len(r.outer); n > 0 && r.outer[n-1].word != "" && !r.outer[n-1].inCase {
			r.leave()
		} else {
			r.enter()
		}
	case c == '(' && f.open && i+1 < len(s) && s[i+1] == ')': // a function begins
		*f = frame{}
		return i + 1
	case c == '(':
		r.enter()
	case c == ')':
		if f.inCase {
			f.word, f.open = "", false
			return i
		}
		r.leave()
	case c == '<' || c == '>':
		if strings.Trim(f.word, "0123456789") == "" { // the number of a descriptor
			f.word, f.open = "", false
		}
		f.end()
		f.target = true
		for i+1 < len(s) && strings.IndexByte("<>&|-", s[i+1]) >= 0 {
			i++
		}
	case c == '&' && i+1 < len(s) && s[i+1] == '>':
		f.end()
		f.target = true
		return i + 1
	case c == ';' || c == '&' || c == '|' || c == '\n':
		f.end()
		f.words, f.target, f.list = nil, false, false
	case c == ' ' || c == '\t' || c == '\r':
		f.end()
	default:
		f.add(s[i : i+1])
	}
	return i
}

func (r *typing) enter() {
	r.outer = append(r.outer, r.frame)
	r.frame = frame{}
}

func (r *typing) leave() {
	n := len(r.outer)
	if n == 0 {
		r.frame = frame{}
		return
	}
	r.frame = r.outer[n-1]
	r.outer = r.outer[:n-1]
}

func (f *frame) add(text string) { f.word, f.open = f.word+text, true }

// end ends the word.
func (f *frame) end() {
	if !f.open {
		return
	}
	word := f.word
	f.word, f.open = "", false
	switch {
	case f.target:
		f.target = false
	case f.inCase:
		f.inCase = word != "esac"
		f.words = nil
	case len(f.words) > 0 || f.list:
		f.words = append(f.words, word)
	case word == "case":
		f.inCase = true
	case word == "for" || word == "select":
		f.list = true
	case slices.Contains(reserved, word):
	default:
		f.words = append(f.words, word)
	}
}

// reserved are words behind which a command begins.
var reserved = []string{"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "done", "fi", "}"}

// command are the words without wrappers and assignments; nil if it is not known where the command begins.
func (f *frame) command() []string {
	words := f.words
	for {
		for len(words) > 0 && isAssignment(words[0]) {
			words = words[1:]
		}
		if len(words) == 0 {
			return []string{}
		}
		p := lookup(words[0])
		if p == nil || p.kind&(wrapper|fromInput) == 0 {
			return words
		}
		before := p.before
		words = words[1:]
		for len(words) > 0 {
			switch word := words[0]; {
			case len(word) > 1 && word[0] == '-':
				words = words[1:]
				if p.takesValue(word) {
					if len(words) == 0 {
						return nil
					}
					words = words[1:]
				}
				continue
			case before > 0:
				before--
				words = words[1:]
				continue
			}
			break
		}
		if before > 0 {
			return nil
		}
	}
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+") == "" && (name[0] < '0' || name[0] > '9')
}

// Operands are the whole words behind the program that are neither options nor their values. value is what the word at the
// cursor is, if the last of the words is an option that takes it.
func (t Typed) Operands() (operands []string, value Value) {
	c := Command{Program: path.Base(t.Words[0])}
	for _, w := range t.Words {
		c.Words = append(c.Words, Word{Text: w, Literal: true})
	}
	args := c.arguments()
	if n := len(args); n > 0 {
		last := args[n-1]
		if p := c.row(); last.flag != "" && !last.has && p.takesValue(last.flag) {
			value = OfOption
			if listed(p.reads, last.flag) {
				value = ReadPath
			}
		}
	}
	return Texts(c.Operands()), value
}

// Value says whether a word is the value of an option.
type Value int

const (
	NoValue  Value = iota // it is none
	OfOption              // it is one: a name, a number, a path that is written
	ReadPath              // it is the path of something that the program reads
)
