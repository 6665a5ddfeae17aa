// Package markdown puts text from files into Markdown, so that it is shown and does nothing.
package markdown

import "strings"

// Code is a text as code, in one line. Its fence is longer than any run of backticks in the text, so that
// nothing in it can end it: neither a link nor a picture of an attacker comes to life.
func Code(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' ' // a blank line would end the paragraph, and the code with it
		}
		return r
	}, s)
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " " // readers take one blank away at both ends
	}
	return fence + s + fence
}
