package language

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Settled is the graph with the instructions that a here-document without an end swallows: while <<EOF is typed, its text is
// the rest of the file. Where the next instruction begins it is taken to end. All places are those of the graph; the
// sign of the here-document and its text are blank. It is for views of the whole file, which would lose all of that for the
// time; it is the graph itself if nothing is swallowed.
func Settled(g *stages.Graph) *stages.Graph {
	return g.Memo(settledKey{}, func() any {
		edits := blankOpen(g.File)
		if edits == nil {
			return g
		}
		return g.With(g.File.Edit(edits), func(arg string) string { return arg })
	}).(*stages.Graph)
}

type settledKey struct{}

// blankOpen blanks the here-document without an end up to the instruction below it; nil if there is none.
func blankOpen(f *syntax.File) []text.Edit {
	last := len(f.Instructions) - 1
	if last < 0 {
		return nil
	}
	in := f.Instructions[last]
	i := slices.IndexFunc(in.Heredocs, func(h syntax.Heredoc) bool { return h.End.Len() == 0 })
	if i < 0 {
		return nil
	}
	op, content := in.Heredocs[i].Op, in.Heredocs[i].Content
	at, end := content.Start, content.Start // end: the comments above an instruction are its own
	for line := range strings.Lines(content.Of(in.Text)) {
		if beginsInstruction(line) {
			blanks := []rewrite.Named{{Span: op.Shift(f.Start(last)), New: blank(op.Of(in.Text))}}
			if swallowed := (text.Span{Start: content.Start, End: end}); swallowed.Len() > 0 {
				blanks = append(blanks, rewrite.Named{Span: swallowed.Shift(f.Start(last)), New: blank(swallowed.Of(in.Text))})
			}
			return rewrite.Names(blanks)
		}
		at += len(line)
		if bare := strings.TrimSpace(line); bare != "" && bare[0] != '#' {
			end = at
		}
	}
	return nil
}

// beginsInstruction reports whether a line begins with the keyword of an instruction as nearly everyone writes it: in capitals,
// without a blank before it. A script has hardly such a line.
func beginsInstruction(line string) bool {
	keyword, rest, blank := strings.Cut(line, " ")
	row := grammar.Find(keyword)
	return blank && row != nil && row.Name == keyword && strings.TrimSpace(rest) != ""
}

// blank is a text of the same length without anything but its line ends.
func blank(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] != '\n' && b[i] != '\r' {
			b[i] = ' '
		}
	}
	return string(b)
}
