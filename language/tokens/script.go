package tokens

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/text"
)

// script colours the commands of a script that a shell runs. The variables in it are among the occurrences.
func (l line) script() {
	s := shell.Of(l.in, strings.Split(l.key.shell, "\x00"))
	if s.Exec || s.Unknown {
		return
	}
	body := l.of(l.in.Args)
	if l.in.Name == "HEALTHCHECK" {
		if len(l.in.Words) == 0 || !strings.EqualFold(l.in.Words[0].Text, "CMD") {
			return
		}
		body = body.sub(min(len("CMD"), len(body.text)), len(body.text))
	}
	if len(l.in.Heredocs) == 1 && l.in.Heredocs[0].Op == l.in.Args {
		h := l.in.Heredocs[0].Content
		body = part{h.Of(l.in.Text), func(i int) int { return l.at(h.Start + i) }}
	}
	sc := scan{line: l, of: body, comments: map[int]bool{}, wrappers: map[string]bool{}}
	for _, c := range s.Comments {
		sc.comments[l.at(c.Start)] = true
	}
	for _, c := range s.Commands {
		for _, name := range c.Wrappers {
			sc.wrappers[name] = true
		}
	}
	sc.list(0, 0, 0)
	for _, c := range s.Commands {
		l.command(c)
	}
}

// text is what stands at a span of the instruction's Text, whether in its line or in a here-document.
func (l line) text(span text.Span) part {
	of, start, end := line{l.painter, l.key, l.in, func(i int) int { return i }}.place(span)
	start, end = max(0, start), min(end, len(of.text))
	if start >= end {
		return part{"", l.at}
	}
	joined := l.in.Joined()
	if i := joined.Index(span.Start); i < len(joined.Line) && joined.At(i) == span.Start {
		return l.whole().sub(start, end)
	}
	return part{of.text[start:end], func(i int) int { return l.at(span.Start + i) }}
}

// command colours the program and the options of a command.
func (l line) command(c *shell.Command) {
	if len(c.Words) == 0 {
		return
	}
	first := c.Words[0]
	if name := l.text(first.Span); first.Literal && name.text == first.Text {
		t := Function
		if c.IsShellsOwn() {
			t = Keyword
		}
		l.all(name, t)
	}
	for _, w := range c.Words[1:] {
		l.option(l.text(w.Span), w.Text)
	}
}

// option colours a word if it is an option. The place of a word in a script that is itself quoted with escapes is
// not known: there the text is another one.
func (l line) option(w part, word string) {
	if len(word) < 2 || word[0] != '-' || !strings.HasPrefix(word, w.text) && w.text != word {
		return
	}
	name, _, ok := strings.Cut(w.text, "=")
	if strings.ContainsAny(name, "$`\"'") {
		return
	}
	l.painter.paint(w, 0, len(name), Parameter, 0)
	if ok {
		l.painter.paint(w, len(name), len(name)+1, Operator, 0)
	}
}

// scan finds the strings, the operators, the reserved words and the comments of a script.
type scan struct {
	line
	of       part
	comments map[int]bool    // where they begin, in the painted text
	wrappers map[string]bool // the programs that run others, such as sudo: they are not among the commands
	docs     []string        // here-documents that begin behind the line
}

// reserved are words that mean something to a shell where a command may begin. Behind those of opens, another
// command begins.
var (
	reserved = []string{"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function", "!", "{", "}", "[["}
	opens    = []string{"if", "then", "else", "elif", "while", "until", "do", "!", "{"}
)

// maxDepth bounds the substitutions inside each other that are followed.
const maxDepth = 100

// list reads commands up to and with a byte that ends them; 0 stands for the end. It is the place after it.
func (s *scan) list(i int, stop byte, depth int) int {
	t := s.of.text
	if depth > maxDepth {
		return len(t)
	}
	begins, wraps, loop, parens := true, false, "", 0
	for i < len(t) {
		c := t[i]
		switch {
		case c == stop && stop != 0 && parens == 0:
			return i + 1
		case c == '\n':
			begins = true
			i = s.bodies(i + 1)
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#' && s.comments[s.of.at(i)]:
			end := until(t, i, '\n')
			s.painter.paint(s.of, i, end, Comment, 0)
			i = end
		case c == '(':
			begins, i = true, i+1
			parens++
		case c == ')':
			begins, i = true, i+1
			parens = max(0, parens-1)
		case strings.HasPrefix(t[i:], "<<") && !strings.HasPrefix(t[i:], "<<<"):
			i = s.heredoc(i)
		case strings.IndexByte("&|;<>", c) >= 0:
			end := i + 1
			for end < len(t) && end < i+3 && strings.IndexByte("&|;<>", t[end]) >= 0 {
				end++
			}
			s.painter.paint(s.of, i, end, Operator, 0)
			begins = c != '<' && c != '>'
			i = end
		default:
			end := s.word(i, depth)
			switch word := t[i:end]; {
			case loop != "" && word == "in":
				s.painter.paint(s.of, i, end, Keyword, 0)
				loop = ""
			case begins && slices.Contains(reserved, word):
				s.painter.paint(s.of, i, end, Keyword, 0)
				begins = slices.Contains(opens, word)
				if word == "for" || word == "case" || word == "select" {
					loop = word
				}
			case (begins || wraps) && s.wrappers[path.Base(word)]:
				s.painter.paint(s.of, i, end, Function, 0)
				begins, wraps = false, true
			default:
				// The first word that is neither may be a value, or the program that is run.
				if wraps = wraps && !begins && (word[0] == '-' || strings.Contains(word, "=")); wraps {
					s.option(s.of.sub(i, end), word)
				}
				begins = false
			}
			i = max(end, i+1)
		}
	}
	return len(t)
}

// word reads up to the end of a word.
func (s *scan) word(i, depth int) int {
	t := s.of.text
	for i < len(t) {
		switch c := t[i]; c {
		case ' ', '\t', '\r', '\n', ';', '&', '|', '(', ')', '<', '>':
			return i
		case '\\':
			i += 2
		case '\'':
			end := min(len(t), until(t, i+1, '\'')+1)
			s.painter.paint(s.of, i, end, String, 0)
			i = end
		case '"':
			i = s.double(i, depth)
		case '$':
			i = s.dollar(i, depth)
		default:
			i++
		}
	}
	return len(t)
}

// double reads a text in double quotes, in which a substitution is no part of the string.
func (s *scan) double(i, depth int) int {
	t, start := s.of.text, i
	for i++; i < len(t); {
		switch {
		case t[i] == '"':
			s.painter.paint(s.of, start, i+1, String, 0)
			return i + 1
		case t[i] == '\\':
			i += 2
		case strings.HasPrefix(t[i:], "$("):
			s.painter.paint(s.of, start, i, String, 0)
			i = s.dollar(i, depth)
			start = i
		default:
			i++
		}
	}
	s.painter.paint(s.of, start, len(t), String, 0)
	return len(t)
}

// dollar reads what a $ stands before: commands, or a variable in braces, or nothing of interest.
func (s *scan) dollar(i, depth int) int {
	t := s.of.text
	switch {
	case strings.HasPrefix(t[i:], "$(("):
		if n := strings.Index(t[i:], "))"); n >= 0 {
			return i + n + 2
		}
		return len(t)
	case strings.HasPrefix(t[i:], "$("):
		return s.list(i+2, ')', depth+1)
	case strings.HasPrefix(t[i:], "${"):
		end, _ := text.BraceEnd(t, i+len("${"))
		return end
	}
	return i + 1
}

// heredoc reads the operator of a here-document.
func (s *scan) heredoc(i int) int {
	t, start := s.of.text, i
	i += 2
	if i < len(t) && t[i] == '-' {
		i++
	}
	s.painter.paint(s.of, start, i, Operator, 0)
	i += blanks(t[i:])
	end := i
	for end < len(t) && strings.IndexByte(" \t\r\n;&|()<>", t[end]) < 0 {
		end++
	}
	if end > i {
		s.painter.paint(s.of, i, end, Keyword, 0)
		s.docs = append(s.docs, strings.NewReplacer(`"`, "", `'`, "", `\`, "").Replace(t[i:end]))
	}
	return end
}

// bodies passes over the bodies of the here-documents that begin at a line.
func (s *scan) bodies(i int) int {
	t := s.of.text
	for _, word := range s.docs {
		for i < len(t) {
			end := until(t, i, '\n')
			found := strings.TrimLeft(strings.TrimSuffix(t[i:end], "\r"), "\t") == word
			if found {
				s.painter.paint(s.of, end-len(strings.TrimLeft(t[i:end], "\t")), end, Keyword, 0)
			}
			if i = min(len(t), end+1); found {
				break
			}
		}
	}
	s.docs = nil
	return i
}
