// Package words builds what messages say of numbers and lists, so that all of them say it alike.
package words

import (
	"fmt"
	"strings"
)

// Count is a number of things: "1 file", "2 files". The noun's plural takes an s.
func Count(n int, noun string) string { return fmt.Sprintf("%d %s", n, For(n, noun, noun+"s")) }

// For is the word that goes with a number of things: one if n is 1, or else many.
func For(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Alternatives are "a, b or c", for two words at least.
func Alternatives(words []string, or string) string {
	last := len(words) - 1
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
