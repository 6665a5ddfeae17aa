package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/text"
)

// maxLine is the length, line end included, of the longest line that BuildKit reads.
const maxLine = 64 * 1024

// scanner cuts a file into instructions, with BuildKit's rules for lines.
type scanner struct {
	src    string
	pos    int
	escape byte
	custom bool
}

// next is the instruction that begins, with its trivia, at pos; nil if only trivia is left.
func (s *scanner) next() *Instruction {
	start := s.pos
	in := &Instruction{escape: s.escape, custom: s.custom}
	for at := start; at < len(s.src); {
		end := lineEnd(s.src, at)
		s.measure(in, start, at, end)
		content := trimNewline(s.src[at:end])
		lead := blanks(content)
		if lead < len(content) && content[lead] == '#' {
			in.Comments = append(in.Comments, text.Span{Start: at + lead - start, End: at + len(content) - start})
			at = end
			continue
		}
		if lead == len(content) {
			at = end
			continue
		}
		s.pos = end
		s.join(in, start, at+lead, at+len(content))
		in.parseLine()
		s.heredocs(in, start)
		in.Text = s.src[start:s.pos]
		in.Body = text.Span{Start: in.Keyword.Start, End: max(in.Keyword.End, len(trimNewline(in.Text)))}
		in.open = in.open || s.src[s.pos-1] != '\n'
		return in
	}
	return nil
}

// measure notes the first line of the instruction that is too long for BuildKit.
func (s *scanner) measure(in *Instruction, start, at, end int) {
	if in.tooLong.Len() == 0 && isTooLong(s.src, at, end) {
		in.tooLong = text.Span{Start: at - start, End: at - start + len(trimNewline(s.src[at:end]))}
	}
}

// isTooLong reports whether BuildKit refuses the line src[at:end]. Its buffer holds maxLine bytes,
// and a last line without a line end must leave room for one.
func isTooLong(src string, at, end int) bool {
	return end-at > maxLine || end-at == maxLine && src[end-1] != '\n'
}

// join reads the logical line whose first piece is src[at:end], and moves pos behind it.
func (s *scanner) join(in *Instruction, start, at, end int) {
	piece, more := s.trimContinuation(s.src[at:end])
	in.joined = Joined{Line: piece, segs: []seg{{0, at - start}}}
	if !more {
		return
	}
	var b strings.Builder
	b.WriteString(piece)
	for more && s.pos < len(s.src) {
		at, end := s.pos, lineEnd(s.src, s.pos)
		s.measure(in, start, at, end)
		s.pos = end
		content := trimNewline(s.src[at:end])
		lead := blanks(content)
		if lead == len(content) {
			continue
		}
		if content[lead] == '#' {
			in.Inner = append(in.Inner, text.Span{Start: at + lead - start, End: at + len(content) - start})
			continue
		}
		piece, more = s.trimContinuation(content)
		if piece != "" {
			in.joined.segs = append(in.joined.segs, seg{b.Len(), at - start})
			b.WriteString(piece)
		}
	}
	in.joined.Line = b.String()
	in.open = more
}

// trimContinuation cuts off the escape character at the end of a line, and the blanks after it.
// An escaped escape character does not continue the line.
func (s *scanner) trimContinuation(line string) (string, bool) {
	t := strings.TrimRight(line, " \t")
	n := len(t) - 1
	if n < 0 || t[n] != s.escape || n > 0 && t[n-1] == s.escape {
		return line, false
	}
	return t[:n], true
}

// heredocs reads the bodies of the instruction's here-documents, and moves pos behind them.
func (s *scanner) heredocs(in *Instruction, start int) {
	for i := range in.Heredocs {
		h := &in.Heredocs[i]
		body := s.pos
		h.open = true
		for s.pos < len(s.src) {
			at, end := s.pos, lineEnd(s.src, s.pos)
			s.measure(in, start, at, end)
			s.pos = end
			line := trimNewline(s.src[at:end])
			lead := 0
			if h.Chomp {
				lead = len(line) - len(strings.TrimLeft(line, "\t"))
			}
			if line[lead:] == h.Name {
				h.open = false
				h.Content = text.Span{Start: body - start, End: at - start}
				h.End = text.Span{Start: at + lead - start, End: at + len(line) - start}
				break
			}
		}
		if h.open {
			in.open = true
			h.Content = text.Span{Start: body - start, End: s.pos - start}
			h.End = text.Span{Start: s.pos - start, End: s.pos - start}
		}
	}
}

// lineEnd is the offset behind the line that begins at at. Lines end with '\n' only.
func lineEnd(src string, at int) int {
	if n := strings.IndexByte(src[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(src)
}

func trimNewline(line string) string {
	n := len(line)
	for n > 0 && (line[n-1] == '\n' || line[n-1] == '\r') {
		n--
	}
	return line[:n]
}

// blanks is the length of the white space that s begins with.
func blanks(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c > ' ' && c < utf8.RuneSelf {
			return i
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) {
			return i
		}
		i += size
	}
	return len(s)
}
