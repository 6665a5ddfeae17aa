package shell

import (
	"path"
	"slices"
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
	"retry": "-t -s --times --sleep", "catchsegv": "", "doas": "-u -C", "setsid": "", "unbuffer": "", "builtin": "",
	"busybox": "", "eatmydata": "", "dumb-init": "-r --rewrite", "runuser": "-u -g -G --user --group --supp-group",
	"setpriv": "--reuid --regid --groups --inh-caps --bounding-set --ambient-caps --securebits --pdeathsig",
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
		if word, ok := switchedScript(name, c.Words[1:]); ok {
			c.Wrappers = append(c.Wrappers, name)
			return word, true
		}
		values, ok := wrappers[name]
		if !ok || name == "command" && len(c.Words) > 1 && isLookup(c.Words[1].Text) {
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
			words = words[1:]
			if takesNext(w, values) && len(words) > 0 {
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

// takesNext reports whether an option, or the last letter of a cluster, takes the next word.
func takesNext(option, values string) bool {
	fields := strings.Fields(values)
	if strings.HasPrefix(option, "--") {
		return slices.Contains(fields, option)
	}
	for i := 1; i < len(option); i++ {
		if slices.Contains(fields, "-"+option[i:i+1]) {
			return i == len(option)-1
		}
	}
	return false
}

// isLookup reports whether command is asked where a program is, rather than to run it.
func isLookup(option string) bool {
	return len(option) > 1 && option[0] == '-' && strings.ContainsAny(option, "vV")
}

// switchedScript is the literal script of su -c and runuser -c, whose user stands before or after it.
func switchedScript(name string, words []Word) (Word, bool) {
	if name != "su" && name != "runuser" {
		return Word{}, false
	}
	for i, w := range words {
		switch option, value, has := strings.Cut(w.Text, "="); {
		case has && (option == "--command" || option == "--session-command"):
			return Word{Span: w.Span, Text: value, Literal: w.Literal}, true
		case w.Text == "--command" || w.Text == "-c" || isShort(w.Text) && strings.HasSuffix(w.Text, "c"):
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
