// Package syntax is the lossless, incremental tree of a Dockerfile.
//
// Parsing never fails: it yields a tree and errors. The tree is a row of instructions that tile the
// text: each owns the blank lines and comments before it, so the texts of all instructions, put
// together with Header and Trailer, are the source again. Every span inside an instruction is
// relative to the start of that instruction's Text, so an untouched instruction is shared between
// the trees before and after an edit, together with what was computed from it.
//
// Our scanner owns bytes and spans; BuildKit's own parser gives each instruction its meaning.
package syntax

import (
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"unicode"

	"layerwise/dockerfile/text"
)

// File is one parsed Dockerfile. It is never modified.
type File struct {
	Src          string
	Escape       byte        // the escape character in effect: '\\' or '`'
	Directives   []Directive // syntax, escape, check; in the order of the file
	Header       string      // byte order mark, a first line with "#!", and parser directive lines
	Instructions []*Instruction
	Trailer      string  // comments and blank lines after the last instruction
	Errors       []Error // of the file as a whole; those of an instruction are its own
	header       header
	starts       []int // of each instruction's Text in Src; one more for the trailer
	lines        atomic.Pointer[text.Lines]
}

// Start is the offset in Src at which the Text of instruction i begins.
func (f *File) Start(i int) int { return f.starts[i] }

// Index is the number of the instruction whose Text holds the offset, its leading comments
// included; -1 in the header, and the number of instructions in the trailer. The offset at which
// one Text ends and the next begins belongs to the next.
func (f *File) Index(offset int) int {
	return sort.SearchInts(f.starts, offset+1) - 1
}

// Lines is the line index of Src, made when it is first asked for.
func (f *File) Lines() *text.Lines {
	lines := f.lines.Load()
	if lines == nil {
		lines = text.NewLines(f.Src)
		f.lines.Store(lines)
	}
	return lines
}

// CustomFrontend reports whether the file asks, with "# syntax=", for another frontend than
// docker/dockerfile. Such a frontend may know instructions and flags that BuildKit does not.
func (f *File) CustomFrontend() bool { return f.header.custom }

// Directive is a parser directive, such as "# escape=`".
type Directive struct {
	Name      string // in lower case
	Value     string
	Span      text.Span // the line without its line end, in File.Src
	NameSpan  text.Span
	ValueSpan text.Span
}

// The rules of syntax errors.
const (
	SyntaxError        = "syntax-error"
	UnknownInstruction = "unknown-instruction"
	UnknownFlag        = "unknown-flag"
)

// Error is something BuildKit would reject.
type Error struct {
	Span    text.Span // of an Instruction: relative to its Text; in File.Errors: in Src
	Rule    string    // SyntaxError, UnknownInstruction or UnknownFlag
	Message string    // one sentence, for people
	Suggest string    // replaces the span's text, if not empty
}

// Instruction is one instruction with the trivia before it. Spans are relative to Text.
type Instruction struct {
	Text     string      // leading comments and blank lines, then the instruction, with its line end
	Comments []text.Span // comment lines before the keyword, from '#' to the end of the line's text
	Keyword  text.Span
	Name     string // the keyword in upper case
	Flags    []Flag
	Args     text.Span // the arguments: after the keyword and flags, without trailing blanks and heredoc bodies
	Body     text.Span // from the keyword to the end of the instruction, heredocs included, last line end not
	Heredocs []Heredoc
	Inner    []text.Span // comment lines between continuation lines
	JSON     bool        // the arguments are a valid JSON array of strings
	Words    []Word      // the arguments as BuildKit splits them; see Word

	joined  Joined
	escape  byte
	custom  bool      // the file asks for a frontend that may know more than BuildKit
	open    bool      // ended by the end of the file: text appended to the file may belong to it
	tooLong text.Span // the first physical line that BuildKit's scanner refuses
	batch   *batch    // of the file it was parsed with; nil after an edit
	lazy    lazy
}

// Flag is one --name or --name=value.
type Flag struct {
	Span     text.Span // all of it
	Name     text.Span // without dashes
	Value    text.Span // empty, at the end, if there is no '='
	HasValue bool
	word     string // quotes and escapes removed, as BuildKit reads it
}

// Word is one argument. COPY, ADD, FROM, EXPOSE and VOLUME are split at blanks, quotes or not;
// WORKDIR, USER, STOPSIGNAL and MAINTAINER have one word; "ENV name value" has two; the others are
// split at blanks outside quotes. In the JSON form each string is a word, its span with the quotes.
type Word struct {
	Span text.Span
	Text string // as BuildKit sees it: continuations and inner comments gone, quotes kept (JSON: decoded)
}

// Heredoc is one here-document of an instruction.
type Heredoc struct {
	Op      text.Span // <<EOF, in the arguments
	Name    string
	Content text.Span // the body's lines, line ends included
	End     text.Span // the closing delimiter; empty if it is missing
	Expand  bool      // the delimiter is not quoted
	Chomp   bool      // <<-
	open    bool      // the closing delimiter is missing
}

// BlankLines are the blank lines between the lines of the instruction, each with its line end. Those in here-documents
// are none, nor those at the end of the file, to which a continued last line goes on.
func (in *Instruction) BlankLines() (list []text.Span) {
	at, end := in.Body.Start, len(in.Text)
	for _, h := range in.Heredocs {
		end = min(end, h.Content.Start)
	}
	inside := 0 // how many of the list are above a line of the instruction
	for n := 0; at < end; n++ {
		next := lineEnd(in.Text[:end], at)
		if blanks(in.Text[at:next]) < next-at {
			inside = len(list)
		} else if n > 0 {
			list = append(list, text.Span{Start: at, End: next})
		}
		at = next
	}
	return list[:inside]
}

// Start is the offset of the keyword in Text.
func (in *Instruction) Start() int { return in.Keyword.Start }

// Held is the instruction that an ONBUILD holds, with the spans that it has in the text of the ONBUILD; nil if it holds none.
func (in *Instruction) Held() *Instruction {
	if in.Name != "ONBUILD" || in.Err() != nil {
		return nil
	}
	return in.Memo(heldKey{}, func() any {
		// The keyword gives way to blanks, as many as it has letters.
		blank := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return ' '
			}
			return r
		}, in.Keyword.Of(in.Text))
		src := in.Text[:in.Keyword.Start] + blank + in.Text[in.Keyword.End:]
		s := scanner{src: src, escape: in.escape, custom: in.custom}
		held := s.next()
		if held == nil || s.pos != len(src) || len(src) != len(in.Text) {
			return (*Instruction)(nil)
		}
		return held
	}).(*Instruction)
}

type heldKey struct{}

// Block is the instruction's lines in Text, with the comments directly above and the line end.
func (in *Instruction) Block() text.Span {
	src := in.Text
	start := strings.LastIndexByte(src[:in.Start()], '\n') + 1
	for start > 0 {
		above := strings.LastIndexByte(src[:start-1], '\n') + 1
		if !strings.HasPrefix(strings.TrimLeft(src[above:start], " \t"), "#") {
			break
		}
		start = above
	}
	end := in.Body.End
	if strings.HasPrefix(src[end:], "\r") {
		end++
	}
	if strings.HasPrefix(src[end:], "\n") {
		end++
	}
	return text.Span{Start: start, End: end}
}

// Joined is the instruction's logical line as BuildKit sees it (keyword, flags and arguments with
// continuations and inner comments removed, heredoc bodies not included), and the map back:
// At(i) is the offset in Text of byte i of the logical line.
func (in *Instruction) Joined() Joined { return in.joined }

// Joined is a logical line with its way back into the text.
type Joined struct {
	Line string
	segs []seg
}

// seg says that the logical line, from offset line on, stands in the text from offset text on.
type seg struct{ line, text int }

// At is the offset in the instruction's Text of byte i of Line.
func (j Joined) At(i int) int {
	n := sort.Search(len(j.segs), func(n int) bool { return j.segs[n].line > i }) - 1
	if n < 0 {
		return i
	}
	return j.segs[n].text + i - j.segs[n].line
}

// Continued reports whether the line is made of several.
func (j Joined) Continued() bool { return len(j.segs) > 1 }

// Index is the way back of At: the byte of Line that stands at an offset of the instruction's Text, or, where
// none does, as in a comment between the lines, the end of what stands before it.
func (j Joined) Index(offset int) int {
	n := sort.Search(len(j.segs), func(n int) bool { return j.segs[n].text > offset }) - 1
	if n < 0 {
		return 0
	}
	end := len(j.Line)
	if n+1 < len(j.segs) {
		end = j.segs[n+1].line
	}
	return min(end, j.segs[n].line+offset-j.segs[n].text)
}

// Extended is the line with more text behind it, which stands at an offset of the instruction's Text.
func (j Joined) Extended(more string, offset int) Joined {
	return Joined{j.Line + more, append(slices.Clip(j.segs), seg{len(j.Line), offset})}
}

// span maps a range of the logical line back. Its end is the end of its last byte, not the start
// of the next one, which may stand lines below.
func (j Joined) span(start, end int) text.Span {
	if end <= start {
		at := j.At(start)
		if start > 0 && start == len(j.Line) {
			at = j.At(start-1) + 1
		}
		return text.Span{Start: at, End: at}
	}
	return text.Span{Start: j.At(start), End: j.At(end-1) + 1}
}

// MaxLines and maxSize bound what is taken apart: a typed instruction takes some kilobytes, and rules
// look at each command. The largest Dockerfiles in practice have some thousand lines.
const (
	MaxLines = 40_000
	maxSize  = 4 << 20 // bytes
)

// tooLarge reports whether a text has more than MaxLines lines, or more than maxSize bytes.
func tooLarge(src string) bool { return len(src) > maxSize || strings.Count(src, "\n") > MaxLines }

// Parse parses src. It never fails. A text of more than MaxLines lines has no instructions, and an
// error that says so.
func Parse(src string) *File {
	h := parseHeader(src)
	f := &File{Src: src, header: h}
	s := scanner{src: src, pos: h.end, escape: h.escape, custom: h.custom}
	for large := tooLarge(src); !large; {
		start := s.pos
		in := s.next()
		if in == nil {
			break
		}
		f.Instructions = append(f.Instructions, in)
		f.starts = append(f.starts, start)
	}
	f.starts = append(f.starts, s.pos)
	f.makeBatches()
	f.finish()
	return f
}

// finish fills in what follows from the source, the header, the instructions and their starts.
func (f *File) finish() {
	f.Escape = f.header.escape
	f.Directives = f.header.directives
	f.Header = f.Src[:f.header.end]
	f.Trailer = f.Src[f.starts[len(f.starts)-1]:]
	f.Errors = f.fileErrors()
}

// Texts are the texts of the words: of a list in JSON, its strings.
func (in *Instruction) Texts() (list []string) {
	for _, w := range in.Words {
		list = append(list, w.Text)
	}
	return list
}

// FlagText is the instruction's flags as they are written, each with a blank behind it.
func (in *Instruction) FlagText() (all string) {
	for _, f := range in.Flags {
		all += f.Span.Of(in.Text) + " "
	}
	return all
}
