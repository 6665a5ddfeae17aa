package rewrite

import (
	"strconv"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// SetFlag gives a step's flag a value, e.g. "--link" or "--chown=app"; it is added if there is none of
// that name. Flags that may be there several times, such as --mount, are added with AddFlag.
func (c *Change) SetFlag(s *stages.Step, flag string) {
	name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == name {
			c.edit(c.index(s), f.Span, flag)
			return
		}
	}
	c.AddFlag(s, flag)
}

// AddFlag adds a flag behind the step's others.
func (c *Change) AddFlag(s *stages.Step, flag string) {
	at := s.Instr.Keyword.End
	if n := len(s.Instr.Flags); n > 0 {
		at = s.Instr.Flags[n-1].Span.End
	}
	c.edit(c.index(s), text.Span{Start: at, End: at}, " "+flag)
}

// ReplaceFlag replaces a step's flag by another text, which may hold several flags.
func (c *Change) ReplaceFlag(s *stages.Step, f syntax.Flag, by string) {
	c.edit(c.index(s), f.Span, by)
}

// DropFlag removes a step's flag.
func (c *Change) DropFlag(s *stages.Step, f syntax.Flag) { c.DropWord(s, f.Span) }

// ReplaceWord replaces a part of a step, such as a word of a command; the span is relative to the
// step's Text.
func (c *Change) ReplaceWord(s *stages.Step, word text.Span, by string) {
	c.edit(c.index(s), word, by)
}

// DropLines removes whole lines of a step, such as blank ones between its own.
func (c *Change) DropLines(s *stages.Step, lines []text.Span) {
	for _, span := range lines {
		c.edit(c.index(s), span, "")
	}
}

// InsertWords puts words behind a word of a step. In the JSON form they are strings of their own.
func (c *Change) InsertWords(s *stages.Step, behind text.Span, words string) {
	if s.Instr.JSON {
		list := ""
		for _, w := range strings.Fields(words) {
			list += ", " + strconv.Quote(w)
		}
		c.edit(c.index(s), text.Span{Start: behind.End, End: behind.End}, list)
		return
	}
	c.edit(c.index(s), text.Span{Start: behind.End, End: behind.End}, " "+words)
}

// DropWord removes a word of a step with the blanks before it. Of a word that has lines of its own
// only the word goes and the blanks: a line with nothing but its continuation goes, too.
func (c *Change) DropWord(s *stages.Step, word text.Span) {
	in := s.Instr
	start := len(strings.TrimRight(in.Text[:word.Start], " \t"))
	line := strings.LastIndexByte(in.Text[:word.Start], '\n') + 1
	rest, _, _ := strings.Cut(in.Text[word.End:], "\n")
	if end := word.End + len(rest) + 1; start <= line && end < in.Body.End && strings.Trim(rest, " \t\r"+string(c.file.Escape)) == "" {
		c.edit(c.index(s), text.Span{Start: line, End: end}, "")
		return
	}
	end := word.End
	if start <= line { // the next word takes its place
		start, end = word.Start, end+len(rest)-len(strings.TrimLeft(rest, " \t"))
	}
	c.edit(c.index(s), text.Span{Start: start, End: end}, "")
}
