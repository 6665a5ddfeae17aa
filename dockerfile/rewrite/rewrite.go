// Package rewrite is how fixes change the text of a Dockerfile, or of an ignore file: steps are
// removed, moved, inserted, joined and split, flags and words set and dropped.
//
// No other code cuts text for a fix. What is said here about comments, blank lines, line ends, the
// lines at the top and continuations is said for all fixes. Each change is tried before it is handed
// out: unless the new text parses to exactly the instructions that were meant, with all comments
// that were to stay, there is no change.
package rewrite

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// FileEdit changes, or creates, one file.
type FileEdit struct {
	Path   string // "" for the Dockerfile itself; otherwise absolute
	Create bool   // the file does not exist yet
	Source string // the text that Edits refer to; empty for the Dockerfile itself, whose text is known
	Edits  []text.Edit
}

// Change is what a fix does to one Dockerfile. Its methods add to it; places are always those of the
// text as it is. What cannot be done for certain makes the whole change fail, which Edit says.
type Change struct {
	graph  *stages.Graph
	file   *syntax.File
	nl     string              // the line end of the file
	own    map[int][]text.Edit // inside of instructions, by their index; spans are relative to their Text
	gone   map[int]text.Span   // what of an instruction's Text goes: its lines, with or without comments
	puts   []put
	splits []split
	joins  map[int]join // by the index of the first
	joined map[int]bool // instructions that become a part of the one above
	top    []string     // comment lines for the top of the file
	raw    []text.Edit  // inside of comments, in the file
	fresh  []string     // comment lines that are new
	drop   []string     // comment lines that go
	err    error

	carried map[text.Span]bool // comments that stand elsewhere now; the spans are in the file
}

// Of begins a change of the graph's file.
func Of(g *stages.Graph) *Change {
	return &Change{
		graph: g, file: g.File, nl: newline(g.File.Src),
		own: map[int][]text.Edit{}, gone: map[int]text.Span{}, joins: map[int]join{}, joined: map[int]bool{}, carried: map[text.Span]bool{},
	}
}

// newline is the line end that a text uses: that of its first line.
func newline(src string) string {
	if n := strings.IndexByte(src, '\n'); n > 0 && src[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// fail makes the change fail; the first reason counts.
func (c *Change) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// index is the step's index in the file.
func (c *Change) index(s *stages.Step) int { return c.graph.Index(s) }

func (c *Change) instr(i int) *syntax.Instruction { return c.file.Instructions[i] }

// edit adds an edit inside of an instruction's text.
func (c *Change) edit(i int, span text.Span, by string) {
	for _, e := range c.own[i] {
		if e.Span.Overlaps(span) && (e.Span.Len() > 0 || span.Len() > 0) && !(e.Span.End == span.Start || span.End == e.Span.Start) {
			c.fail("two changes of the same text")
		}
	}
	c.own[i] = append(c.own[i], text.Edit{Span: span, New: c.lines(by)})
}

// lines gives a text the line ends of the file.
func (c *Change) lines(s string) string {
	if !strings.Contains(s, "\n") {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ReplaceAll(s, "\n", c.nl)
}

// Keyword is the instruction's keyword in the case in which the step writes its own, for new
// instructions beside it.
func Keyword(s *stages.Step, name string) string {
	if in := s.Instr; in.Keyword.Of(in.Text) == strings.ToLower(in.Name) {
		return strings.ToLower(name)
	}
	return strings.ToUpper(name)
}

// Edit is the change, as edits of the file in the order of the text; an error says why it cannot be
// made.
func (c *Change) Edit() (FileEdit, error) {
	if c.err == nil {
		for i := range c.gone {
			if _, joins := c.joins[i]; joins || c.joined[i] {
				c.fail("a step cannot be joined and removed")
			}
		}
		for i := range c.joined {
			for _, e := range c.own[i] {
				if e.Span.Start < c.instr(i).Args.Start {
					c.fail("the flags of a step that is joined to another cannot change")
				}
			}
		}
	}
	if c.err != nil {
		return FileEdit{}, c.err
	}
	edits := c.render()
	if c.err == nil {
		c.err = c.verify(edits)
	}
	if c.err != nil {
		return FileEdit{}, c.err
	}
	return FileEdit{Edits: edits}, nil
}

var errNotMeant = errors.New("the new text would not be the instructions that are meant")

// verify makes the edits and compares what they lead to with what is meant.
func (c *Change) verify(edits []text.Edit) error {
	for i, e := range edits {
		if e.Span.Start < 0 || e.Span.End > len(c.file.Src) || i > 0 && e.Span.Start < edits[i-1].Span.End {
			return errNotMeant
		}
	}
	after := c.file.Edit(edits)
	meant := c.meant()
	if c.err != nil {
		return c.err
	}
	if len(after.Instructions) != len(meant) || !sameDirectives(c.file, after) {
		return errNotMeant
	}
	for i, in := range after.Instructions {
		if meant[i].in == in {
			continue
		}
		want := meant[i].key
		if meant[i].in != nil {
			want = key(meant[i].in)
		}
		if key(in) != want {
			return errNotMeant
		}
	}
	return c.verifyComments(after)
}

func sameDirectives(a, b *syntax.File) bool {
	return a.Escape == b.Escape && a.CustomFrontend() == b.CustomFrontend() && slices.EqualFunc(a.Directives, b.Directives, func(a, b syntax.Directive) bool {
		return a.Name == b.Name && a.Value == b.Value
	})
}

// key is what an instruction says: its logical line, blanks counted as one, and its here-documents.
func key(in *syntax.Instruction) string {
	k := strings.Join(strings.Fields(in.Joined().Line), " ")
	for _, h := range in.Heredocs {
		k += "\n" + strings.ReplaceAll(h.Content.Of(in.Text), "\r\n", "\n")
	}
	return k
}

// meaning is one instruction of the new text: one of the old, or what a text says.
type meaning struct {
	in  *syntax.Instruction
	key string
}

// meant are the instructions that the change leads to.
func (c *Change) meant() (list []meaning) {
	for i, in := range c.file.Instructions {
		list = append(list, c.meantAt(i, above)...)
		if _, gone := c.gone[i]; !gone && !c.joined[i] {
			list = append(list, c.meaningOf(i, in)...)
		}
		list = append(list, c.meantAt(i, below)...)
	}
	return list
}

func (c *Change) meantAt(i int, side side) (list []meaning) {
	for _, p := range c.puts {
		if p.at == i && p.side == side {
			for _, t := range p.texts {
				list = append(list, c.meaningOfText(t))
			}
		}
	}
	return list
}

// meaningOf is what becomes of an instruction that stays: itself, what its text is then, what is joined
// to it, or its parts and what stands between.
func (c *Change) meaningOf(i int, in *syntax.Instruction) (list []meaning) {
	if len(c.inside(i)) == 0 {
		return []meaning{{in: in}}
	}
	body := c.textOf(i, in.Body.Start)
	parts := c.parse(body)
	if s := c.graph.StepAt(i); in.Name == "RUN" && shell.Of(in, s.Shell).Known() {
		for _, part := range parts {
			if part.Name == "RUN" && !part.JSON && !shell.Of(part, s.Shell).Known() {
				c.fail("the new RUN would not parse")
			}
		}
	}
	if !c.isSplit(i) {
		return []meaning{c.meaningOfText(body)}
	}
	// The parts and what is between them stand in the text one below the other.
	for _, part := range parts {
		list = append(list, meaning{key: key(part)})
	}
	want := 1
	for _, s := range c.splits {
		if s.at == i {
			want += 1 + len(s.texts)
		}
	}
	if len(list) != want {
		c.fail("%w", errNotMeant)
	}
	return list
}

// meaningOfText is what a text says, which must be one instruction.
func (c *Change) meaningOfText(s string) meaning {
	list := c.parse(s)
	if len(list) != 1 {
		return meaning{key: "\x00not one instruction"}
	}
	return meaning{key: key(list[0])}
}

func (c *Change) parse(s string) []*syntax.Instruction {
	head := "\n"
	if c.file.Escape == '`' {
		head = "# escape=`\n\n"
	}
	return syntax.Parse(head + s).Instructions
}

// verifyComments checks that no comment is lost or new, but for those that were to be.
func (c *Change) verifyComments(after *syntax.File) error {
	count := map[string]int{}
	add := func(list []string, n int) {
		for _, comment := range list {
			count[comment] += n
		}
	}
	add(Comments(c.file), 1)
	add(c.drop, -1)
	add(c.fresh, 1)
	add(Comments(after), -1)
	for _, n := range count {
		if n != 0 {
			return errors.New("a comment would be lost, or made of something else")
		}
	}
	return nil
}

// Comments are the comment lines of the file in order, those between the lines of an instruction
// included, without what a shell takes for comments. The directives at the top are none.
func Comments(f *syntax.File) (list []string) {
	for _, in := range f.Instructions {
		for _, span := range in.Comments {
			list = append(list, strings.TrimSpace(span.Of(in.Text)))
		}
		for _, span := range in.Inner {
			list = append(list, strings.TrimSpace(span.Of(in.Text)))
		}
	}
	return append(list, commentLines(f.Trailer)...)
}

func commentLines(s string) (list []string) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// Difference is an edit of whole lines that turns one text into the other.
func Difference(before, after string) []text.Edit {
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < len(before)-start && end < len(after)-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	// Whole lines: an edit that ends inside a character, or between \r and \n, is none.
	start = strings.LastIndexByte(before[:start], '\n') + 1
	if n := strings.IndexByte(before[len(before)-end:], '\n'); n >= 0 {
		end -= n + 1
	} else {
		end = 0
	}
	if end < 0 || start > len(before)-end || start > len(after)-end {
		end = 0
	}
	return []text.Edit{{Span: text.Span{Start: start, End: len(before) - end}, New: after[start : len(after)-end]}}
}
