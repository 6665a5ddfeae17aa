// Package completion says what may be typed at a place of a Dockerfile: by the table of the language, the names that the
// file has, the build context, what programs and images are known, and what usually comes next.
package completion

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/cursor"
)

// Kind is what an item is.
type Kind int

// The kinds of items.
const (
	Keyword Kind = iota
	Flag
	Value
	Stage
	Image
	Variable
	File
	Folder
	Rule
	Command // of a shell
)

// Item is something that may be typed.
type Item struct {
	Label      string
	Kind       Kind
	Detail     string      // a few words
	Doc        string      // Markdown: what it does, to layers and the cache too
	Text       string      // what is put in the place of the span
	Template   *Template   // the same and more, for editors in which people fill in parts; nil if there is nothing to fill in
	Also       []text.Edit // elsewhere in the file, on other lines
	Insert     text.Span
	Replace    text.Span // contains Insert, and goes on to the end of the word; both are on the cursor's line
	Filter     string    // what the typed text is compared with
	Bucket     int       // items of a lower one come first
	Deprecated bool
	Commits    string // characters that take the item when they are typed, and stand behind it then
}

// The buckets that several kinds of items share a place with.
const (
	flagBucket = 500 // behind what may stand in the place of a flag
	jsonBucket = 450
)

// list collects the items for a place.
type list struct {
	doc   *language.Document
	place cursor.Place
	items []Item
	more  bool
}

// At are the items for a place, the likely ones first. more reports that there may be others, or better ones, when
// something more is typed, or a moment later.
func At(doc *language.Document, offset int) (items []Item, more bool) {
	l := &list{doc: doc, place: cursor.At(doc.File, offset)}
	if l.gap() || l.glued() {
		return nil, false
	}
	switch p := &l.place; p.Kind {
	case cursor.Keyword:
		l.keywords()
	case cursor.Flag:
		l.flags()
	case cursor.FlagValue:
		l.flagValue()
	case cursor.MountKey:
		l.mountKeys()
	case cursor.MountValue:
		l.mountValue()
	case cursor.Argument:
		l.argument()
	case cursor.String:
		if p.Name == "CMD" || p.Name == "ENTRYPOINT" {
			l.copiedPaths()
		} else {
			l.path(p.N)
		}
	case cursor.Array:
		l.array()
	case cursor.Shell:
		l.command()
	case cursor.Variable:
		l.variables()
	case cursor.Modifier:
		l.modifiers()
	case cursor.Heredoc:
		l.delimiter()
		l.script()
	case cursor.DirectiveName:
		l.directives()
	case cursor.DirectiveValue:
		l.directiveValue()
	}
	if l.place.Kind == cursor.Comment || l.place.Kind == cursor.DirectiveName || l.place.Kind == cursor.DirectiveValue {
		l.ignores()
	}
	slices.SortStableFunc(l.items, func(a, b Item) int { return a.Bucket - b.Bucket })
	return l.items, l.more
}

// gap reports whether the place is on an empty line inside an instruction, above the rest of it, or before a comment there: nothing
// belongs there.
func (l *list) gap() bool {
	p := &l.place
	if p.Kind == cursor.Keyword && !p.OnBuild || p.Kind == cursor.Heredoc || l.between() {
		return false
	}
	lines := l.doc.File.Lines()
	line := lines.Span(lines.Line(p.Offset))
	end := l.doc.File.Start(p.Index) + p.Instr.Body.End
	if before := l.doc.File.Src[line.Start:p.Offset]; line.Start > l.doc.File.Start(p.Index)+p.Instr.Keyword.Start && strings.TrimSpace(before) == "" &&
		strings.HasPrefix(strings.TrimSpace(line.Of(l.doc.File.Src)), "#") && p.Kind != cursor.Comment {
		return true
	}
	return strings.TrimSpace(line.Of(l.doc.File.Src)) == "" && line.End < end && strings.TrimSpace(l.doc.File.Src[line.End:end]) != ""
}

// glued reports whether what is typed would run into the word that stands behind the cursor, or into one before it that is none of
// this place.
func (l *list) glued() bool {
	p := &l.place
	rest := l.doc.File.Src[p.Word.End:]
	switch p.Kind {
	case cursor.Keyword, cursor.Argument, cursor.Shell:
		if at := p.Word.Start; p.Word.Len() == 0 && at > 1 && l.doc.File.Src[at-2:at] == "--" {
			return true // which ends the flags
		}
		return p.Typed == "" && rest != "" && !strings.ContainsAny(rest[:1], " \t\r\n")
	}
	return false
}

// add adds an item for the place's word, unless what is typed does not fit.
func (l *list) add(it Item) {
	l.addAt(it, l.place.Word)
}

// addAt adds an item that replaces a span.
func (l *list) addAt(it Item, span text.Span) {
	if it.Text == "" {
		it.Text = it.Label
	}
	if it.Filter == "" {
		it.Filter = it.Label
	}
	if !fits(l.doc.File.Src[span.Start:l.place.Offset], it.Filter) {
		return
	}
	it.Insert = text.Span{Start: span.Start, End: l.place.Offset}
	it.Replace = span
	l.items = append(l.items, it)
}

// fits reports whether what is typed may become the filter text: its letters stand there in their order, from the first
// on, and so does the first letter behind signs such as "--" and "${".
func fits(typed, filter string) bool {
	typed, filter = strings.ToLower(typed), strings.ToLower(filter)
	if typed == "" {
		return true
	}
	const signs = "-${"
	word, of := strings.TrimLeft(typed, signs), strings.TrimLeft(filter, signs)
	if filter == "" || typed[0] != filter[0] || word != "" && (of == "" || word[0] != of[0]) {
		return false
	}
	for i := 0; i < len(typed); i++ {
		n := strings.IndexByte(filter, typed[i])
		if n < 0 {
			return false
		}
		filter = filter[n+1:]
	}
	return true
}

// step is the step of the instruction at the place, or, on a line between two, of the one above; nil if there is none.
func (l *list) step() *stages.Step {
	i := l.place.Index
	if l.between() {
		i--
	}
	if i < 0 || i >= len(l.doc.File.Instructions) {
		return nil
	}
	return l.doc.Graph.StepAt(i)
}

// between reports whether the place is before the keyword of its instruction, or behind all.
func (l *list) between() bool {
	in := l.place.Instr
	return in == nil || l.place.Offset < l.doc.File.Start(l.place.Index)+in.Start()
}

// stage is the number of the stage that the place is in; -1 before the first FROM. A FROM is in its own.
func (l *list) stage() int {
	if s := l.step(); s != nil && s.Stage != nil {
		return s.Stage.Index
	}
	return -1
}

// above are the steps of the stage above the place, and of those that it builds on, the nearest first. The walk ends when
// see returns false.
func (l *list) above(see func(*stages.Step) bool) {
	step := l.step()
	if step == nil || step.Stage == nil {
		return
	}
	n := step.N
	if l.between() {
		n++ // the one above counts
	}
	for stage := step.Stage; stage != nil; stage = stage.Parent {
		for i := min(n, len(stage.Steps)) - 1; i >= 0; i-- {
			if !see(stage.Steps[i]) {
				return
			}
		}
		n = 1 << 30
	}
}

// commands are those of a RUN; none of other steps, and if they cannot be read.
func commands(s *stages.Step) []*shell.Command {
	if s.Instr.Name != "RUN" {
		return nil
	}
	return shell.Of(s.Instr, s.Shell).Commands
}

// lineEnds reports whether nothing but blanks stands behind the word on the line.
func (l *list) lineEnds() bool {
	rest := l.doc.File.Src[l.place.Word.End:]
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	return strings.TrimSpace(rest[:end]) == ""
}
