// Package formatting puts a Dockerfile's text in order without changing what is built: no step gets another cache key
// and the image stays what it is. What stands in a key, such as the indentation inside a RUN, is left as it was typed.
package formatting

import (
	"slices"
	"strings"
	"unicode"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Options say how a text is to look. The zero value is the default.
type Options struct {
	KeywordCase    string // of instructions and AS: "upper", which is the default, "lower" or "keep"
	Indent         string // of continuation lines: blanks or one tab; empty: as the file has it, else four blanks
	RunIndentation bool   // indent the continuation lines of RUN too, which changes the keys of their steps
}

// indent is the indentation of continuation lines.
func (o Options) indent() string {
	if o.Indent == "" {
		return "    "
	}
	return o.Indent
}

// Document returns the edits that format the whole file, in the order of the text. It leaves alone what BuildKit would
// not take, with what stands around it, what comments keep from it, and files of a frontend that it does not know.
func Document(f *syntax.File, opts Options) []text.Edit {
	if !readable(f) {
		return nil
	}
	p := printer{file: f, src: f.Src, opts: opts.of(f)}
	p.header()
	misplaced := slices.IndexFunc(f.Instructions, func(in *syntax.Instruction) bool { return in.Name == "FROM" })
	broken := false
	for i, in := range f.Instructions {
		start, keyword := f.Start(i), f.Start(i)+in.Keyword.Start
		first, indented := !broken, lineStart(f.Src, keyword) < keyword
		// What is indented below a mistake may be meant to go on with it.
		broken = in.Cmd() == nil || len(in.Errors()) > 0 || i < misplaced && in.Name != "ARG" || broken && indented
		switch {
		case !broken:
			p.instruction(i, in, first)
		case strings.Contains(in.Text, "<<"):
			return p.allowed() // nobody knows where its here-document is meant to end
		default:
			p.listen(start, keyword)
		}
	}
	if errors := mistakes(f); !broken && (len(errors) == 0 || errors[len(errors)-1].Span.Start < len(f.Src)-len(f.Trailer)) {
		p.trailer()
	}
	return p.allowed()
}

// mistakes are the errors of the file, but for the one that it has no instructions yet, only comments.
func mistakes(f *syntax.File) []syntax.Error {
	for line := range strings.Lines(f.Src) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return f.Errors
		}
	}
	return f.Errors[:max(0, len(f.Errors)-1)]
}

// readable reports whether anything of the file can be formatted: its lines are the same for an editor as for BuildKit,
// and its directives say what they mean.
func readable(f *syntax.File) bool {
	inHeader := func(e syntax.Error) bool { return e.Span.Start < len(f.Header) }
	return !f.CustomFrontend() && strings.Count(f.Src, "\r") == strings.Count(f.Src, "\r\n") && !slices.ContainsFunc(mistakes(f), inHeader)
}

// Range returns those edits of Document that lie on the lines that the span touches. A span that ends at the
// beginning of a line does not touch that line.
func Range(f *syntax.File, opts Options, span text.Span) []text.Edit {
	start := strings.LastIndexByte(f.Src[:span.Start], '\n') + 1
	end := span.End
	if end == span.Start || end > 0 && f.Src[end-1] != '\n' {
		end = lineEnd(f.Src, end)
	}
	var inside []text.Edit
	for _, e := range Document(f, opts) {
		if start <= e.Span.Start && e.Span.End <= end && (e.Span.Start < end || end == len(f.Src)) {
			inside = append(inside, e)
		}
	}
	return inside
}

// Instruction returns the edits of Document inside instruction i, without looking at the rest of the file if it need
// not: comments there may keep the formatter from it.
func Instruction(f *syntax.File, opts Options, i int) []text.Edit {
	in := f.Instructions[i]
	body := in.Body.Shift(f.Start(i))
	body.Start = lineStart(f.Src, body.Start)
	all := &printer{file: f, src: f.Src, opts: opts.of(f)}
	if strings.Contains(f.Src, "fmt:") || strings.Contains(f.Src, "format:") {
		return Range(f, opts, body)
	}
	if len(f.Errors) > 0 || !readable(f) || in.Cmd() == nil || len(in.Errors()) > 0 {
		return nil
	}
	all.instruction(i, in, true)
	return slices.DeleteFunc(all.allowed(), func(e text.Edit) bool { return e.Span.Start < body.Start || e.Span.End > body.End })
}

// Apply is the text of the file as Document makes it.
func Apply(f *syntax.File, opts Options) string { return text.Apply(f.Src, Document(f, opts)) }

// printer collects the edits of one file.
type printer struct {
	file  *syntax.File
	src   string
	opts  Options
	edits []text.Edit
	kept  []text.Span // of the text, which comments say is to stay
	off   int         // where formatting was switched off, plus one; 0 while it is on
}

// replace puts s in the place of src[start:end].
func (p *printer) replace(start, end int, s string) {
	if p.src[start:end] != s {
		p.edits = append(p.edits, text.Edit{Span: text.Span{Start: start, End: end}, New: s})
	}
}

// allowed are the edits outside of what is to stay, in order.
func (p *printer) allowed() []text.Edit {
	if p.off > 0 {
		p.kept = append(p.kept, text.Span{Start: p.off - 1, End: len(p.src)})
	}
	edits := text.Sorted(p.edits)
	if len(p.kept) == 0 {
		return edits
	}
	kept := edits[:0:0]
	for _, e := range edits {
		free := true
		for _, s := range p.kept {
			free = free && !(e.Span.Start < s.End && s.Start < e.Span.End) && !(e.Span.Len() == 0 && s.Contains(e.Span.Start))
		}
		if free {
			kept = append(kept, e)
		}
	}
	return kept
}

// header puts the parser directives in the form "# name=value". One that is indented may not count as one everywhere.
func (p *printer) header() {
	for _, d := range p.file.Directives {
		if d.Span.Start > 0 && p.src[d.Span.Start-1] != '\n' {
			continue
		}
		p.replace(d.Span.Start, d.NameSpan.Start, "# ")
		p.replace(d.NameSpan.End, d.ValueSpan.Start, "=")
		if isBlank(p.src[d.ValueSpan.End:d.Span.End]) {
			p.replace(d.ValueSpan.End, d.Span.End, "")
		}
	}
}

// trailer formats what follows the last instruction, and lets the text end with one line end.
func (p *printer) trailer() {
	start := len(p.src) - len(p.file.Trailer)
	p.trivia(start, len(p.src), trivia{end: true, first: len(p.file.Instructions) == 0})
	if len(p.file.Instructions) == 0 || p.src == "" {
		return
	}
	end := strings.TrimRightFunc(p.src, unicode.IsSpace) // lines of other blanks are blank lines too
	if end != "" && !strings.Contains(p.src[len(end):], "\n") {
		p.replace(len(p.src), len(p.src), p.lineEnding())
	}
}

// lineEnding is how the lines of the file end: as the first does.
func (p *printer) lineEnding() string {
	if n := strings.IndexByte(p.src, '\n'); n > 0 && p.src[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// lineEnd is the offset behind the line of src that holds the offset, its line end included.
func lineEnd(src string, at int) int {
	if n := strings.IndexByte(src[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(src)
}

// isBlank reports whether s is only blanks and tabs.
func isBlank(s string) bool { return strings.Trim(s, " \t") == "" }
