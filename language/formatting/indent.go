package formatting

import (
	"strings"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// of are the options with the indentation that the file has, if none is said: that of its continuation lines that stay as
// they are, such as those of RUN, or where there are none, of the lists; if they all have the same.
func (o Options) of(f *syntax.File) Options {
	if o.Indent != "" {
		return o
	}
	p := &printer{file: f, src: f.Src}
	fixed, lists := "", ""
	fixedAgree, listsAgree := true, true
	for i, in := range f.Instructions {
		if !strings.Contains(in.Body.Of(in.Text), "\n") || in.Cmd() == nil || len(in.Errors()) > 0 || !strings.EqualFold(in.Keyword.Of(in.Text), in.Name) {
			continue
		}
		base := f.Start(i)
		c := p.code(base, max(base, lineStart(f.Src, base+in.Keyword.Start)), in)
		lead := c.least()
		switch {
		case lead == "":
		case !c.list:
			fixedAgree = fixedAgree && (fixed == "" || fixed == lead)
			fixed = lead
		default:
			listsAgree = listsAgree && (lists == "" || lists == lead)
			lists = lead
		}
	}
	switch {
	case fixed != "" && fixedAgree:
		o.Indent = fixed
	case fixed == "" && listsAgree:
		o.Indent = lists
	}
	return o
}

// How far an indentation goes, in blanks: one was typed as it came, and what stands further right is set below something by
// hand.
const minLead, maxLead = 2, 8

// least is what the least indented of the continuation lines begins with; "" if that is no indentation, or if those of a
// list differ or are set below each other by hand.
func (c *code) least() string {
	list := lines(c.src, c.start, c.end)
	least := ""
	for i, l := range list {
		if i == 0 || c.kind(l) != 'x' {
			continue
		}
		lead := c.src[l.start : l.start+c.lead(l)]
		if strings.Trim(lead, " ") != "" && lead != "\t" {
			return ""
		}
		if lead == "" || c.list && least != "" && lead != least {
			return ""
		}
		if least == "" || len(lead) < len(least) {
			least = lead
		}
	}
	if least != "\t" && (len(least) < minLead || len(least) > maxLead) || c.list && c.aligned(list) {
		return ""
	}
	return least
}

// indents is what each line is to begin with: for most, what it begins with.
func (c *code) indents(list []line) []string {
	now := make([]string, len(list))
	for i, l := range list {
		now[i] = c.src[l.start : l.start+c.lead(l)]
	}
	switch {
	case len(list) < 2:
	case c.list:
		if !c.aligned(list) {
			for i, l := range list[1:] {
				if c.kind(l) == 'x' && c.between(l.start) && (now[i+1] != "" || !c.glued(list, i+1)) {
					now[i+1] = c.opts.indent()
				}
			}
		}
	case c.in.Name == "RUN" && c.opts.RunIndentation:
		c.shift(list, now)
	}
	return now
}

// between reports whether the offset lies between two words.
func (c *code) between(at int) bool {
	for i := 1; i < len(c.words); i++ {
		if c.words[i-1].End < at && at <= c.words[i].Start {
			return true
		}
	}
	return false
}

// aligned reports whether someone has set the lines below each other by hand: each begins below the first argument,
// or has its equals sign below that of the others.
func (c *code) aligned(list []line) bool {
	first := 0 // the column of the first argument, once the blanks before it are one each
	for i, w := range c.words[:1+len(c.in.Flags)] {
		if strings.Contains(c.src[w.End:c.words[i+1].Start], "\n") {
			return false
		}
		first += w.Len() + 1
	}
	column, equals, n := -1, -1, 0
	sameColumn, sameEquals := true, true
	look := func(start, at int) {
		sign := strings.IndexAny(c.src[at:], "=\n")
		if sign < 0 || c.src[at+sign] != '=' {
			sameEquals = false
		}
		sign += start
		sameColumn = sameColumn && (column < 0 || column == start)
		sameEquals = sameEquals && (equals < 0 || equals == sign)
		column, equals = start, sign
		n++
	}
	look(first, c.words[1+len(c.in.Flags)].Start)
	for _, l := range list[1:] {
		if c.kind(l) != 'x' || !c.between(l.start) {
			continue
		}
		lead := c.lead(l)
		if strings.Contains(c.src[l.start:l.start+lead], "\t") || lead < len(c.opts.indent()) {
			return false
		}
		look(lead, l.start+lead)
	}
	return sameColumn || sameEquals && n > 2
}

// shift moves the lines of a RUN together, so that the least indented has one indentation. A line that begins inside
// of quotes or of a word stays, and all others with it.
func (c *code) shift(list []line, now []string) {
	least := -1
	var quote byte
	for i, l := range list {
		if i > 0 && c.kind(l) != 'x' {
			continue
		}
		content := strings.TrimRight(c.src[l.start:l.end], " \t")
		if i > 0 {
			if strings.Contains(now[i], "\t") && strings.Trim(now[i], "\t") != "" {
				return // no saying how deep it is
			}
			if least < 0 || len(now[i]) < least {
				least = len(now[i])
			}
			if quote != 0 || now[i] == "" && c.glued(list, i) {
				return
			}
		}
		for j := 0; j < len(content); j++ {
			switch b := content[j]; {
			case b == '\\' && quote != '\'':
				j++
			case quote == 0 && (b == '"' || b == '\'' || b == '`'):
				quote = b
			case b == quote:
				quote = 0
			}
		}
	}
	for i, l := range list {
		if i > 0 && c.kind(l) == 'x' {
			now[i] = c.opts.indent() + now[i][least:]
		}
	}
}

// glued reports whether a line goes on with the last word of the line of code above. A blank at the end of that one parts no words
// if it is escaped.
func (c *code) glued(list []line, i int) bool {
	for i--; i > 0 && c.kind(list[i]) != 'x'; i-- {
	}
	content := strings.TrimRight(c.src[list[i].start:list[i].end], " \t")
	content = strings.TrimSuffix(content, string(c.file.Escape))
	if content == "" && i > 0 {
		return c.glued(list, i)
	}
	word := strings.TrimRight(content, " \t")
	return content == word || len(content) == len(word)+1 && strings.HasSuffix(word, string(c.file.Escape))
}

// OnNewline returns the edit that indents the line at the offset, which was begun a moment ago: it has no text yet,
// and goes on with an instruction. It stands below the line above it, or is indented once if that is the first.
func OnNewline(f *syntax.File, opts Options, offset int) []text.Edit {
	start := lineStart(f.Src, offset)
	content := strings.TrimRight(f.Src[start:lineEnd(f.Src, start)], "\r\n")
	i := f.Index(max(0, start-1))
	if !isBlank(content) || start == 0 || i < 0 || i >= len(f.Instructions) {
		return nil
	}
	in, base := f.Instructions[i], f.Start(i)
	above := lineStart(f.Src, start-1)
	if above < lineStart(f.Src, base+in.Keyword.Start) || len(in.Heredocs) > 0 && start > base+in.Heredocs[0].Content.Start {
		return nil
	}
	previous := strings.TrimRight(f.Src[above:start], " \t\r\n")
	lead := previous[:len(previous)-len(strings.TrimLeft(previous, " \t"))]
	if !strings.HasSuffix(previous, string(f.Escape)) || strings.HasSuffix(previous, strings.Repeat(string(f.Escape), 2)) || strings.HasPrefix(previous[len(lead):], "#") {
		return nil
	}
	if keyword := base + in.Keyword.End; keyword > start || quoted(f.Src[keyword:start], f.Escape) {
		return nil // the blanks would stand in the keyword, or in a value
	}
	if above <= base+in.Keyword.Start {
		lead = opts.of(f).indent()
	}
	if content == lead {
		return nil
	}
	return []text.Edit{{Span: text.Span{Start: start, End: start + len(content)}, New: lead}}
}

// quoted reports whether a quotation mark is open at the end of an instruction's text.
func quoted(instruction string, escape byte) bool {
	var open byte
	for l := range strings.Lines(instruction) {
		if strings.HasPrefix(strings.TrimLeft(l, " \t"), "#") {
			continue
		}
		for i := 0; i < len(l); i++ {
			switch b := l[i]; {
			case b == escape && open != '\'':
				i++ // so that the mark behind it counts for itself
			case open == 0 && (b == '"' || b == '\''):
				open = b
			case b == open:
				open = 0
			}
		}
	}
	return open != 0
}

// OnEscape returns the edit that indents the line below the one at the offset, where the escape character was typed a
// moment ago: if it ends the line, and nothing stands below it yet.
func OnEscape(f *syntax.File, opts Options, offset int) []text.Edit {
	next := lineEnd(f.Src, offset)
	if offset == 0 || f.Src[offset-1] != f.Escape || strings.TrimSpace(f.Src[offset:next]) != "" || f.Src[next-1] != '\n' {
		return nil
	}
	return OnNewline(f, opts, next)
}
