package rewrite

import (
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
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

// EqualsSign writes ENV k v, or LABEL k v, as k=v, with the value in quotes if it has blanks. It fails unless the value
// stays what it is.
func (c *Change) EqualsSign(s *stages.Step) {
	in := s.Instr
	if in.Name != "ENV" && in.Name != "LABEL" || len(in.Words) != 2 || strings.Contains(in.Words[0].Text, "=") || len(in.Inner) > 0 {
		c.fail("this is not the form without an equals sign")
		return
	}
	value := in.Words[1].Text
	quote, ok := quoteFor(value, string(c.file.Escape))
	if !ok || !isPlainKey(in.Words[0].Text) || s.Expand(quote+value+quote) != s.Expand(value) {
		c.fail("the value may come out different")
		return
	}
	i := c.index(s)
	c.edit(i, text.Span{Start: in.Words[0].Span.End, End: in.Words[1].Span.Start}, "="+quote)
	if end := in.Words[1].Span.End; quote != "" {
		c.edit(i, text.Span{Start: end, End: end}, quote)
	}
}

// quoteFor is what has to stand around a value of the form without an equals sign; ok is false if it cannot be one word
// for certain.
func quoteFor(value, escape string) (quote string, ok bool) {
	switch n := len(value); {
	case strings.ContainsAny(value, "\n\r\x00") || strings.Contains(value, escape):
		return "", false
	case !strings.ContainsAny(value, "\"' \t"):
		return "", true
	case !strings.ContainsAny(value, `"'`):
		return `"`, true
	case n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] && strings.Count(value, value[:1]) == 2:
		return "", true
	}
	return "", false
}

// isPlainKey reports whether a key is taken as it is in both forms.
func isPlainKey(key string) bool {
	return key != "" && strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-") == ""
}
