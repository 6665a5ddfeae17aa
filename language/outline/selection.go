package outline

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Selection are the spans that hold the offset and that are something, from the inside out: a word, a flag, the arguments,
// a command of a RUN, the instruction, its stage, the file. Each is larger than the one before.
func Selection(g *stages.Graph, offset int) []text.Span {
	f := g.File
	spans := []text.Span{{Start: 0, End: len(f.Src)}}
	if i := f.Index(offset); i < 0 || i >= len(f.Instructions) {
		spans = append(spans, comment(f, offset)...)
	} else {
		step := g.StepAt(i)
		if step.Stage != nil {
			spans = append(spans, stageSpan(g, step.Stage))
		}
		for _, s := range inInstruction(step, offset-f.Start(i)) {
			spans = append(spans, s.Shift(f.Start(i)))
		}
	}
	list := nested(within(spans, offset))
	if len(list) > maxNested {
		list = slices.Concat(list[:maxNested/2], list[len(list)-maxNested/2:])
	}
	return list
}

// maxNested is how many spans lie in one another at most: they are sent so, and not every reader of JSON goes deeper than it has to.
const maxNested = 100

// comment is the line of the offset, outside of instructions, and the word there.
func comment(f *syntax.File, offset int) []text.Span {
	line := f.Lines().Span(f.Lines().Line(offset))
	return append(wordAt(f.Src, line, offset), line)
}

// inInstruction are the spans of an instruction, relative to it, that may hold the place.
func inInstruction(step *stages.Step, at int) (spans []text.Span) {
	in := step.Instr
	for _, c := range append(append([]text.Span{}, in.Comments...), in.Inner...) {
		if c.Contains(at) {
			spans = append(append(spans, wordAt(in.Text, c, at)...), c)
		}
	}
	spans = append(spans, in.Body, in.Keyword, in.Args)
	for _, flag := range in.Flags {
		spans = append(spans, flag.Span, flag.Name, flag.Value)
		spans = append(spans, parts(in.Text, flag.Value, ",=", at)...)
	}
	for _, h := range in.Heredocs {
		spans = append(spans, h.Op, h.Content, h.End)
		if h.Content.Contains(at) {
			spans = append(append(spans, lineAt(in.Text, h.Content, at)), wordAt(in.Text, h.Content, at)...)
		}
	}
	for _, w := range in.Words {
		if in.Name != "RUN" || in.JSON {
			spans = append(append(spans, w.Span), pieces(in.Text, w.Span, at)...)
		}
	}
	script := shell.Of(in, step.Shell)
	for _, s := range script.List {
		spans = append(spans, s.Span)
	}
	for _, c := range script.Commands {
		spans = append(spans, c.Span)
		for _, w := range c.Words {
			spans = append(append(spans, w.Span), pieces(in.Text, w.Span, at)...)
		}
		for _, r := range c.Redirects {
			if !strings.Contains(r.Span.Of(in.Text), "<<") { // those are above
				spans = append(spans, r.Span)
			}
		}
	}
	if !covered(spans, in, at) {
		spans = append(spans, wordAt(in.Text, in.Body, at)...)
	}
	return spans
}

// covered reports whether one of the spans is smaller than the instruction's arguments and holds the place.
func covered(spans []text.Span, in *syntax.Instruction, at int) bool {
	for _, s := range spans {
		if s.Contains(at) && s.Len() > 0 && s.Len() < in.Args.Len() {
			return true
		}
	}
	return false
}

// pieces are the parts of a word that are something by themselves: what its quotes hold, the parts of a variable in braces,
// name and value, and a part of a path.
func pieces(src string, word text.Span, at int) []text.Span {
	var spans []text.Span
	if body := word.Of(src); len(body) > 1 && strings.ContainsAny(body[:1], `"'`) && body[0] == body[len(body)-1] {
		word = text.Span{Start: word.Start + 1, End: word.End - 1}
		spans = append(spans, word)
	}
	if !word.Contains(at) {
		return spans
	}
	if inner := braced(src, word, at); len(inner) > 0 {
		// A separator in the braces separates nothing.
		all := inner[len(inner)-1]
		spans = append(spans, inner...)
		return append(spans, slices.DeleteFunc(parts(src, word, "=", all.Start), func(s text.Span) bool { return s.End < all.End })...)
	}
	return append(append(spans, parts(src, word, "=", at)...), parts(src, word, "=/:", at)...)
}

// braced are the parts of each ${…} around the place, the inner first: the name or the word behind its modifier, what the braces hold,
// and all of it. Quotes and escapes are not looked at: who selects sees what it takes.
func braced(src string, span text.Span, at int) (spans []text.Span) {
	depth, inside := 0, 0 // braces that are closed before the place, and those around it that were found
	for start := at - 1; start > span.Start; start-- {
		switch {
		case src[start] == '}':
			depth++
		case src[start] == '{' && src[start-1] == '$' && depth > 0:
			depth--
		case src[start] == '{' && src[start-1] == '$':
			end, open := at, inside
			for end < span.End && (src[end] != '}' || open > 0) {
				switch src[end] {
				case '{':
					open++
				case '}':
					open--
				}
				end++
			}
			if end == span.End {
				return spans
			}
			inside++
			name := start + 1
			for name < end && text.IsWord(src[name]) {
				name++
			}
			word := name
			for word < end && strings.IndexByte(":-+?#%/", src[word]) >= 0 {
				word++
			}
			spans = append(spans, text.Span{Start: start + 1, End: name}, text.Span{Start: word, End: end},
				text.Span{Start: start + 1, End: end}, text.Span{Start: start - 1, End: end + 1})
		}
	}
	return spans
}

// parts is the part of a span, between separators, in which the place is.
func parts(src string, span text.Span, separators string, at int) []text.Span {
	if !span.Contains(at) {
		return nil
	}
	start, end := at, at
	for start > span.Start && strings.IndexByte(separators, src[start-1]) < 0 {
		start--
	}
	for end < span.End && strings.IndexByte(separators, src[end]) < 0 {
		end++
	}
	return []text.Span{{Start: start, End: end}}
}

// wordAt is the word, between blanks, at a place of a span.
func wordAt(src string, span text.Span, at int) []text.Span { return parts(src, span, " \t\r\n", at) }

// lineAt is the line, without its end and blanks around it, at a place of a span.
func lineAt(src string, span text.Span, at int) text.Span {
	line := parts(src, span, "\r\n", at)[0]
	body := line.Of(src)
	trimmed := strings.TrimLeft(body, " \t")
	start := line.Start + len(body) - len(trimmed)
	return text.Span{Start: start, End: start + len(strings.TrimRight(trimmed, " \t"))}
}

// nested drops spans that cross one that is further inside.
func nested(spans []text.Span) (list []text.Span) {
	for _, s := range spans {
		if n := len(list); n == 0 || s.Start <= list[n-1].Start && s.End >= list[n-1].End && s != list[n-1] {
			list = append(list, s)
		}
	}
	return list
}
