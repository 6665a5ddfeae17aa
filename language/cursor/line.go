package cursor

import (
	"strings"
	"unicode"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// reader goes along the logical line of an instruction.
type reader struct {
	p      *Place
	line   string
	at     int // the place of the cursor in it
	escape byte
	start  int // of the instruction's Text in the file
	joined syntax.Joined

	noQuotes bool // quotes mean nothing to variables: in the value of a flag
}

// span is the place in the file of a part of the line. A part that ends at or behind the cursor ends with the cursor's
// physical line at the latest; see settle.
func (r *reader) span(start, end int) text.Span {
	if start >= end {
		return text.Span{Start: r.p.Offset, End: r.p.Offset}
	}
	return text.Span{Start: r.start + r.joined.At(start), End: r.start + r.joined.At(end-1) + 1}
}

// word makes the part of the line that holds the cursor the Word of the place.
func (r *reader) word(start, end int) {
	if start >= r.at {
		r.p.Word.Start = r.p.Offset
	} else {
		r.p.Word.Start = r.start + r.joined.At(start)
	}
	r.p.Word.End = r.p.Offset
	if r.at < end {
		// The part of the rest that stands on the cursor's line, without a gap.
		n := r.at
		for n < end && r.start+r.joined.At(n) == r.p.Offset+n-r.at {
			n++
		}
		r.p.Word.End = r.p.Offset + n - r.at
	}
}

// instruction reads a place in an instruction.
func (p *Place) instruction(f *syntax.File, line text.Span) {
	in := p.Instr
	if in == nil {
		return
	}
	r := &reader{p: p, joined: in.Joined(), escape: f.Escape, start: f.Start(p.Index)}
	at := p.Offset - r.start
	if p.inBody(f) {
		r.heredoc(in, at)
		return
	}
	// BuildKit drops a last line that has only blanks. What is typed on it comes behind them.
	if isBlanks(line.Of(f.Src)) && line.Start < p.Offset && r.joined.Index(at) == len(r.joined.Line) {
		r.joined = r.joined.Extended(f.Src[line.Start:p.Offset], line.Start-r.start)
	}
	r.line = r.joined.Line
	r.at = r.joined.Index(at)
	if !r.reachable(f.Src, line) {
		return
	}
	r.read(trim(r.line, 0, len(r.line)))
}

// reachable reports whether what is typed at the cursor is a part of the logical line at that place: it is not behind
// the escape character that continues a line.
func (r *reader) reachable(src string, line text.Span) bool {
	before := line.Start
	if r.at > 0 {
		before = max(before, r.start+r.joined.At(r.at-1)+1)
	}
	return strings.TrimLeft(src[before:r.p.Offset], " \t") == ""
}

type part struct{ start, end int }

func trim(s string, start, end int) part {
	for start < end && isBlank(s[start]) {
		start++
	}
	return part{start, end}
}

func isBlanks(s string) bool { return strings.TrimLeft(s, " \t") == "" }

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\v' || b == '\f' || b == '\r' }

// read reads an instruction: the whole line, or the trigger of an ONBUILD.
func (r *reader) read(p part) {
	end := p.start
	for end < p.end && !isBlank(r.line[end]) {
		end++
	}
	name := strings.ToUpper(r.line[p.start:end])
	if r.at <= end {
		r.p.Kind = Keyword
		if r.at >= p.start {
			r.word(p.start, end)
		}
		return
	}
	r.p.Name = name
	if name == "ONBUILD" && !r.p.OnBuild {
		r.p.OnBuild = true
		r.read(trim(r.line, end, p.end))
		return
	}
	in := grammar.Find(name)
	if in == nil {
		return
	}
	rest := trim(r.line, end, p.end)
	if len(in.Flags) > 0 {
		var found bool
		if rest, found = r.flags(rest); found {
			return
		}
	}
	r.arguments(in, rest)
}

// arguments reads a place behind the flags.
func (r *reader) arguments(in *grammar.Instruction, p part) {
	r.p.Kind = Argument
	if r.at < p.start {
		p.start = r.at // in the blanks before them
		if p.start > 0 && !isBlank(r.line[p.start-1]) {
			r.p.Kind = Nowhere
			return
		}
	}
	if in.Name == "HEALTHCHECK" {
		sub := trim(r.line, p.start, p.end)
		end := sub.start
		for end < p.end && !isBlank(r.line[end]) {
			end++
		}
		if r.at <= end {
			r.p.Words = append(r.p.Words, Field{Span: r.span(sub.start, end), Name: r.line[sub.start:end]})
			if sub.start <= r.at {
				r.word(sub.start, end)
			}
			return
		}
		r.p.Words = append(r.p.Words, Field{Span: r.span(sub.start, end), Name: r.line[sub.start:end]})
		p = trim(r.line, end, p.end)
		p.start = min(p.start, r.at)
		r.p.N = 1
		if !strings.EqualFold(r.p.Words[0].Name, "CMD") {
			return
		}
	}
	if first := trim(r.line, p.start, p.end); in.JSON() && first.start < p.end && r.line[first.start] == '[' && first.start < r.at {
		r.array(first)
		return
	}
	switch in.Forms[0].Args[len(in.Forms[0].Args)-1].Kind {
	case grammar.Command, grammar.Program:
		if in.Name == "SHELL" {
			r.word(r.at, r.at)
			return
		}
		r.shell(p)
	default:
		r.words(in, p)
	}
}

// words splits arguments that are no command.
func (r *reader) words(in *grammar.Instruction, p part) {
	quoted := in.Name == "ENV" || in.Name == "LABEL" || in.Name == "ARG"
	whole := in.Name == "WORKDIR" || in.Name == "USER" || in.Name == "STOPSIGNAL" || in.Name == "MAINTAINER"
	found := false
	for at := p.start; at < p.end; {
		for at < p.end && isBlank(r.line[at]) {
			at++
		}
		end := at
		var quote byte
		for end < p.end && (whole || quote != 0 || !isBlank(r.line[end])) {
			c := r.line[end]
			switch {
			case !quoted:
			case c == r.escape && quote != '\'' && end+1 < p.end:
				end++
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			}
			end++
		}
		if whole {
			end = len(strings.TrimRightFunc(r.line[:end], unicode.IsSpace))
			end = max(end, min(at, p.end))
		}
		if at < end {
			name, value, equal := strings.Cut(r.line[at:end], "=")
			if r.at < at && !found {
				found = true
				r.p.N = len(r.p.Words)
			}
			r.p.Words = append(r.p.Words, Field{Span: r.span(at, end), Name: name, Value: value, Equal: equal})
			if !found && r.at <= end {
				found = true
				r.p.N = len(r.p.Words) - 1
				r.word(at, end)
				if !isLiteral(in, r.p.N) {
					r.variable(at, end, false)
				}
			}
		}
		at = max(end, at)
		if whole {
			break
		}
	}
	if !found {
		r.p.N = len(r.p.Words)
		if whole && len(r.p.Words) > 0 {
			r.p.N, r.p.Kind, r.p.Cut = 0, Nowhere, Argument // the blanks will belong to it
		}
	}
}

// isLiteral reports whether an argument expands no variables.
func isLiteral(in *grammar.Instruction, n int) bool {
	args := in.Forms[0].Args
	for _, form := range in.Forms {
		if n < len(form.Args) {
			args = form.Args
			break
		}
	}
	return !args[min(n, len(args)-1)].Expands
}

// array reads a place in a JSON array.
func (r *reader) array(p part) {
	r.p.Kind = Array
	in := grammar.Find(r.p.Name)
	r.word(r.at, r.at)
	commas := 0
	for at := p.start + 1; at < p.end; at++ {
		c := r.line[at]
		switch c {
		case ',':
			if at < r.at {
				commas++
			}
		case ']':
			if at < r.at {
				r.p.Kind = Nowhere
				return
			}
		}
		if c != '"' {
			continue
		}
		end := at + 1
		for end < p.end && r.line[end] != '"' {
			if r.line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, p.end)
		r.p.Words = append(r.p.Words, Field{Span: r.span(at, min(end+1, p.end)), Name: r.line[at+1 : end]})
		if at < r.at && r.at <= end {
			r.p.Kind, r.p.Quote = String, '"'
			r.p.N = commas
			r.word(at+1, end)
			if in.Forms[0].Args[0].Expands {
				r.variable(at+1, end, false)
			}
			commas = -1 << 20 // what stands behind does not count
		}
		at = end
	}
	if r.p.Kind == Array {
		r.p.N = max(commas, 0)
	}
}

// shell reads a place in a command for the shell.
func (r *reader) shell(p part) {
	r.p.Kind = Shell
	start := r.at
	for start > p.start && !strings.ContainsRune(" \t;&|()<>\"'`", rune(r.line[start-1])) {
		start--
	}
	end := r.at
	for end < p.end && !strings.ContainsRune(" \t;&|()<>\"'`", rune(r.line[end])) {
		end++
	}
	r.word(start, end)
	r.p.Words = []Field{{Span: r.span(p.start, p.end), Name: r.line[p.start:r.at]}}
	if n := strings.Count(r.line[p.start:r.at], ""); n > maxShell {
		return
	}
	r.variable(p.start, p.end, true)
}

// maxShell bounds the text of a command that is read for each answer.
const maxShell = 64 << 10 // bytes

// heredoc reads a place in the body of a here-document.
func (r *reader) heredoc(in *syntax.Instruction, at int) {
	for i := range in.Heredocs {
		h := &in.Heredocs[i]
		closed := h.End.Len() > 0
		if at < h.Content.Start || at > h.Content.End && closed || at == h.Content.End && closed {
			continue
		}
		r.p.Kind, r.p.Doc = Heredoc, h
		r.p.Name = in.Name
		line := in.Text[strings.LastIndexByte(in.Text[:at], '\n')+1 : at]
		r.p.Word.Start = r.p.Offset - len(strings.TrimLeft(line, " \t"))
		// The body is its own line, without continuations.
		body := in.Text[h.Content.Start:h.Content.End]
		script := in.Name == "RUN" && len(in.Heredocs) == 1 && in.Args == h.Op // the shell runs it, also if its word is quoted
		if (h.Expand || script) && len(body) <= maxShell {
			v := &reader{p: r.p, line: body, at: at - h.Content.Start, escape: r.escape, start: r.start + h.Content.Start}
			v.variable(0, len(body), in.Name == "RUN")
		}
		return
	}
}
