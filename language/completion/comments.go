package completion

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
)

func (l *list) directives() {
	if !l.place.Equal && !l.lineEnds() {
		return // a name or a text stands there already
	}
	for i, d := range grammar.Directives {
		given := false
		for _, other := range l.doc.File.Directives {
			given = given || other.Name == d.Name && !other.Span.Contains(l.place.Offset)
		}
		if given {
			continue
		}
		it := Item{Label: "# " + d.Name, Kind: Keyword, Doc: d.Doc, Bucket: 1 + i}
		typed := strings.TrimLeft(strings.TrimPrefix(l.place.Typed, "#"), " \t")
		it.Filter = l.place.Typed[:len(l.place.Typed)-len(typed)] + d.Name
		it.Text = "# " + d.Name
		if !l.place.Equal {
			it.Text += "="
		}
		l.add(it)
	}
}

func (l *list) directiveValue() {
	d := grammar.FindDirective(l.place.Directive)
	if d == nil {
		return
	}
	l.values(d.Values, "")
	if len(d.Keys) == 0 {
		return
	}
	// The part of the value behind the last ";", and of that the one behind "=" and ",".
	start := l.place.Word.Start + strings.LastIndexByte(l.place.Typed, ';') + 1
	part := l.doc.File.Src[start:l.place.Offset]
	span := l.place.Word
	span.Start, span.End = start, l.place.Offset
	key, value, isValue := strings.Cut(part, "=")
	if !isValue {
		for i, k := range d.Keys {
			l.addAt(Item{Label: k.Name, Kind: Keyword, Text: k.Name + "=", Doc: k.Doc, Bucket: 1 + i}, span)
		}
		return
	}
	span.Start += len(key) + 1 + strings.LastIndexByte(value, ',') + 1
	for _, k := range d.Keys {
		if k.Name != strings.TrimSpace(key) {
			continue
		}
		for i, v := range k.Values {
			l.addAt(Item{Label: v, Kind: Value, Bucket: 1 + i}, span)
		}
		for _, r := range grammar.CheckRules {
			if k.Rules && (k.Name != "experimental" || r.Experimental) {
				l.addAt(Item{Label: r.Name, Kind: Rule, Detail: r.Doc, Bucket: 20}, span)
			}
		}
	}
}

// ignoring are the beginnings of comments that spare something the findings of rules.
var ignoring = []struct{ text, detail string }{
	{"layerwise ignore=", "for the next instruction"},
	{"layerwise ignore-stage=", "for the stage"},
	{"layerwise ignore-file=", "for the file"},
	{"hadolint ignore=", "for the next instruction, by the names of hadolint"},
}

var ruleList = regexp.MustCompile(`^#\s*(?:layerwise\s+ignore(?:-stage|-file)?|(hadolint)\s+(?:global\s+|stage\s+)?ignore)\s*=\s*(?:[\w-]+\s*,\s*)*([\w-]*)$`)

// ignores are the beginnings of comments that name rules, and the rules in one.
func (l *list) ignores() {
	if l.doc.Rules == nil {
		return
	}
	src := l.doc.File.Src
	start := strings.LastIndexByte(src[:l.place.Offset], '\n') + 1
	n := strings.IndexByte(src[start:l.place.Offset], '#')
	if n < 0 {
		return
	}
	start += n
	typed := src[start:l.place.Offset]
	if m := ruleList.FindStringSubmatchIndex(typed); m != nil {
		end := l.place.Offset
		for end < len(src) && (text.IsWord(src[end]) || src[end] == '-') {
			end++
		}
		l.rules(text.Span{Start: start + m[4], End: end}, m[2] >= 0)
		return
	}
	if typed == "#" {
		return // any comment may follow
	}
	end := l.place.Offset
	lead := len(typed) - len(strings.TrimLeft(typed[1:], " \t"))
	for i, c := range ignoring {
		if strings.HasPrefix(c.text, typed[lead:]) {
			l.addAt(Item{Label: "# " + c.text, Kind: Keyword, Detail: c.detail, Doc: "Spares it the findings of the rules that follow. A reason may stand behind ` -- `.", Filter: typed[:lead] + c.text, Bucket: 30 + i}, text.Span{Start: start, End: end})
		}
	}
}

// rules are the names of rules that are not in the comment yet: our own, or hadolint's.
func (l *list) rules(span text.Span, hadolint bool) {
	line := l.doc.File.Lines().Span(l.doc.File.Lines().Line(l.place.Offset)).Of(l.doc.File.Src)
	given := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t=,#", r) })
	for _, r := range l.doc.Rules() {
		ids := []string{r.ID}
		if hadolint {
			ids = r.Hadolint
		}
		for _, id := range ids {
			if !slices.Contains(given, id) {
				l.addAt(Item{Label: id, Kind: Rule, Detail: r.Doc, Bucket: 1}, span)
			}
		}
	}
}
