package shellcheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// comment is one of ShellCheck's, in its format json1. Lines and columns count from 1; the end is exclusive.
type comment struct {
	Line      int    `json:"line"`
	EndLine   int    `json:"endLine"`
	Column    int    `json:"column"`
	EndColumn int    `json:"endColumn"`
	Level     Level  `json:"level"`
	Code      int    `json:"code"`
	Message   string `json:"message"`
}

// maxComments are as many as are taken of one script, and maxMessage the bytes of a message.
const (
	maxComments = 200
	maxMessage  = 500
)

func parse(out []byte) ([]comment, error) {
	var answer struct {
		Comments []comment `json:"comments"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, fmt.Errorf("what ShellCheck writes is not understood: %w", err)
	}
	return answer.Comments[:min(len(answer.Comments), maxComments)], nil
}

// unread are the codes that say that ShellCheck could not read the script. Of several, what the last ones say is in the
// first: each parser that gave up adds a word.
var unread = []int{1073, 1072, 1088, 1089, 1070}

// blanksInEcho is the code for blanks between words, of which echo prints one.
const blanksInEcho = 2291

// cdMayFail is the code for a cd whose failure nobody sees.
const cdMayFail = 2164

// ends reports whether a place is the last command of the script, whose failure is that of the RUN.
func (s *script) ends(place text.Span) bool {
	list := s.of.List
	return len(list) > 0 && list[len(list)-1].Span == place
}

// ofParser reports whether the code is one of ShellCheck's parser.
func (c comment) ofParser() bool { return 1000 <= c.Code && c.Code < 2000 }

// aboutSh reports whether it says what POSIX's sh lacks.
func (c comment) aboutSh() bool { return 3000 <= c.Code && c.Code < 4000 }

// remarks are the comments that count, with their places in the Dockerfile. Where ShellCheck cannot read a script that our own
// parser reads, nothing it says counts; where neither can, one comment tells it.
func (s *script) remarks(comments []comment) (list []Remark) {
	gaveUp := slices.ContainsFunc(comments, func(c comment) bool { return slices.Contains(unread, c.Code) })
	switch {
	case s.malformed && gaveUp:
		comments = []comment{reason(comments)}
	case s.malformed:
		return nil
	case gaveUp:
		comments = slices.DeleteFunc(slices.Clone(comments), comment.ofParser)
	}
	for _, c := range comments {
		if s.guessed && c.aboutSh() {
			continue // nobody knows what sh is in the image
		}
		span, ok := s.span(c)
		if c.Code == blanksInEcho && s.of.Continued(span) {
			continue // they indent the lines of the Dockerfile
		}
		if c.Code == cdMayFail && s.ends(span) {
			continue // then the step fails
		}
		if ok {
			list = append(list, Remark{
				Instruction: s.instruction, Span: span, Code: fmt.Sprintf("SC%04d", c.Code), Level: c.Level,
				Message: c.text(),
			})
		}
	}
	slices.SortStableFunc(list, func(a, b Remark) int { return a.Span.Start - b.Span.Start })
	return list
}

// text is the message in one line, without its full stop, and without what it says to those who mend a script step by step.
func (c comment) text() string {
	text := strings.Join(strings.Fields(c.Message), " ")
	for _, end := range []string{"Fix any mentioned problems and try again.", "Fix to allow more checks."} {
		text = strings.TrimSpace(strings.TrimSuffix(text, end))
	}
	if text == "" {
		text = "The shell cannot read this"
	}
	return words.Shorten(strings.TrimSuffix(text, "."), maxMessage)
}

// reason is the comment that says most about why a script cannot be read.
func reason(comments []comment) comment {
	best, rank := comments[0], len(unread)+2
	for _, c := range comments {
		r := slices.Index(unread, c.Code) + 1
		if c.Level != Error || !c.ofParser() {
			r = len(unread) + 1
		}
		if r < rank {
			best, rank = c, r
		}
	}
	return best
}

// span is where the comment stands in the instruction's text; it has one byte at least.
func (s *script) span(c comment) (text.Span, bool) {
	from, ok := s.offset(c.Line, c.Column)
	to, known := s.offset(c.EndLine, c.EndColumn)
	if !ok || !known {
		return text.Span{}, false
	}
	end := len(s.of.Text())
	if from >= end {
		from = end - 1
	}
	return s.of.Place(from, max(to, from+1)), true
}
