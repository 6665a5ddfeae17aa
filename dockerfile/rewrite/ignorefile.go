package rewrite

import (
	"strings"

	"layerwise/dockerfile/text"
)

// AddLines adds lines to an ignore file, whose text is source: at its end, but above a closing block of
// lines that begin with ! and the comment above it, since the last line that matches a file counts.
func AddLines(path, source string, lines []string) FileEdit {
	nl := newline(source)
	at := closing(source)
	new := strings.Join(lines, nl) + nl
	switch {
	case at < len(source):
	case source != "" && !strings.HasSuffix(source, "\n"):
		new = nl + new
	}
	return FileEdit{Path: path, Source: source, Edits: []text.Edit{{Span: text.Span{Start: at, End: at}, New: new}}}
}

// CreateLines creates a file with the lines.
func CreateLines(path string, lines []string) FileEdit {
	return FileEdit{Path: path, Create: true, Edits: []text.Edit{{New: strings.Join(lines, "\n") + "\n"}}}
}

// closing is the offset of the block of ! lines that ends an ignore file, with the comment and the blank
// lines above it; the end of the file if there is no such block.
func closing(src string) int {
	block, at := len(src), len(src)
	found := false
	for at > 0 {
		start := strings.LastIndexByte(src[:at-1], '\n') + 1
		line := strings.TrimSpace(src[start:at])
		if line != "" && line[0] != '!' && line[0] != '#' {
			break
		}
		if found = found || strings.HasPrefix(line, "!"); found {
			block = start
		}
		at = start
	}
	if !found || block == 0 {
		return len(src) // the file only brings back: what is new comes last
	}
	return block
}
