package refactorings

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// version is what a version looks like.
var version = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

// extractArg makes an ARG of what is selected, or of the tag or version under the cursor, if it is repeated: of images
// and platforms a global one, else one of the stage.
func extractArg(p place) (Refactoring, bool) {
	literal, ok := p.literal()
	if !ok || p.step.Stage == nil || p.in.Name == "ONBUILD" {
		return Refactoring{}, false
	}
	value := literal.Of(p.File.Src)
	name := p.nameFor(value)
	places := p.repeated(value)
	for range 2 { // first all places, then those where a variable is expanded
		if len(places) < 2 || !slices.Contains(places, literal) {
			return Refactoring{}, false
		}
		r, ok := p.extract(name, value, places)
		if !ok {
			return r, false
		}
		kept := p.expanded(r.Edits, name, places)
		if len(kept) == len(places) {
			return r, true
		}
		places = kept
	}
	return Refactoring{}, false
}

// literal is what is to be extracted, in the source.
func (p place) literal() (span text.Span, ok bool) {
	span = p.span
	if span.Len() == 0 {
		span, ok = p.literalAt()
		if !ok {
			return span, false
		}
	}
	args := text.Span{Start: p.base + p.in.Keyword.End, End: p.base + p.in.Body.End}
	if span.Start < args.Start || span.End > args.End {
		return span, false
	}
	value := span.Of(p.File.Src)
	return span, len(value) > 1 && isPlain(value) && p.stands(span)
}

// literalAt is the tag of an image, or the version, under the cursor.
func (p place) literalAt() (span text.Span, ok bool) {
	src := p.File.Src
	if p.in.Name == "FROM" && len(p.in.Words) > 0 {
		image := p.in.Words[0].Span.Shift(p.base)
		if colon := strings.LastIndexByte(image.Of(src), ':'); colon > 0 && !strings.ContainsAny(image.Of(src)[colon:], "/$") && !strings.Contains(image.Of(src), "@") {
			span = text.Span{Start: image.Start + colon + 1, End: image.End}
		}
		return span, span.Start > 0 && span.Start <= p.span.Start && p.span.Start <= span.End
	}
	line := p.in.Body.Shift(p.base)
	for _, m := range version.FindAllStringIndex(line.Of(src), -1) {
		span = text.Span{Start: line.Start + m[0], End: line.Start + m[1]}
		if span.Start <= p.span.Start && p.span.Start <= span.End {
			return span, true
		}
	}
	return span, false
}

// stands reports whether a literal is a word or a part that is divided from the rest: no name, number or version
// goes on before or behind it.
func (p place) stands(s text.Span) bool {
	src := p.File.Src
	byteAt := func(i int) byte {
		if i < 0 || i >= len(src) {
			return ' '
		}
		return src[i]
	}
	isDigit := func(b byte) bool { return '0' <= b && b <= '9' }
	isLetter := func(b byte) bool { return b == '_' || 'a' <= b|0x20 && b|0x20 <= 'z' }
	first, last, before, behind := byteAt(s.Start), byteAt(s.End-1), byteAt(s.Start-1), byteAt(s.End)
	switch {
	case isDigit(first) && (isDigit(before) || before == '.' && isDigit(byteAt(s.Start-2))):
	case isLetter(first) && (isLetter(before) || isDigit(before)):
	case isDigit(last) && (isDigit(behind) || isLetter(behind) || behind == '.' && isDigit(byteAt(s.End+1))):
	case isLetter(last) && (isLetter(behind) || isDigit(behind)):
	case before == '$' || before == '{' || before == byte(p.File.Escape):
	default:
		return true
	}
	return false
}

// repeated are the places where a value stands: in the images and platforms of all FROMs, or in the other instructions
// of the stage.
func (p place) repeated(value string) (list []text.Span) {
	steps := p.step.Stage.Steps[1:]
	if p.in.Name == "FROM" {
		steps = nil
		for _, s := range p.Graph.Stages {
			steps = append(steps, s.Steps[0])
		}
	}
	for _, s := range steps {
		in, base := s.Instr, p.Graph.Offset(s)
		if in.Name == "ONBUILD" || in.Name == "RUN" && !readable(s) {
			continue
		}
		end := in.Body.End
		if in.Name == "FROM" {
			end = in.Words[0].Span.End
		}
		for at := in.Keyword.End; ; {
			n := strings.Index(in.Text[at:end], value)
			if n < 0 {
				break
			}
			span := text.Span{Start: at + n, End: at + n + len(value)}
			at = span.End
			if p.stands(span.Shift(base)) {
				list = append(list, span.Shift(base))
			}
		}
	}
	return list
}

// extract writes an ARG above the first place, and its name in all.
func (p place) extract(name, value string, places []text.Span) (Refactoring, bool) {
	c := rewrite.Of(p.Graph)
	var first *stages.Step
	for _, span := range places {
		i := p.File.Index(span.Start)
		step := p.Graph.StepAt(i)
		if first == nil {
			first = step
		}
		c.ReplaceWord(step, span.Shift(-p.File.Start(i)), "${"+name+"}")
	}
	costs := ""
	if p.in.Name == "FROM" {
		first = p.Graph.Stages[0].Steps[0]
	} else {
		found := map[*stages.Step]bool{}
		p.rerun(first.Stage, first.N, false, found)
		if len(found) > 0 {
			costs = " (" + price(len(found)) + ")"
		}
	}
	c.Insert(rewrite.Above(first), rewrite.Keyword(first, "ARG")+" "+name+"="+value)
	return made(Extract, fmt.Sprintf("Extract %s to ARG %s, for %s%s", words.Code(value), name, words.Count(len(places), "place"), costs), c)
}

// expanded are those of the places where the new variable is expanded to its value.
func (p place) expanded(edits []text.Edit, name string, places []text.Span) (kept []text.Span) {
	doc := p.after(edits)
	table := doc.Occurrences()
	n := 0
	for i, in := range doc.File.Instructions {
		for at := 0; n < len(places); n++ {
			next := strings.Index(in.Text[at:], "${"+name+"}")
			if next < 0 {
				break
			}
			at += next + len("${")
			r, ok := table.At(doc.File.Start(i) + at)
			if !ok || r.Kind != occurrences.Variable || r.Name != name || r.Defines || r.By != occurrences.Builder && r.By != occurrences.BuildShell {
				continue
			}
			if list := table.Definitions(r); len(list) == 1 && !list[0].Env {
				kept = append(kept, places[n])
			}
		}
	}
	return kept
}

// nameFor is a name for an ARG with the value that nothing else has in the file.
func (p place) nameFor(value string) string {
	name := "VALUE"
	switch {
	case p.in.Name == "FROM" && !strings.ContainsAny(value, "/:"):
		image, _, _ := strings.Cut(path.Base(p.in.Words[0].Text), ":")
		name = variableName(image) + "_VERSION"
	case p.in.Name == "FROM":
		name = "BASE_IMAGE"
	case version.MatchString(value) && !strings.Contains(value, "/"):
		name = "VERSION"
	case strings.Contains(value, "://"):
		name = "URL"
	case strings.HasPrefix(value, "/"):
		name = "DIR"
	case p.in.Name == "EXPOSE":
		name = "PORT"
	}
	for n, free := 2, name; ; n++ {
		_, set := p.step.Stage.Vars().Lookup(free)
		if !set && !contains(p.File.Src, free) && !isGiven(free) {
			return free
		}
		free = fmt.Sprintf("%s_%d", name, n)
	}
}

// contains reports whether a text has a word.
func contains(src, word string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).MatchString(src)
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// variableName is a word in the form of the names of variables.
func variableName(word string) string {
	name := strings.Trim(strings.ToUpper(notInNames.ReplaceAllString(word, "_")), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return "IMAGE"
	}
	return name
}
