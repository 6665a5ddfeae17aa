package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// maxCluster bounds the bytes of one character on the screen. The longest emoji has 35; what is
// longer is a pile of marks made to run over the lines around it.
const maxCluster = 64

// Escape makes text from files, names and messages harmless on a terminal: control characters, line
// ends, marks that change the direction of text and invalid bytes become escapes, as in Go strings.
func Escape(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	for c := displaywidth.StringGraphemes(s); c.Next(); {
		b.WriteString(escapeCluster(c.Value()))
	}
	return b.String()
}

// harmless reports whether s is printable ASCII, as most text is.
func harmless(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// escapeCluster escapes what a terminal shows in one place: a character with its marks, or an emoji
// of several characters.
func escapeCluster(s string) string {
	if len(s) <= maxCluster && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != Joiner }) < 0 &&
		utf8.ValidString(s) && s != string(Joiner) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r) && !(len(s) > maxCluster && unicode.Is(unicode.M, r)):
			b.WriteString(s[i : i+size])
		case r < utf8.RuneSelf:
			b.WriteString(escapeASCII(byte(r)))
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// Joiner joins emoji to one, as in a family.
const Joiner = '\u200d'

func escapeASCII(c byte) string {
	switch c {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return fmt.Sprintf(`\x%02x`, c)
}

// maxMessage bounds what a report repeats from a file in one line.
const maxMessage = 600

// Shorten cuts text that is too long to read.
func Shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage
	for cut > maxMessage-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// Fit cuts text to a width on the screen, in columns.
func Fit(text string, width int) string {
	if displaywidth.String(text) <= width {
		return text
	}
	used, end := 0, 0
	for c := displaywidth.StringGraphemes(text); c.Next(); {
		if used += c.Width(); used > width-1 {
			break
		}
		end += len(c.Value())
	}
	return text[:end] + "…"
}
