package shellcheck

import (
	"strings"
	"unicode/utf8"
)

// question is what ShellCheck is asked: the same question has the same answer.
type question struct {
	dialect string // as ShellCheck calls it
	text    string
}

// left out is what ShellCheck says of scripts that stand in files of their own: that it has not read what they source, and
// that it takes busybox for dash. hadolint leaves out the same.
const excluded = "SC1090,SC1091,SC2187"

// question is the script with what ShellCheck has to know of the shell that runs it. Comments at the top stay there: one
// of them may hold for the whole script.
func (s *script) question(knowsBusybox bool) question {
	q := question{dialect: s.dialect}
	if q.dialect == "ash" {
		q.dialect = "dash"
		if knowsBusybox {
			q.dialect = "busybox"
		}
	}
	var b strings.Builder
	for n, line := range s.lines() {
		if n == s.top() {
			for _, told := range s.prelude() {
				b.WriteString(told + "\n")
			}
		}
		b.WriteString(strings.TrimSuffix(line, "\r"))
		b.WriteByte('\n')
	}
	q.text = b.String()
	return q
}

// lines are those of the script, without what stands above.
func (s *script) lines() []string { return strings.Split(s.of.Text()[s.from:], "\n") }

// top is the number of comments and blank lines at the top of the script.
func (s *script) top() int {
	lines := s.lines()
	for n, line := range lines {
		if line := strings.TrimSpace(line); line != "" && line[0] != '#' {
			return n
		}
	}
	return 0
}

// prelude are the lines that tell what is in effect where the script begins.
func (s *script) prelude() (lines []string) {
	if s.errexit {
		lines = append(lines, "set -e")
	}
	if len(s.variables) > 0 {
		// With a value that needs no quotes, as that of most variables of a Dockerfile.
		lines = append(lines, "export "+strings.Join(s.variables, "=1 ")+"=1")
	}
	return lines
}

// offset is where in the script's text ShellCheck's line and column are, both from 1; false for a place in the prelude. A column
// is a character, or a byte that is none.
func (s *script) offset(line, column int) (int, bool) {
	line--
	if told := len(s.prelude()); line >= s.top() {
		if line -= told; line < s.top() {
			return 0, false
		}
	}
	lines := s.lines()
	if line < 0 || column < 1 {
		return 0, false
	}
	if line >= len(lines) { // behind the last line end
		return len(s.of.Text()), true
	}
	at := s.from
	for _, l := range lines[:line] {
		at += len(l) + 1
	}
	rest := strings.TrimSuffix(lines[line], "\r")
	for ; column > 1 && rest != ""; column-- {
		_, size := utf8.DecodeRuneInString(rest)
		rest, at = rest[size:], at+size
	}
	return at, true
}

// lineEnd is the length of the first line with its end.
func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n + 1
	}
	return len(s)
}
