package rewrite

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// Place is where instructions are put.
type Place struct {
	step    *stages.Step
	side    side
	command *shell.Command
	again   []string // commands that the second half begins with
}

type side int

const (
	above side = iota
	below
	before // a command, which begins a RUN of its own then
)

// Above is the place above a step and the comments directly above it.
func Above(s *stages.Step) Place { return Place{step: s, side: above} }

// Below is the place below a step.
func Below(s *stages.Step) Place { return Place{step: s, side: below} }

// Before is the place between two halves of a RUN, which is split before the command: see Split. The
// second half begins with the commands of again, such as a cd of the first.
func Before(s *stages.Step, command *shell.Command, again ...string) Place {
	return Place{step: s, side: before, command: command, again: again}
}

// put is what is put above or below an instruction.
type put struct {
	at        int
	side      side
	texts     []string // each with comments of its own, without a line end at its end
	paragraph bool     // it stood between blank lines, and shall again
}

// CommentsOf says what becomes of the comments directly above a step that is removed.
type CommentsOf int

// What becomes of them.
const (
	DropComments CommentsOf = iota // they go with the step
	KeepComments                   // they stay where they are, but for those that silence findings of the step
)

// Remove removes a step. Comments between its own lines go with it.
func (c *Change) Remove(s *stages.Step, comments CommentsOf) {
	i := c.index(s)
	in := c.instr(i)
	span := c.block(i)
	if comments == KeepComments {
		span.Start = strings.LastIndexByte(in.Text[:in.Body.Start], '\n') + 1
		for _, comment := range in.Comments {
			if comment.Start >= c.block(i).Start && silences(comment.Of(in.Text)) {
				c.edit(i, wholeLine(in.Text, comment), "")
				c.drop = append(c.drop, strings.TrimSpace(comment.Of(in.Text)))
			}
		}
	}
	c.take(i, span)
	c.drop = append(c.drop, c.commentsIn(i, span)...)
}

// silences reports whether a comment is an instruction to a checker about the line below it.
func silences(comment string) bool {
	words := strings.Fields(strings.TrimLeft(comment, "# "))
	return len(words) > 1 && strings.HasPrefix(words[1], "ignore=")
}

func wholeLine(src string, span text.Span) text.Span {
	start := strings.LastIndexByte(src[:span.Start], '\n') + 1
	end := len(src)
	if n := strings.IndexByte(src[span.End:], '\n'); n >= 0 {
		end = span.End + n + 1
	}
	return text.Span{Start: start, End: end}
}

// take marks a part of an instruction's Text as gone.
func (c *Change) take(i int, span text.Span) {
	if _, twice := c.gone[i]; twice {
		c.fail("a step cannot go twice")
	}
	c.gone[i] = span
}

// commentsIn are the comment lines in a part of an instruction's Text.
func (c *Change) commentsIn(i int, span text.Span) (list []string) {
	in := c.instr(i)
	for _, comment := range slices.Concat(in.Comments, in.Inner) {
		if span.Start <= comment.Start && comment.End <= span.End && !c.carried[comment.Shift(c.file.Start(i))] {
			list = append(list, strings.TrimSpace(comment.Of(in.Text)))
		}
	}
	return list
}

// Insert puts new instructions at a place, each with comments of its own if it has any. They are
// indented as the step there.
func (c *Change) Insert(at Place, instructions ...string) {
	texts := make([]string, len(instructions))
	indent := c.indent(c.index(at.step))
	for i, t := range instructions {
		texts[i] = indent + strings.TrimRight(c.lines(t), "\r\n")
		for _, in := range c.parse(t) {
			for _, span := range slices.Concat(in.Comments, in.Inner) {
				c.fresh = append(c.fresh, strings.TrimSpace(span.Of(in.Text)))
			}
		}
	}
	c.put(at, texts, false)
}

// Move moves steps, in their order, to a place, each with the comments directly above it. Changes of
// their text are kept.
func (c *Change) Move(at Place, steps ...*stages.Step) {
	var texts []string
	paragraph := len(steps) > 0
	last := -1
	for n, s := range steps {
		i := c.index(s)
		if s.Instr.Name == "FROM" || s == at.step && at.side == before {
			c.fail("the step cannot be moved")
			return
		}
		c.close(i)
		block := c.block(i)
		if n == 0 || i != last+1 || !isBlank(c.instr(i).Text[:block.Start]) {
			paragraph = paragraph && c.afterBlank(i)
		}
		if n+1 == len(steps) || c.index(steps[n+1]) != i+1 {
			paragraph = paragraph && c.beforeBlank(i)
		}
		between := ""
		if n > 0 && i == last+1 && block.Start > 0 && isBlank(c.instr(i).Text[:block.Start]) {
			between = c.nl
		}
		texts = append(texts, between+c.textOf(i, block.Start))
		c.take(i, block)
		last = i
	}
	c.put(at, texts, paragraph)
}

// MoveComments moves the comments directly above a step to directly above another one, but for those
// that silence findings of the step. It comes before Remove.
func (c *Change) MoveComments(from, to *stages.Step) {
	i := c.index(from)
	in, block := c.instr(i), c.block(i)
	for _, comment := range in.Comments {
		if comment.Start < block.Start || silences(comment.Of(in.Text)) {
			continue
		}
		if _, gone := c.gone[i]; !gone {
			c.edit(i, wholeLine(in.Text, comment), "")
		}
		c.drop = append(c.drop, strings.TrimSpace(comment.Of(in.Text)))
		c.carried[comment.Shift(c.file.Start(i))] = true
		c.Comment(to, comment.Of(in.Text))
	}
}

// Comment puts a comment line directly above a step, with the step's indentation.
func (c *Change) Comment(s *stages.Step, comment string) {
	i := c.index(s)
	in := c.instr(i)
	comment = strings.TrimRight(comment, " \t\r\n")
	c.fresh = append(c.fresh, comment)
	c.edit(i, text.Span{Start: in.Body.Start, End: in.Body.Start}, comment+"\n"+c.indent(i))
}

// CommentTop puts a comment line at the top of the file, below the lines that must stay there: a byte
// order mark, a #! line, and directives.
func (c *Change) CommentTop(comment string) {
	c.top = append(c.top, comment)
	c.fresh = append(c.fresh, comment)
}

// ReplaceComment replaces a comment above a step; the span is one of the instruction's Comments.
func (c *Change) ReplaceComment(s *stages.Step, comment text.Span, by string) {
	c.drop = append(c.drop, strings.TrimSpace(comment.Of(s.Instr.Text)))
	c.fresh = append(c.fresh, strings.TrimSpace(by))
	c.edit(c.index(s), comment, by)
}

// ReplaceInComment replaces a part of a comment line, anywhere in the file; the span is in the file.
func (c *Change) ReplaceInComment(span text.Span, by string) {
	line := wholeLine(c.file.Src, span)
	before := line.Of(c.file.Src)
	c.drop = append(c.drop, strings.TrimSpace(before))
	c.fresh = append(c.fresh, strings.TrimSpace(text.Apply(before, []text.Edit{{Span: span.Shift(-line.Start), New: by}})))
	c.raw = append(c.raw, text.Edit{Span: span, New: by})
}

// RemoveComment removes a comment line, anywhere in the file; the span, in the file, lies in it.
func (c *Change) RemoveComment(span text.Span) {
	line := wholeLine(c.file.Src, span)
	c.drop = append(c.drop, strings.TrimSpace(line.Of(c.file.Src)))
	c.raw = append(c.raw, text.Edit{Span: line})
}

// Replace replaces a step's text, from its keyword to its end.
func (c *Change) Replace(s *stages.Step, by string) {
	i := c.index(s)
	in := c.instr(i)
	if len(in.Inner) > 0 {
		c.drop = append(c.drop, c.commentsIn(i, in.Body)...)
		for _, new := range c.parse(by) {
			for _, span := range new.Inner {
				c.fresh = append(c.fresh, strings.TrimSpace(span.Of(new.Text)))
			}
		}
	}
	c.edit(i, in.Body, strings.TrimRight(by, "\r\n"))
}

// indent is what stands before a step's keyword, on its line.
func (c *Change) indent(i int) string {
	in := c.instr(i)
	return in.Text[strings.LastIndexByte(in.Text[:in.Body.Start], '\n')+1 : in.Body.Start]
}

// put puts texts at a place.
func (c *Change) put(at Place, texts []string, paragraph bool) {
	i := c.index(at.step)
	switch at.side {
	case before:
		c.split(at.step, at.command, at.again, texts)
		return
	case below:
		c.close(i)
	}
	if len(texts) > 0 {
		c.puts = append(c.puts, put{at: i, side: at.side, texts: texts, paragraph: paragraph})
	}
}

// close ends an instruction whose continuation only the end of the file ends, so that something can
// stand below it.
func (c *Change) close(i int) {
	in := c.instr(i)
	if i+1 < len(c.file.Instructions) {
		return
	}
	for _, h := range in.Heredocs {
		if h.End.Len() == 0 {
			c.fail("a here-document has no end")
			return
		}
	}
	if len(in.Heredocs) > 0 {
		return
	}
	at := in.Args.End
	for line := range strings.Lines(in.Text[in.Args.End:]) {
		body := strings.TrimRight(line, "\r\n")
		if cut := strings.TrimRight(body, " \t"); !strings.HasPrefix(strings.TrimLeft(body, " \t"), "#") && strings.HasSuffix(cut, string(c.file.Escape)) {
			keep := strings.TrimRight(cut[:len(cut)-1], " \t")
			span := text.Span{Start: at + len(keep), End: at + len(body)}
			if !slices.Contains(c.own[i], text.Edit{Span: span}) {
				c.edit(i, span, "")
			}
		}
		at += len(line)
	}
}
