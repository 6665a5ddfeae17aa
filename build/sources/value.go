package sources

import "strings"

// unknown stands in a text for what only the run knows: the value of a variable that nobody has set here,
// the output of a command. A text with it may be passed on, joined and compared with itself, but is never
// a path. It is a character that no source has.
const unknown = "\uE0FF"

// isKnown reports whether a text is known as a whole.
func isKnown(s string) bool { return !strings.Contains(s, unknown) }

// argument is the value of a build argument: nil if it is not known.
func argument(s string) *string {
	if !isKnown(s) {
		return nil
	}
	return &s
}

// shown is a text for people: what is not known is an ellipsis.
func shown(s string) string { return strings.ReplaceAll(s, unknown, "…") }
