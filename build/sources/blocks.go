package sources

import (
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// document is a YAML text and its first document.
type document struct {
	root  *yaml.Node
	lines []string
	name  string // of the file
}

// document is the reading's own source; nil if it cannot be read, which is a note.
func (r *reading) document() *document {
	src, docs, ok := r.parsed()
	if !ok {
		return nil
	}
	d := &document{&yaml.Node{}, strings.Split(src, "\n"), r.file}
	if len(docs) > 0 {
		d.root = docs[0]
	}
	return d
}

// documentOf is the document of any file, read once; nil if it cannot be read, which is a note of this reading.
func (r *reading) documentOf(file string, docs map[string]*document) *document {
	d, ok := docs[file]
	if ok {
		return d
	}
	of := &reading{files: r.files, file: file, kind: r.kind}
	d = of.document()
	for _, n := range of.notes {
		r.noteAt(n)
	}
	docs[file] = d
	return d
}

// blockHeader is the end of a line below which a block of text stands.
var blockHeader = lazy.New(`[|>][-+0-9]*[ \t]*(#.*)?$`)

// linesOf tells on which lines of the file the lines of a text stand; both count from 1.
func (d *document) linesOf(n *yaml.Node) func(int) int {
	at := func(i int) string {
		if i < 1 || i > len(d.lines) {
			return ""
		}
		return strings.TrimRight(d.lines[i-1], "\r")
	}
	header := blockHeader.FindString(at(n.Line - 1))
	if !n.Quoted || header == "" {
		return func(int) int { return n.Line }
	}
	last := len(d.lines)
	if header[0] == '|' {
		return func(k int) int { return max(1, min(n.Line+k-1, last)) }
	}
	// A folded block: neighbouring lines are joined, but for those that are indented more. Each blank
	// line between them is a line of the text.
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	starts, base, ended := []int{}, -1, true
	for i, left := n.Line, strings.Count(n.Text, "\n"); i <= last && len(starts) <= left; i++ {
		line := at(i)
		switch {
		case blank(line):
			if ended {
				starts = append(starts, i)
			}
			ended = true
			continue
		case base < 0:
			base = indent(line)
		}
		if ended || indent(line) > base || i > n.Line && indent(at(i-1)) > base {
			starts = append(starts, i)
		}
		ended = false
	}
	return func(k int) int {
		if k < 1 || k > len(starts) {
			return n.Line
		}
		return starts[k-1]
	}
}
