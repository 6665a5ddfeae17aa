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
	"layerwise/dockerfile/text"
)

// File is one parsed Dockerfile. It is never modified.
type File struct {
	Src          string
	Escape       byte        // the escape character in effect: '\\' or '`'
	Directives   []Directive // syntax, escape, check; in the order of the file
	Header       string      // byte order mark and parser directive lines
	Instructions []*Instruction
	Trailer      string  // comments and blank lines after the last instruction
	Errors       []Error // of the file as a whole; those of an instruction are its own
	starts       []int   // of each instruction's Text in Src; one more for the trailer
}

// Start is the offset in Src at which the Text of instruction i begins.
func (f *File) Start(i int) int { return f.starts[i] }

// Index is the number of the instruction whose Text holds the offset, its leading comments
// included; -1 in the header, and the number of instructions in the trailer.
func (f *File) Index(offset int) int { panic("syntax: Index") }

// Directive is a parser directive, such as "# escape=`".
type Directive struct {
	Name      string // in lower case
	Value     string
	Span      text.Span // the line without its line end, in File.Src
	NameSpan  text.Span
	ValueSpan text.Span
}

// Error is something BuildKit would reject.
type Error struct {
	Span    text.Span // in an Instruction's Errors: relative to its Text; in File.Errors: in Src
	Rule    string    // "syntax-error", "unknown-instruction" or "unknown-flag"
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
	Words    []Word      // the arguments split at blanks (shell quotes kept), or the JSON strings
	Errors   []Error
	lazy     *lazy
}

// Flag is one --name or --name=value.
type Flag struct {
	Span     text.Span // all of it
	Name     text.Span // without dashes
	Value    text.Span // empty, at the end, if there is no '='
	HasValue bool
}

// Word is one argument.
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
}

// Start is the offset of the keyword in Text.
func (in *Instruction) Start() int { return in.Keyword.Start }

// Cmd is what BuildKit's instructions.ParseInstruction makes of the instruction: *instructions.Stage
// for FROM, otherwise an instructions.Command; nil if BuildKit rejects it. Computed once.
func (in *Instruction) Cmd() any { panic("syntax: Cmd") }

// Err is BuildKit's error, if Cmd is nil.
func (in *Instruction) Err() error { panic("syntax: Err") }

// Memo returns the value stored under key, and computes and stores it if there is none. It is how
// other packages keep what they derive from one instruction alone, across edits elsewhere.
func (in *Instruction) Memo(key any, compute func() any) any { panic("syntax: Memo") }

// Joined is the instruction's logical line as BuildKit sees it (keyword, flags and arguments with
// continuations and inner comments removed, heredoc bodies not included), and the map back:
// At(i) is the offset in Text of byte i of the logical line.
func (in *Instruction) Joined() Joined { panic("syntax: Joined") }

// Joined is a logical line with its way back into the text.
type Joined struct {
	Line string
	segs []seg
}

type seg struct{ line, text int }

// At is the offset in the instruction's Text of byte i of Line.
func (j Joined) At(i int) int { panic("syntax: At") }

type lazy struct{}

// Parse parses src. It never fails.
func Parse(src string) *File { panic("syntax: Parse") }

// Edit returns the tree of the text with all edits made: the spans refer to f.Src as it is, must
// lie inside it and must not overlap. It is equal to Parse of the new text, and shares with f every
// instruction that the edits do not reach.
func (f *File) Edit(edits []text.Edit) *File { panic("syntax: Edit") }
