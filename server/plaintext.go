package server

import (
	"regexp"
	"strings"
)

var (
	pageLinks = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\n]*\)`)
	emphasis  = regexp.MustCompile(`\*\*([^*\n]+)\*\*|__([^_\n]+)__`)
	headings  = regexp.MustCompile(`^#{1,6} +`)
)

// plainText is our Markdown for a client that shows text as it is: without backticks, emphasis and
// rules, links as their text, code untouched below its label. It knows the forms that hovers and pages use.
func plainText(markdown string) string {
	var out []string
	fenced := false
	for _, line := range strings.Split(markdown, "\n") {
		if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			fenced = !fenced
			_, label, ok := strings.Cut(fence, " ") // "before", behind the language
			if !ok {
				continue
			}
			line = label + ":"
		} else if !fenced {
			if line == "---" {
				line = ""
			}
			line = proseLine(line)
		}
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// proseLine takes the marks out of a line, but not out of the code spans in it.
func proseLine(line string) string {
	if !strings.ContainsAny(line, "#*_[`") {
		return line // as most are, of the many that a completion brings along
	}
	parts := strings.Split(headings.ReplaceAllString(line, ""), "`")
	for i := range parts {
		if i%2 == 1 && i < len(parts)-1 {
			continue // between two backticks
		}
		parts[i] = emphasis.ReplaceAllString(parts[i], "$1$2")
	}
	line = strings.Join(parts, "")
	return pageLinks.ReplaceAllString(line, "$1")
}
