package formatting

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is one line of the text.
type line struct {
	start, end, next int // end is before the line end, next behind it
}

// lines cuts src[start:end], which begins at the beginning of a line.
func lines(src string, start, end int) (list []line) {
	for at := start; at < end; {
		next := min(lineEnd(src, at), end)
		content := strings.TrimRight(src[at:next], "\r\n")
		list = append(list, line{at, at + len(content), next})
		at = next
	}
	return list
}

// trivia says where a row of comments and blank lines stands.
type trivia struct {
	first bool // before all instructions
	from  bool // before a FROM
	end   bool // after all instructions
}

// directiveLike is a comment that would be a parser directive at the top of the file.
var directiveLike = regexp.MustCompile(`^\s*(#|//)\s*[a-zA-Z][a-zA-Z0-9]*\s*=|^\s*#!`)

// trivia formats the comments and blank lines of src[start:end]. Before the first instruction nothing may become a
// parser directive or stop being one: blank lines and indentation decide about it.
func (p *printer) trivia(start, end int, where trivia) {
	list := lines(p.src, start, end)
	frozen := false
	if where.first {
		for _, l := range list {
			frozen = frozen || directiveLike.MatchString(p.src[l.start:l.end])
		}
	}
	for i := 0; i < len(list); i++ {
		l := list[i]
		content := p.src[l.start:l.end]
		if strings.TrimSpace(content) != "" {
			p.comment(l, "", frozen)
			continue
		}
		run := i
		for run+1 < len(list) && strings.TrimSpace(p.src[list[run+1].start:list[run+1].end]) == "" {
			run++
		}
		allowed := 1
		switch {
		case strings.TrimSpace(p.src) == "": // nothing is there yet
			allowed = len(list)
		case where.first && len(p.file.Header) == len(p.src[:start]) && i == 0 && start == 0 && !frozen && !startsLikeFrontend(p.src[list[run].next:]),
			where.end && run == len(list)-1:
			allowed = 0
		case where.from:
			allowed = 2
		}
		for j := i; j <= run && j < i+allowed; j++ {
			if isBlank(p.src[list[j].start:list[j].end]) {
				p.replace(list[j].start, list[j].end, "")
			}
		}
		if run >= i+allowed {
			p.replace(list[i+allowed].start, list[run].next, "")
		}
		i = run
	}
}

// startsLikeFrontend reports whether a text may name a frontend in a way of its own: a comment with slashes, or JSON.
func startsLikeFrontend(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "//") || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "#!")
}

// comment formats a comment line: indented as said, one blank behind the hash, none at the end. In a frozen row only
// the blanks at the end go.
func (p *printer) comment(l line, indent string, frozen bool) {
	content := p.src[l.start:l.end]
	p.obey(content, l)
	hash := strings.IndexByte(content, '#')
	if hash < 0 || !isBlank(content[:hash]) || strings.ContainsRune(content, '\r') {
		return
	}
	if !frozen {
		p.replace(l.start, l.start+hash, indent)
		if after := content[hash+1:]; startsText(after) {
			p.replace(l.start+hash+1, l.start+hash+1, " ")
		}
	}
	p.replace(l.start+len(strings.TrimRight(content, " \t")), l.end, "")
}

// startsText reports whether a comment begins with a letter or a digit directly behind its hash, and is no mark of
// editors.
func startsText(after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && r != utf8.RuneError &&
		!strings.HasPrefix(after, "region") && !strings.HasPrefix(after, "endregion")
}

// listen does what the comments of src[start:end] say about formatting, and leaves them as they are.
func (p *printer) listen(start, end int) {
	for _, l := range lines(p.src, start, end) {
		p.obey(p.src[l.start:l.end], l)
	}
}

// obey does what a comment says about formatting.
func (p *printer) obey(content string, l line) {
	switch strings.Join(strings.Fields(strings.TrimLeft(content, "# \t")), " ") {
	case "layerwise format: off", "fmt: off":
		if p.off == 0 {
			p.off = l.start + 1
		}
	case "layerwise format: on", "fmt: on":
		if p.off > 0 {
			p.keep(p.off-1, l.next)
			p.off = 0
		}
	}
}

// ignoresNext reports whether a comment keeps the formatter from the instruction below.
func ignoresNext(comment string) bool {
	return strings.TrimSpace(strings.TrimLeft(comment, "# \t")) == "dockerfmt-ignore"
}
