package links

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/text"
)

// addresses are the places in a text of the addresses of pages: of http and https, with a host that has a name on the
// internet. One with a variable, a wildcard or a gap to fill in is none, and neither is one with a password.
func addresses(src string) (list []text.Span) {
	for at := 0; ; {
		n := strings.Index(src[at:], "://")
		if n < 0 {
			return list
		}
		colon := at + n
		at = colon + len("://")
		start := scheme(src, colon)
		if start < 0 {
			continue
		}
		end, whole := addressEnd(src, at)
		if whole && hasHost(src[at:end]) {
			list = append(list, text.Span{Start: start, End: end})
		}
		at = end
	}
}

// scheme is where the http or https before a colon begins; -1 if there is none. What stands behind git+ is for pip, which
// takes a version in it.
func scheme(src string, colon int) int {
	for _, s := range []string{"https", "http"} {
		start := colon - len(s)
		if strings.HasSuffix(src[:colon], s) && (start == 0 || !text.IsWord(src[start-1]) && src[start-1] != '+') {
			return start
		}
	}
	return -1
}

// addressEnd is the end of an address whose host begins at an offset. whole is false if the text goes on with what is
// no address but belongs to it.
func addressEnd(src string, at int) (end int, whole bool) {
	end = at
	open := 0 // parentheses
loop:
	for ; end < len(src); end++ {
		switch c := src[end]; {
		case c >= utf8.RuneSelf:
			r, _ := utf8.DecodeRuneInString(src[end:])
			if unicode.IsLetter(r) {
				return end, false
			}
			break loop
		case c <= ' ' || c == 0x7f || strings.IndexByte("\"'`|;>^]", c) >= 0:
			break loop
		case strings.IndexByte("$<{}*[\\", c) >= 0:
			return end, false
		case c == '&' && strings.HasPrefix(src[end:], "&&"):
			break loop
		case c == '(':
			open++
		case c == ')':
			if open == 0 {
				break loop
			}
			open--
		}
	}
	for end > at && strings.IndexByte(".,:!?&#", src[end-1]) >= 0 { // the end of a sentence, or of a command
		end--
	}
	return end, true
}

// hasHost reports whether an address, without its scheme, begins with the name of a host on the internet.
func hasHost(address string) bool {
	host := address
	if n := strings.IndexAny(host, "/?#"); n >= 0 {
		host = host[:n]
	}
	host, port, hasPort := strings.Cut(host, ":")
	if hasPort && strings.Trim(port, "0123456789") != "" {
		return false // a password, most likely
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return r > 0x7f || r != '-' && !text.IsWord(byte(r)) }) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && len(last) > 1 && strings.Trim(last, "0123456789") != "" && !local[last]
}

// local are domains that are not on the internet.
var local = map[string]bool{"local": true, "localhost": true, "internal": true, "localdomain": true}
