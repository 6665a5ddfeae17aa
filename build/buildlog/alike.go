package buildlog

import (
	"strings"

	"layerwise/dockerfile/text"
)

// How well the text of an instruction fits what a log tells.
const (
	possible = 1 // with some values for its variables, or as far as the log goes
	same     = 2
)

// alike compares an instruction as it is written with the text of a step, in which BuildKit has replaced
// variables by their values, added the beginning of a heredoc, and perhaps cut off the end. It is 0 if
// they differ.
func alike(written, told string, cut bool) int {
	written, told = plainly(written), plainly(told)
	if written == told {
		return same
	}
	heredoc := strings.Contains(written, "<<")
	if heredoc {
		if before, _, ok := strings.Cut(told, " ("); ok && before == written {
			return same
		}
	}
	if fits(literals(written), told, cut || heredoc) {
		return possible
	}
	return 0
}

// plainly is a text in the form in which it is compared: BuildKit prints all up to the first space in
// upper case, and of what is not RUN leaves out quotes and escapes.
func plainly(text string) string {
	text = strings.ToUpper(strings.Join(strings.Fields(text), " "))
	if !strings.HasPrefix(text, "RUN ") {
		text = quotes.Replace(text)
	}
	return text
}

var quotes = strings.NewReplacer(`"`, "", "'", "", `\`, "", "`", "")

// literals are the parts of a text between its variables, without the blanks around these: of those beside
// an empty value one is left, or none.
func literals(text string) (parts []string) {
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '$' || i+1 == len(text) {
			continue
		}
		end := i
		if end > start && text[end-1] == '\\' {
			end-- // an escaped one is printed with or without the backslash
		}
		parts = append(parts, strings.TrimSpace(text[start:end]))
		start = variableEnd(text, i+1)
		i = start - 1
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

// variableEnd is where the variable ends whose name, or brace, begins at i.
func variableEnd(name string, i int) int {
	if name[i] == '{' {
		end, _ := text.BraceEnd(name, i+1)
		return end
	}
	end := i
	for end < len(name) && text.IsWord(name[end]) {
		end++
	}
	return end
}

// fits reports whether the parts stand in text, in order, and nothing else before the first and after the
// last one. Of an open text the end is missing, or something may follow.
func fits(parts []string, text string, open bool) bool {
	for i, part := range parts {
		if open && i == 0 && len(text) < len(part) {
			return strings.HasPrefix(part, text)
		}
		switch at := strings.Index(text, part); {
		case i == 0 && !strings.HasPrefix(text, part):
			return false
		case i == len(parts)-1 && !open:
			return strings.HasSuffix(text, part) && (i > 0 || text == part)
		case at < 0:
			return open && i > 0
		default:
			text = text[at+len(part):]
		}
	}
	return true
}

// image compares a FROM as it is written with the one of a step, which names the image in full and by its
// digest.
func image(written, told string) bool {
	fields := strings.Fields(written)
	at := 1
	for at < len(fields) && strings.HasPrefix(fields[at], "--") {
		at++
	}
	if at >= len(fields) {
		return false
	}
	ref, _, _ := strings.Cut(fields[at], "@")
	told, _, _ = strings.Cut(strings.TrimPrefix(told, "FROM "), "@")
	ref, told = familiar(ref), familiar(told)
	return fits(literals(ref), told, false) || fits(literals(ref+":latest"), told, false)
}

// familiar is the name of an image without what goes without saying.
func familiar(ref string) string {
	return strings.TrimPrefix(strings.TrimPrefix(ref, "docker.io/"), "library/")
}
