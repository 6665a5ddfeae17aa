// Package words builds what messages say of numbers and lists, so that all of them say it alike.
package words

import (
	"fmt"
	"strings"
)

// Count is a number of things: "1 file", "2,000 files". The noun's plural takes an s.
func Count(n int, noun string) string { return digits(n) + " " + For(n, noun, noun+"s") }

// digits are a number with commas between thousands.
func digits(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Size is a number of bytes, as precise as it is of use: "12 bytes", "181 kB", "4.2 MB".
func Size(bytes int64) string {
	switch {
	case bytes < 1000:
		return Count(int(bytes), "byte")
	case bytes < 999_500:
		return fmt.Sprintf("%d kB", (bytes+500)/1000)
	case bytes < 999_950_000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}

// Shorten is a text, or the start of it with an ellipsis, of at most so many characters. What is no text
// in it is replaced.
func Shorten(s string, most int) string {
	most = max(most, 1)
	if enough := 4*most + 4; len(s) > enough { // no character has more than four bytes
		s = s[:enough]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// For is the word that goes with a number of things: one if n is 1, or else many.
func For(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Code is a command or other text that people would type, as messages show it: in backticks. Text that
// holds backticks stays as it is.
func Code(s string) string {
	if strings.Contains(s, "`") {
		return s
	}
	return "`" + s + "`"
}

// Alternatives are "a, b or c"; one word is itself.
func Alternatives(words []string, or string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " " + or + " " + words[last]
}

// Shown is how many names Some tells.
const Shown = 3

// Some are the first of the names, and how many there are besides: "a, b, c and 4 more".
func Some(names []string) string {
	if len(names) > Shown {
		return strings.Join(names[:Shown], ", ") + fmt.Sprintf(" and %d more", len(names)-Shown)
	}
	return strings.Join(names, ", ")
}

// OneLine is a text with its blanks and line ends as single spaces.
func OneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
