package shell

import (
	"path"
	"strings"
)

// wrappers are programs that run the command given in their arguments, with their options that take
// a value.
var wrappers = map[string]string{
	"sudo": "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir",
	"env":  "-u -C -S --unset --chdir", "nice": "-n --adjustment", "ionice": "-c -n -p --class --classdata",
	"timeout": "-s -k --signal --kill-after", "time": "-f -o --format --output", "exec": "-a", "command": "",
	"nohup": "", "stdbuf": "-i -o -e --input --output --error", "setarch": "", "linux32": "", "linux64": "",
	"gosu": "", "su-exec": "", "chroot": "--userspec --groups", "fakeroot": "", "xvfb-run": "-e -f -n -p -s -w",
	"retry": "-t -s --times --sleep", "catchsegv": "", "doas": "-u -C", "setsid": "", "unbuffer": "",
}

// operandsBefore is the number of operands that a wrapper takes before the command.
var operandsBefore = map[string]int{"timeout": 1, "gosu": 1, "su-exec": 1, "chroot": 1, "setarch": 1}

// unwrap removes wrappers from the command's words. If what is left is sh -c with a literal script,
// it returns that script.
func (r *reader) unwrap(c *Command) (script Word, isScript bool) {
	for len(c.Words) > 1 && c.Words[0].Literal {
		name := path.Base(c.Words[0].Text)
		if isShell(name) {
			if word, ok := shellScript(c.Words); ok {
				c.Wrappers = append(c.Wrappers, name)
				return word, true
			}
			return Word{}, false
		}
		values, ok := wrappers[name]
		if !ok {
			return Word{}, false
		}
		rest := afterOptions(c, name, values)
		if len(rest) == 0 {
			return Word{}, false // the wrapper alone, such as "env" or "exec"
		}
		c.Wrappers = append(c.Wrappers, name)
		c.Words = rest
	}
	return Word{}, false
}

// afterOptions are the words after a wrapper's options, assignments and operands.
func afterOptions(c *Command, name, values string) []Word {
	words := c.Words[1:]
	for len(words) > 0 {
		w := words[0].Text
		variable, value, assigns := strings.Cut(w, "=")
		switch {
		case w == "--":
			words = words[1:]
			return skipOperands(words, name)
		case strings.HasPrefix(w, "-") && len(w) > 1:
			takes := false
			for _, v := range strings.Fields(values) {
				takes = takes || v == w
			}
			words = words[1:]
			if takes && len(words) > 0 {
				words = words[1:]
			}
		case assigns && (name == "env" || name == "sudo" || name == "doas") && isName(variable):
			word := words[0]
			word.Text = value
			c.Assigns = append(c.Assigns, Assign{variable, word})
			words = words[1:]
		default:
			return skipOperands(words, name)
		}
	}
	return nil
}

func skipOperands(words []Word, name string) []Word {
	n := operandsBefore[name]
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
	switch name {
	case "sh", "bash", "ash", "dash", "ksh", "zsh":
		return true
	}
	return false
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
			if i+1 < len(words) && !strings.Contains(words[i+1].Text, "$(") {
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
