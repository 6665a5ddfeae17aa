package rewrite

import (
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// join is a RUN that takes another one in.
type join struct {
	next int
	from int    // where the last command of the first ends, in its Text
	glue string // what stands between
}

// split is a cut in a RUN.
type split struct {
	at    int
	gap   text.Span // between the commands, in the Text
	head  string    // what begins the second half: comments, keyword and flags
	texts []string  // what stands between
}

// Join makes one RUN of two that are next to each other: first && second. A ; at the end of the first
// goes, a comment behind it gets a line above the RUN, and so do comments above the second that silence
// findings; its other comments stay where they are, between the lines. It fails unless the second runs
// if and only if the first succeeds, with the same flags and shell. The caller asks what the first
// changes in the shell for the second, and whether it leaves it.
func (c *Change) Join(s, next *stages.Step) {
	i, n := c.index(s), c.index(next)
	a, b := c.instr(i), c.instr(n)
	first, second := shell.Of(a, s.Shell), shell.Of(b, next.Shell)
	switch {
	case a.Name != "RUN" || b.Name != "RUN" || n != i+1 || s.Stage != next.Stage:
		c.fail("only two RUNs that are next to each other can be joined")
	case len(a.Heredocs)+len(b.Heredocs) > 0:
		c.fail("a here-document is read to the end of its RUN")
	case s.Instr.FlagText() != next.Instr.FlagText():
		c.fail("the two have different flags")
	case strings.Join(s.Shell, "\x00") != strings.Join(next.Shell, "\x00"):
		c.fail("the two have different shells")
	case first.MayAppend() != nil:
		c.fail("the first cannot be continued: %w", first.MayAppend())
	case !second.Chained():
		c.fail("the second would run on after a failure")
	}
	if c.err != nil {
		return
	}
	c.close(n)
	from := c.endOf(s, first)
	inner := ""
	for _, span := range b.Comments {
		comment := strings.TrimSpace(span.Of(b.Text))
		if silences(comment) {
			c.drop = append(c.drop, comment)
			c.Comment(s, comment)
		} else {
			inner += comment + c.nl
		}
	}
	for _, span := range b.Inner {
		if span.End <= b.Args.Start {
			inner += strings.TrimSpace(span.Of(b.Text)) + c.nl
		}
	}
	c.joins[i] = join{next: n, from: from, glue: c.glue(i, inner)}
	c.joined[n] = true
}

// endOf is where the last command of the step ends; a comment behind it, and comment lines below it
// within the step, are lifted above the step.
func (c *Change) endOf(s *stages.Step, script *shell.Script) int {
	i := c.index(s)
	in := c.instr(i)
	end := script.Last().Span.End
	for _, span := range in.Inner {
		if span.Start >= end {
			comment := strings.TrimSpace(span.Of(in.Text))
			c.drop = append(c.drop, comment)
			c.Comment(s, comment)
		}
	}
	for _, span := range script.Comments {
		if span.Start < end {
			continue
		}
		comment := span.Of(in.Text)
		if strings.Contains(comment, "\n") {
			c.fail("the comment behind the last command goes over several lines")
			return end
		}
		c.Comment(s, comment)
	}
	rest := in.Text[end:]
	for _, span := range script.Comments {
		if span.Start >= end {
			rest = in.Text[end:span.Start]
			break
		}
	}
	for _, span := range in.Inner {
		if span.Start >= end {
			rest = strings.Replace(rest, span.Of(in.Text), "", 1)
		}
	}
	if strings.Trim(rest, "; \t\r\n"+string(c.file.Escape)) != "" {
		c.fail("something stands behind the last command")
	}
	return end
}

// glue joins a command to a RUN, in the way in which the RUN joins its own.
func (c *Change) glue(i int, comments string) string {
	in := c.instr(i)
	lead, indent := false, "    "
	for n, line := range strings.Split(in.Body.Of(in.Text), "\n") {
		rest := strings.TrimLeft(line, " \t")
		if n == 0 || rest == "" || strings.HasPrefix(rest, "#") {
			continue
		}
		indent = line[:len(line)-len(rest)]
		lead = strings.HasPrefix(rest, "&&")
	}
	body := ""
	for line := range strings.Lines(comments) {
		body += indent + line
	}
	if lead {
		return " " + string(c.file.Escape) + c.nl + body + indent + "&& "
	}
	return " && " + string(c.file.Escape) + c.nl + body + indent
}

// Split makes two RUNs of one: the second begins with the command, which must be one of the script's
// top level, and has the same flags. Comments between stay between. It fails unless the second half ran
// if and only if the first succeeded. The caller asks what the first half changes in the shell, and may
// name commands that the second half begins with again.
func (c *Change) Split(s *stages.Step, command *shell.Command, again ...string) {
	c.split(s, command, again, nil)
}

func (c *Change) split(s *stages.Step, command *shell.Command, again, texts []string) {
	i := c.index(s)
	in := c.instr(i)
	script := shell.Of(in, s.Shell)
	if in.Name != "RUN" || len(in.Heredocs) > 0 {
		c.fail("only a RUN without here-documents can be split")
		return
	}
	if err := script.MayCutBefore(command, shell.Errexit(s.Shell) || script.Errexit && len(again) > 0); err != nil {
		c.fail("the RUN cannot be split there: %w", err)
		return
	}
	gap := text.Span{End: command.Top.Span.Start}
	for _, part := range script.List {
		if part == command.Top {
			break
		}
		gap.Start = part.Span.End
	}
	for n := range c.splits {
		if c.splits[n].at == i && c.splits[n].gap == gap {
			c.splits[n].texts = append(c.splits[n].texts, texts...)
			return
		}
	}
	head := ""
	for _, span := range in.Inner {
		if gap.Start <= span.Start && span.End <= gap.End {
			head += c.indent(i) + strings.TrimSpace(span.Of(in.Text)) + c.nl
		}
	}
	head += c.indent(i) + c.beginning(s)
	for _, command := range again {
		head += command + " && "
	}
	c.splits = append(c.splits, split{at: i, gap: gap, head: head, texts: texts})
}

// beginning is a step's keyword and flags, as they are written unless comments stand between.
func (c *Change) beginning(s *stages.Step) string {
	in := s.Instr
	if len(in.Inner) > 0 && in.Inner[0].Start < in.Args.Start {
		return in.Keyword.Of(in.Text) + " " + s.Instr.FlagText()
	}
	return in.Text[in.Keyword.Start:in.Args.Start]
}

func (c *Change) isSplit(i int) bool {
	for _, s := range c.splits {
		if s.at == i {
			return true
		}
	}
	return false
}

// Prepend puts a shell command in front of a RUN's, which then run if it succeeds.
func (c *Change) Prepend(s *stages.Step, command string) {
	i := c.index(s)
	in := c.instr(i)
	script := shell.Of(in, s.Shell)
	if in.Name != "RUN" || len(in.Heredocs) > 0 || !script.Chained() {
		c.fail("nothing can be put in front: the rest would run on after a failure")
		return
	}
	at := script.List[0].Span.Start
	c.edit(i, text.Span{Start: at, End: at}, command+" && ")
}

// DropCommand removes a whole statement of a RUN's top level with what joins it. Comment lines around
// it stay, above the RUN.
func (c *Change) DropCommand(s *stages.Step, command *shell.Command) {
	i := c.index(s)
	in := c.instr(i)
	script := shell.Of(in, s.Shell)
	at := -1
	for n, part := range script.List {
		if part == command.Top {
			at = n
		}
	}
	alone := 0
	for _, other := range script.Commands {
		if other.Top == command.Top {
			alone++
		}
	}
	if at < 0 || alone != 1 || len(in.Heredocs) > 0 || !script.Chained() || len(script.List) == 1 {
		c.fail("the command cannot be taken out by itself")
		return
	}
	span := text.Span{Start: command.Top.Span.Start, End: command.Top.Span.End}
	if at == 0 {
		span.End = script.List[1].Span.Start
	} else {
		span.Start = script.List[at-1].Span.End
	}
	for _, comment := range in.Inner {
		if span.Start <= comment.Start && comment.End <= span.End {
			c.drop = append(c.drop, strings.TrimSpace(comment.Of(in.Text)))
			c.Comment(s, strings.TrimSpace(comment.Of(in.Text)))
		}
	}
	c.edit(i, span, "")
}

// Append puts a shell command behind a RUN's, which then runs if they succeed. It fails if something ends the shell
// before, or if the RUN would not fail with its last command. The caller asks whether a command leaves the shell.
func (c *Change) Append(s *stages.Step, command string) {
	i := c.index(s)
	in := c.instr(i)
	script := shell.Of(in, s.Shell)
	switch {
	case in.Name != "RUN" || len(in.Heredocs) > 0 || script.MayAppend() != nil || script.Last() == nil:
		c.fail("nothing can be put behind the last command")
		return
	case !script.Chained():
		c.fail("the command would run on after a failure")
		return
	case len(script.Comments) > 0 && script.Comments[len(script.Comments)-1].Start > script.Last().Span.Start,
		strings.ContainsRune(in.Text[script.Last().Span.End:in.Body.End], ';'):
		c.fail("something stands behind the last command")
		return
	}
	glue := " && "
	if strings.Contains(in.Body.Of(in.Text), "\n") {
		glue = c.glue(i, "")
	}
	at := script.Last().Span.End
	c.edit(i, text.Span{Start: at, End: at}, glue+command)
}
