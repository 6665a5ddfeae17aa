package formatting

import (
	"strings"
	"unicode/utf8"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// keep lets src[start:end] be as it is.
func (p *printer) keep(start, end int) {
	p.kept = append(p.kept, text.Span{Start: start, End: end})
}

// instruction formats one instruction, and with above the comments and blank lines above it.
func (p *printer) instruction(i int, in *syntax.Instruction, above bool) {
	base := p.file.Start(i)
	keyword := in.Keyword.Shift(base)
	first := strings.LastIndexByte(p.src[:keyword.Start], '\n') + 1
	first = max(first, base)
	if above {
		p.trivia(base, first, trivia{first: i == 0, from: in.Name == "FROM"})
	} else {
		p.listen(base, first)
	}
	for _, c := range in.Comments {
		if ignoresNext(c.Of(in.Text)) {
			p.keep(lineStart(p.src, base+c.Start), base+len(in.Text))
		}
	}
	for _, c := range in.Inner {
		if content := c.Of(in.Text); strings.Contains(content, "fmt:") || strings.Contains(content, "format:") {
			p.keep(base+in.Keyword.Start, base+len(in.Text)) // half an instruction cannot be kept
		}
	}
	if lead := p.src[first:keyword.Start]; isBlank(lead) && !(i == 0 && startsLikeFrontend(p.src[keyword.Start:])) {
		p.replace(first, keyword.Start, "")
	}
	if !strings.EqualFold(keyword.Of(p.src), in.Name) || len(in.Name) != keyword.Len() {
		return // it is cut in two by a line end
	}
	p.keyword(keyword)
	if in.Name == "ONBUILD" {
		return // the image holds the text of the trigger as it is
	}
	c := p.code(base, first, in)
	c.gaps()
	c.array()
	c.lines()
}

func lineStart(src string, at int) int { return strings.LastIndexByte(src[:at], '\n') + 1 }

// keyword sets the case of an instruction's name, or of AS.
func (p *printer) keyword(span text.Span) {
	switch word := span.Of(p.src); p.opts.KeywordCase {
	case "", "upper":
		p.replace(span.Start, span.End, strings.ToUpper(word))
	case "lower":
		p.replace(span.Start, span.End, strings.ToLower(word))
	}
}

// code is the logical line of one instruction: all but the bodies of heredocs.
type code struct {
	*printer
	in         *syntax.Instruction
	base       int
	start, end int         // from the first line's beginning to the end of the last
	list       bool        // the arguments are words that blanks separate, however many
	words      []text.Span // keyword, flags, and words that only blanks separate
}

// code is the logical line of an instruction whose first line begins at start.
func (p *printer) code(base, start int, in *syntax.Instruction) code {
	c := code{printer: p, in: in, base: base, start: start, end: base + in.Body.End}
	if len(in.Heredocs) > 0 {
		c.end = base + in.Heredocs[0].Content.Start
	}
	c.tokens()
	return c
}

// tokens finds the words that may be moved apart or together: keyword, flags and the first argument, and those
// after it where the instruction is a list of words.
func (c *code) tokens() {
	in := c.in
	c.words = append(c.words, in.Keyword.Shift(c.base))
	for _, f := range in.Flags {
		c.words = append(c.words, f.Span.Shift(c.base))
	}
	c.list = c.isList()
	if !c.list {
		if in.Args.Len() > 0 {
			c.words = append(c.words, in.Args.Shift(c.base))
		}
		return
	}
	for _, w := range in.Words {
		c.words = append(c.words, w.Span.Shift(c.base))
	}
	if in.Name == "FROM" && len(in.Words) == 3 && strings.EqualFold(in.Words[1].Span.Of(in.Text), "as") {
		c.keyword(in.Words[1].Span.Shift(c.base))
	}
}

// isList reports whether the arguments are a list of words, of which each is the same wherever it stands.
func (c *code) isList() bool {
	in := c.in
	if in.JSON || len(in.Words) == 0 || len(in.Heredocs) > 0 {
		return false
	}
	switch in.Name {
	case "ARG":
		return true
	case "ENV", "LABEL":
		return strings.Contains(in.Words[0].Text, "=")
	case "FROM", "COPY", "ADD", "EXPOSE", "VOLUME":
		// Blanks separate their words inside of quotes too.
		return !strings.ContainsAny(in.Args.Of(in.Text), `"'`)
	}
	return false
}

// gaps puts one blank between words on one line. One behind an escape character may be part of a word. Each flag of a
// RUN, and the command, gets a line of its own if one line of them is too long: these breaks are in no key.
func (c *code) gaps() {
	long := c.in.Name == "RUN" && len(c.in.Flags) > 0 && c.flagsTooLong() && !strings.HasPrefix(c.in.Args.Of(c.in.Text), "#")
	for i := 1; i < len(c.words); i++ {
		start, end := c.words[i-1].End, c.words[i].Start
		if start < end && isBlank(c.src[start:end]) && c.src[start-1] != c.file.Escape {
			gap := " "
			if long && i > 1 {
				gap = " " + string(c.file.Escape) + c.lineEnding() + c.continued()
			}
			c.replace(start, end, gap)
		}
	}
}

// continued is how the lines of the instruction begin that go on with it: as the first that it has, or by the options.
func (c *code) continued() string {
	for i, l := range lines(c.src, c.start, c.end) {
		if lead := c.lead(l); i > 0 && c.kind(l) == 'x' && lead > 0 && !c.opts.RunIndentation {
			return c.src[l.start : l.start+lead]
		}
	}
	return c.opts.indent()
}

// maxColumns is how long a line with flags of a RUN may be.
const maxColumns = 100

// flagsTooLong reports whether a line on which a flag of a RUN stands is too long, once its blanks are one each.
func (c *code) flagsTooLong() bool {
	columns, start := 0, c.start
	for i, w := range c.words {
		gap := c.src[start:w.Start]
		if n := strings.LastIndexByte(gap, '\n'); n >= 0 {
			columns, gap = 0, gap[n+1:]
		} else if i > 0 {
			gap = " "
		} else {
			gap = ""
		}
		word, _, _ := strings.Cut(w.Of(c.src), "\n")
		columns += utf8.RuneCountInString(gap) + utf8.RuneCountInString(strings.TrimRight(word, " \t\r"))
		if columns > maxColumns {
			return true
		}
		start = w.End
	}
	return false
}

// array formats a JSON array that stands on one line.
func (c *code) array() {
	in := c.in
	if !in.JSON {
		return
	}
	words := in.Words
	if in.Name == "HEALTHCHECK" {
		words = words[1:]
	}
	if len(words) == 0 || strings.Contains(in.Args.Of(in.Text), "\n") {
		return
	}
	at := strings.IndexByte(in.Text[in.Args.Start:], '[') + in.Args.Start
	if at < in.Args.Start || at >= words[0].Span.Start {
		return
	}
	separator := "["
	for _, w := range words {
		if strings.Trim(in.Text[at:w.Span.Start], " \t[,") != "" {
			return // an array of another kind than we know
		}
		c.replace(c.base+at, c.base+w.Span.Start, separator)
		at, separator = w.Span.End, ", "
	}
	if strings.Trim(in.Text[at:in.Args.End], " \t") == "]" {
		c.replace(c.base+at, c.base+in.Args.End, "]")
	}
}

// lines formats the lines of the instruction: what is blank at their ends, blank lines and comments between them,
// and their indentation where it is no part of a word.
func (c *code) lines() {
	list := lines(c.src, c.start, c.end)
	indents := c.indents(list)
	for i := 1; i < len(list); i++ {
		l := list[i]
		switch c.kind(l) {
		case 'c':
			for j := i + 1; j < len(list); j++ {
				if c.kind(list[j]) == 'x' {
					c.comment(l, indents[j], false)
					break
				}
			}
			continue
		case 'b':
			run := i
			for run+1 < len(list) && c.kind(list[run+1]) == 'b' {
				run++
			}
			from := i
			if run+1 < len(list) && c.kind(list[i-1]) == 'c' && c.kind(list[run+1]) == 'c' {
				if isBlank(c.src[l.start:l.end]) {
					c.replace(l.start, l.end, "")
				}
				from++ // it separates two comments
			}
			if from <= run {
				c.replace(list[from].start, list[run].next, "")
			}
			i = run
			continue
		}
		c.replace(l.start, l.start+c.lead(l), indents[i])
	}
	for i, l := range list {
		if i > 0 && c.kind(l) != 'x' {
			continue
		}
		content := c.src[l.start:l.end]
		c.replace(l.start+len(strings.TrimRight(content, " \t")), l.end, "")
	}
}

// kind of a line that is not the first: 'b' for blank, 'c' for a comment, 'x' for a part of the instruction.
func (c *code) kind(l line) byte {
	content := strings.TrimSpace(c.src[l.start:l.end])
	switch {
	case content == "":
		return 'b'
	case content[0] == '#':
		return 'c'
	}
	return 'x'
}

// lead is the length of the blanks that a line begins with.
func (c *code) lead(l line) int {
	content := c.src[l.start:l.end]
	return len(content) - len(strings.TrimLeft(content, " \t"))
}
