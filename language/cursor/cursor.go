// Package cursor says where in a Dockerfile a place is, in terms of the grammar: in a keyword, the name or the value
// of a flag, a key of a mount, an argument, a variable, a comment. It goes by the text before the place, so it knows
// also an instruction that is half typed.
package cursor

import (
	"strings"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Kind is what stands at a place, or may be typed there.
type Kind int

const (
	Nowhere    Kind = iota // nothing that can be told: the data of a here-document, behind a continuation
	Keyword                // the keyword of an instruction, or of the one behind ONBUILD
	Flag                   // the name of a flag, with its dashes
	FlagValue              // behind --name=
	MountKey               // a key of --mount or --device
	MountValue             // behind key=
	Argument               // an argument that is no command
	String                 // inside a string of a JSON array
	Array                  // inside a JSON array, outside of its strings
	Shell                  // a command for the shell
	Variable               // $NAME or ${NAME
	Modifier               // behind ${NAME
	Heredoc                // the body of a here-document
	Comment
	DirectiveName  // a comment that may become a parser directive, before "="
	DirectiveValue // the value of one
)

// Place is where the cursor is. Spans are of the file's source.
type Place struct {
	Kind   Kind
	Cut    Kind // of a Nowhere in a word that begins on an earlier line, or that may go on behind blanks: what that word is
	Offset int
	// Word is what an answer replaces: it begins on the line of the cursor, before it or at it, and ends there too.
	Word text.Span
	// Typed is the Word up to the cursor.
	Typed string

	Index   int                 // of the instruction that the cursor is in, or before which it is, among all
	Instr   *syntax.Instruction // nil outside of every instruction
	Name    string              // of the instruction, in upper case; of ONBUILD's trigger, that of the trigger
	OnBuild bool                // the place is in the trigger of an ONBUILD
	Top     bool                // only parser directives stand above: this line may be one

	Flags []Field // the flags of the instruction, that of the cursor included
	Flag  string  // the name of the flag whose value holds the cursor
	Equal bool    // the name of a flag, or a key, has its "=" already: it stands right behind Word

	Fields []Field // of a mount: all its keys
	Key    string  // of a mount: the one whose value holds the cursor, in lower case, as it is written

	Words []Field // the arguments; those of a JSON array: its strings
	N     int     // which argument the cursor is in, or would begin: its number from 0
	Quote byte    // the quote that the place stands in, 0 for none

	Of      string          // of a Modifier: the variable's name
	Braced  bool            // of a Variable: it is written ${NAME
	Closed  bool            // of a Variable: the brace is closed
	ByShell bool            // of a Variable: the shell expands it, not the builder
	Doc     *syntax.Heredoc // of a Heredoc: its spans are relative to the instruction's Text

	Directive string // of a DirectiveValue: its name, in lower case
}

// Field is a word of the text, or a pair name=value.
type Field struct {
	Span  text.Span // all of it
	Name  string    // before "=", or all of it
	Value string    // behind "="
	Equal bool
}

// Mount is the value of the key among the fields; "" if it is not given. Aliases have to be asked for.
func (p *Place) Mount(keys ...string) string {
	for _, f := range p.Fields {
		for _, key := range keys {
			if strings.EqualFold(f.Name, key) {
				return f.Value
			}
		}
	}
	return ""
}

// At says where the offset is.
func At(f *syntax.File, offset int) Place {
	offset = min(max(offset, 0), len(f.Src))
	p := Place{Offset: offset, Word: text.Span{Start: offset, End: offset}}
	line := lineAt(f.Src, offset)
	p.Top = line.Start <= len(f.Header)
	p.find(f, line)
	if p.Index >= 0 && p.Index < len(f.Instructions) {
		p.Instr = f.Instructions[p.Index]
	}
	if !p.comment(f, line) && !p.outside(f, line) {
		p.instruction(f, line)
	}
	p.settle(f.Src, line)
	return p
}

// lineAt is the line of the offset, without its line end.
func lineAt(src string, offset int) text.Span {
	start := strings.LastIndexByte(src[:offset], '\n') + 1
	end := len(src)
	if n := strings.IndexByte(src[offset:], '\n'); n >= 0 {
		end = offset + n
	}
	for end > offset && src[end-1] == '\r' {
		end--
	}
	return text.Span{Start: start, End: end}
}

// find is the instruction that holds the place, or that follows it.
func (p *Place) find(f *syntax.File, line text.Span) {
	at := p.Offset
	if at > line.Start {
		at-- // the end of the last line belongs to its instruction
	}
	p.Index = f.Index(at)
	n := len(f.Instructions)
	if p.Index == n && n > 0 && at == f.Start(n) && open(f, f.Instructions[n-1]) {
		p.Index = n - 1
	}
	p.Index = max(p.Index, 0)
}

// open reports whether what is typed behind the last instruction, on a new line, belongs to it.
func open(f *syntax.File, in *syntax.Instruction) bool {
	if n := len(in.Heredocs); n > 0 {
		return in.Heredocs[n-1].End.Len() == 0
	}
	if !strings.HasSuffix(in.Text, "\n") {
		return false
	}
	lines := strings.Split(strings.TrimRight(in.Text, "\n"), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimRight(lines[i], " \t\r")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		n := len(line) - 1
		return line[n] == f.Escape && (n == 0 || line[n-1] != f.Escape)
	}
	return false
}

// comment reads a place in a comment line, and reports whether it is in one.
func (p *Place) comment(f *syntax.File, line text.Span) bool {
	content := strings.TrimPrefix(line.Of(f.Src), "\xef\xbb\xbf")
	hash := line.End - len(content)
	hash += len(content) - len(strings.TrimLeft(content, " \t"))
	if hash >= p.Offset || f.Src[hash] != '#' || p.inBody(f) {
		return false
	}
	p.Kind = Comment
	p.Word = text.Span{Start: hash, End: line.End}
	if !p.Top {
		return true
	}
	body := f.Src[hash+1 : p.Offset]
	lead := len(body) - len(strings.TrimLeft(body, " \t"))
	name, value, isValue := strings.Cut(body[lead:], "=")
	if !isValue {
		if strings.ContainsAny(strings.TrimSpace(name), " \t!") {
			return true
		}
		p.Kind = DirectiveName
		end := p.Offset
		for end < line.End && isLetter(f.Src[end]) {
			end++
		}
		p.Equal = end < line.End && f.Src[end] == '='
		p.Word = text.Span{Start: hash, End: end}
		return true
	}
	p.Kind, p.Directive = DirectiveValue, strings.ToLower(strings.TrimSpace(name))
	start := p.Offset - len(strings.TrimLeft(value, " \t"))
	p.Word = text.Span{Start: start, End: line.End}
	return true
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// inBody reports whether the place is in the body of a here-document.
func (p *Place) inBody(f *syntax.File) bool {
	if p.Instr == nil {
		return false
	}
	at := p.Offset - f.Start(p.Index)
	for i := range p.Instr.Heredocs {
		h := &p.Instr.Heredocs[i]
		if at > 0 && at == h.Content.Start && p.Instr.Text[at-1] != '\n' {
			continue // its first line is not there yet
		}
		if h.Content.Start <= at && (at < h.Content.End || at == h.Content.End && h.End.Len() == 0 || h.End.Len() > 0 && h.End.Contains(at)) && at > p.Instr.Keyword.End {
			return true
		}
	}
	return false
}

// outside reads a place on a line that belongs to no instruction: a keyword may begin there.
func (p *Place) outside(f *syntax.File, line text.Span) bool {
	if p.Instr != nil && p.Offset >= f.Start(p.Index)+p.Instr.Start() {
		return false
	}
	if strings.TrimSpace(strings.TrimPrefix(line.Of(f.Src), "\xef\xbb\xbf")) == "" {
		p.Kind = Keyword
		return true
	}
	// Before the keyword, on its line: what is typed here would be put before it.
	return p.Instr == nil || p.Offset < f.Start(p.Index)+p.Instr.Start()
}

// settle makes Word lie on the line of the cursor, around it, and fills in Typed. Of a word that begins on another line
// nothing can be replaced. A line ends at a carriage return too, as editors count, though not for BuildKit.
func (p *Place) settle(src string, line text.Span) {
	if n := strings.LastIndexByte(src[line.Start:p.Offset], '\r'); n >= 0 {
		line.Start += n + 1
	}
	if n := strings.IndexByte(src[p.Offset:line.End], '\r'); n >= 0 {
		line.End = p.Offset + n
	}
	if p.Word.Start < line.Start || p.Word.Start > p.Offset {
		p.Cut, p.Kind = p.Kind, Nowhere
		p.Word.Start = p.Offset
	}
	p.Word.End = min(max(p.Word.End, p.Offset), line.End)
	p.Word.End = max(p.Word.End, p.Offset)
	p.Typed = src[p.Word.Start:p.Offset]
}
