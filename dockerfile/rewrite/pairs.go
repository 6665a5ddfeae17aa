package rewrite

import (
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// SplitPairs makes one instruction for each pair of an ENV or LABEL. Comments between the pairs stay above the pair
// that follows them. The caller asks whether a pair uses what another one sets.
func (c *Change) SplitPairs(s *stages.Step) {
	i := c.index(s)
	in := c.instr(i)
	if len(in.Words) < 2 || len(in.Heredocs) > 0 {
		c.fail("there is only one pair")
		return
	}
	c.close(i)
	keyword := in.Keyword.Of(in.Text)
	var rest []string
	for n, w := range in.Words {
		above := ""
		for _, span := range in.Inner {
			if (n == 0 || in.Words[n-1].Span.End <= span.Start) && span.End <= w.Span.Start {
				above += strings.TrimSpace(span.Of(in.Text)) + c.nl + c.indent(i)
			}
		}
		new := keyword + " " + w.Span.Of(in.Text)
		switch {
		case n > 0:
			rest = append(rest, above+new)
		case above != "":
			c.fail("a comment stands before the first pair")
		default:
			c.replaceBody(i, new)
		}
	}
	c.Insert(Below(s), rest...)
}

// JoinPairs makes one instruction of several ENV or LABEL that stand below each other, with one pair a line. Comments
// between them stay between the lines. It fails if one of these silences findings, which counts for one instruction.
func (c *Change) JoinPairs(steps []*stages.Step) {
	first := c.index(steps[0])
	in := c.instr(first)
	indent := c.indent(first) + "    "
	glue := " " + string(c.file.Escape) + c.nl + indent
	by := in.Keyword.Of(in.Text) + " "
	var fresh []string
	for n, s := range steps {
		i := c.index(s)
		next := c.instr(i)
		if i != first+n || next.Name != in.Name || s.Stage != steps[0].Stage || len(next.Heredocs) > 0 {
			c.fail("only instructions of one name that stand below each other can be joined")
			return
		}
		if n > 0 {
			by += glue
			for _, span := range next.Comments {
				comment := strings.TrimSpace(span.Of(next.Text))
				if silences(comment) {
					c.fail("a comment silences findings of one of them")
					return
				}
				fresh = append(fresh, comment)
				by += comment + c.nl + indent
			}
		}
		by += c.pairLines(next, glue, indent, &fresh)
	}
	c.replaceBody(first, by)
	c.fresh = append(c.fresh, fresh...)
	for _, s := range steps[1:] {
		c.Remove(s, DropComments)
	}
}

// pairLines are the pairs of an instruction, one a line, with the comments between them.
func (c *Change) pairLines(in *syntax.Instruction, glue, indent string, fresh *[]string) (lines string) {
	for n, w := range in.Words {
		if n > 0 {
			lines += glue
		}
		for _, span := range in.Inner {
			if (n == 0 || in.Words[n-1].Span.End <= span.Start) && span.End <= w.Span.Start {
				comment := strings.TrimSpace(span.Of(in.Text))
				*fresh = append(*fresh, comment)
				lines += comment + c.nl + indent
			}
		}
		lines += w.Span.Of(in.Text)
	}
	return lines
}

// replaceBody replaces an instruction's text from its keyword to its end, its inner comments with it.
func (c *Change) replaceBody(i int, by string) {
	in := c.instr(i)
	c.drop = append(c.drop, c.commentsIn(i, in.Body)...)
	c.edit(i, in.Body, strings.TrimRight(by, "\r\n"))
}
