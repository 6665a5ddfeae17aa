package outline

import (
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// FoldKind is what an editor may fold together, such as all comments.
type FoldKind string

// The kinds, by their names in the protocol.
const (
	Code    FoldKind = ""
	Comment FoldKind = "comment"
	Region  FoldKind = "region"
)

// Fold is text that can be folded away: what is behind the end of its first line. It has two lines at least.
type Fold struct {
	Span text.Span // without the end of its last line
	Kind FoldKind
}

// Folds are the stages, the instructions of several lines, here-documents, comments and regions, in the order of their
// places, the outer of two with one start first.
func Folds(g *stages.Graph) []Fold {
	f := folder{file: g.File, lines: g.File.Lines()}
	for _, s := range g.Stages {
		f.add(stageSpan(g, s), Code)
	}
	for i, in := range g.File.Instructions {
		f.instruction(in, g.File.Start(i))
	}
	f.comments()
	slices.SortStableFunc(f.list, func(a, b Fold) int { return byPlace(a.Span, b.Span) })
	return slices.CompactFunc(f.list, f.same)
}

type folder struct {
	file  *syntax.File
	lines *text.Lines
	list  []Fold
}

// add adds a fold, unless there is nothing to fold away.
func (f *folder) add(span text.Span, kind FoldKind) {
	if f.lines.Line(span.Start) < f.lines.Line(span.End) {
		f.list = append(f.list, Fold{span, kind})
	}
}

// same reports whether two folds are of the same lines: of a stage that is one instruction, say.
func (f *folder) same(a, b Fold) bool {
	return f.lines.Line(a.Span.Start) == f.lines.Line(b.Span.Start) && f.lines.Line(a.Span.End) == f.lines.Line(b.Span.End)
}

// instruction adds the instruction, and each of its here-documents. One with a here-document ends, as far as its
// own lines go, where the first body begins: the line of the opener is the first of that fold.
func (f *folder) instruction(in *syntax.Instruction, start int) {
	if len(in.Heredocs) == 0 {
		f.add(in.Body.Shift(start), Code)
		return
	}
	head := text.Span{Start: in.Keyword.Start, End: lineEnd(in.Text, in.Heredocs[0].Content.Start)}
	f.add(head.Shift(start), Code)
	opener := head.End // the end of the line under which the next body is folded
	for _, h := range in.Heredocs {
		end := h.End.End
		if h.End.Len() == 0 {
			end = lineEnd(in.Text, h.Content.End)
		}
		line := f.lines.Span(f.lines.Line(start + opener)).Start
		f.add(text.Span{Start: line, End: start + end}, Code)
		opener = end
	}
}

// lineEnd is the end of the last line that ends at or before the offset, which stands behind a line end.
func lineEnd(src string, offset int) int {
	return len(strings.TrimRight(src[:offset], "\r\n"))
}

// comments adds blocks of comments of two lines and more, and what stands between "#region" and "#endregion".
func (f *folder) comments() {
	var block text.Span // the comments so far, of which each has the line below the one before
	var regions []int   // where those begin that are open
	done := func() {
		f.add(block, Comment)
		block = text.Span{}
	}
	for _, c := range commentSpans(f.file) {
		word, _, _ := strings.Cut(strings.TrimLeft(c.Of(f.file.Src)[1:], " \t"), " ")
		switch word {
		case "region":
			regions = append(regions, c.Start)
		case "endregion":
			if n := len(regions); n > 0 {
				f.add(text.Span{Start: regions[n-1], End: c.End}, Region)
				regions = regions[:n-1]
			}
		default:
			if block.Len() > 0 && f.lines.Line(c.Start) == f.lines.Line(block.End)+1 {
				block.End = c.End
				continue
			}
			done()
			block = c
			continue
		}
		done()
	}
	done()
}

// commentSpans are the comments of the file in order; parser directives are none.
func commentSpans(f *syntax.File) (list []text.Span) {
	lines := func(from string, offset int) {
		for line := range strings.Lines(from) {
			body := strings.TrimLeft(line, " \t")
			if strings.HasPrefix(body, "#") {
				start := offset + len(line) - len(body)
				list = append(list, text.Span{Start: start, End: start + len(strings.TrimRight(body, " \t\r\n"))})
			}
			offset += len(line)
		}
	}
	for i, in := range f.Instructions {
		for _, c := range in.Comments {
			list = append(list, c.Shift(f.Start(i)))
		}
		for _, c := range in.Inner {
			list = append(list, c.Shift(f.Start(i)))
		}
	}
	lines(f.Trailer, len(f.Src)-len(f.Trailer))
	return list
}
