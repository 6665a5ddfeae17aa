package syntax

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

const byteOrderMark = "\xef\xbb\xbf"

// header is what stands before the first instruction's text, and what it means for the rest.
type header struct {
	end        int // the length of the byte order mark, of a first line with "#!", and of the directive lines
	seen       int // an edit at or after this offset leaves the header as it is
	escape     byte
	custom     bool
	directives []Directive
	errors     []Error
}

// directive has the form that BuildKit accepts after the '#' and blanks.
var directive = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`)

// parseHeader reads the parser directives as BuildKit does: they end at the first line that is not
// one, an unknown name included. Below a first line with "#!" it looks for the frontend and for checks only: to its parser that
// line is a comment, which ends the directives, so that an escape character named below is none.
func parseHeader(src string) header {
	h := header{escape: '\\'}
	if strings.HasPrefix(src, byteOrderMark) {
		h.end = len(byteOrderMark)
	}
	escapes := 0 // below a line with "#!"
	program := strings.HasPrefix(src[h.end:], "#!")
	if program {
		h.end = lineEnd(src, h.end)
	}
	for h.end < len(src) {
		next := lineEnd(src, h.end)
		d, ok := parseDirective(src, h.end, next)
		if ok && program {
			if d.Name == "escape" {
				escapes++
			}
			ok = d.Span.Start == h.end && !h.has(d.Name) && escapes < 2
		}
		if !ok {
			h.seen = next
			break
		}
		if !program || d.Name != "escape" {
			h.add(d)
		}
		h.end = next
	}
	// The last line looked at may still grow into a directive while it has no line end.
	if h.seen == 0 || src[h.seen-1] != '\n' {
		h.seen = len(src) + 1
	}
	end := frontendEnd(src)
	h.seen = max(h.seen, end)
	h.custom = isCustomFrontend(src[:min(end, len(src))])
	return h
}

// parseDirective reads the line src[start:end] as a directive.
func parseDirective(src string, start, end int) (Directive, bool) {
	at := start + blanks(src[start:end])
	end = start + len(trimNewline(src[start:end]))
	if at >= end || src[at] != '#' {
		return Directive{}, false
	}
	first := at
	at++
	at += blanks(src[at:end])
	m := directive.FindStringSubmatchIndex(src[at:end])
	if m == nil {
		return Directive{}, false
	}
	d := Directive{
		Span:      text.Span{Start: first, End: end},
		NameSpan:  text.Span{Start: at + m[2], End: at + m[3]},
		ValueSpan: text.Span{Start: at + m[4], End: at + m[5]},
	}
	// Directives outlive the source in which they were read.
	d.Name = strings.Clone(strings.ToLower(d.NameSpan.Of(src)))
	d.Value = strings.Clone(d.ValueSpan.Of(src))
	return d, d.Name == "syntax" || d.Name == "escape" || d.Name == "check"
}

func (h *header) has(name string) bool {
	return slices.ContainsFunc(h.directives, func(d Directive) bool { return d.Name == name })
}

func (h *header) add(d Directive) {
	defer func() { h.directives = append(h.directives, d) }()
	if h.has(d.Name) {
		h.errors = append(h.errors, Error{Span: d.NameSpan, Rule: SyntaxError,
			Message: fmt.Sprintf("only one %s parser directive can be used", d.Name)})
		return
	}
	if d.Name != "escape" {
		return
	}
	if d.Value != "`" && d.Value != `\` {
		h.errors = append(h.errors, Error{Span: d.ValueSpan, Rule: SyntaxError,
			Message: fmt.Sprintf("invalid escape token %q: it must be ` or \\", words.Shorten(d.Value, maxQuoted))})
		return
	}
	h.escape = d.Value[0]
}

// frontendEnd is the length of the part of src in which a frontend can be named: the leading lines
// that look like comments. A JSON file can name it anywhere.
func frontendEnd(src string) int {
	at := 0
	if strings.HasPrefix(src, byteOrderMark) {
		at = len(byteOrderMark)
	}
	if strings.HasPrefix(strings.TrimLeftFunc(src[at:], unicode.IsSpace), "{") {
		return len(src) + 1
	}
	for at < len(src) {
		comment := src[at] == '#' || strings.HasPrefix(src[at:], "//")
		at = lineEnd(src, at)
		if !comment && src[at-1] == '\n' {
			return at
		}
	}
	return len(src) + 1
}

// isCustomFrontend reports whether the beginning of a file names a frontend other than Docker's.
// Copies of Docker's in other registries keep its name.
func isCustomFrontend(src string) bool {
	// Most name none: BuildKit's search for it is done three times, and reads JSON.
	if !strings.Contains(src, "{") && !strings.Contains(strings.ToLower(src), "syntax") {
		return false
	}
	name, _, _, ok := parser.DetectSyntax([]byte(src))
	if !ok {
		return false
	}
	name, _, _ = strings.Cut(name, "@")
	if slash, colon := strings.LastIndexByte(name, '/'), strings.LastIndexByte(name, ':'); colon > slash {
		name = name[:colon]
	}
	name = "/" + name
	return !strings.HasSuffix(name, "/docker/dockerfile") && !strings.HasSuffix(name, "/docker/dockerfile-upstream")
}
