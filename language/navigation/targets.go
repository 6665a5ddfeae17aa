package navigation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/text"
	"layerwise/language"
)

// BuildTarget is a place outside of the Dockerfile where a build names a stage.
type BuildTarget struct {
	File string    // as the workspace calls it
	Path string    // absolute
	Line int       // from 1: where the name stands, or where what is said of the build begins
	Span text.Span // the name in the text of the file; empty if it was not found
	Sure bool      // Span is the name, it stands there as it is, and no other Dockerfile is built with it
}

// Targets are the places where builds name the stage that the name under the cursor means, or the named context.
func Targets(doc *language.Document, offset int) []BuildTarget {
	r, ok := at(doc, offset)
	if !ok {
		return nil
	}
	table := doc.Occurrences()
	if stage, ok := table.StageOf(r); ok {
		return StageTargets(doc, stage)
	}
	if r.Kind == occurrences.Stage && table.KindOf(r) == occurrences.Context {
		return contextPlaces(doc, r.Name)
	}
	return nil
}

// contextPlaces are the places where builds give a named context its name, each once.
func contextPlaces(doc *language.Document, name string) (list []BuildTarget) {
	for _, b := range doc.Builds() {
		for context, what := range b.Contexts {
			if !strings.EqualFold(context, name) || b.Path == "" {
				continue
			}
			t := BuildTarget{File: b.File, Path: b.Path, Line: b.Line}
			if what.At.Line > 0 {
				t.Path, t.Line = what.At.Path, what.At.Line
			}
			if src, ok := doc.Text(t.Path); ok && what.At.Line > 0 {
				t.Span = wordIn(src, t.Line, context)
			}
			if !slices.ContainsFunc(list, func(o BuildTarget) bool { return o.Path == t.Path && o.Line == t.Line }) {
				list = append(list, t)
			}
		}
	}
	return list
}

// wordIn is the place of a name in a line, given from 1; empty if it does not stand there.
func wordIn(src string, line int, name string) text.Span {
	of := text.NewLines(src).Span(line - 1)
	m := regexp.MustCompile(`(?:^|[^\w.-])(` + regexp.QuoteMeta(name) + `)(?:[^\w.-]|$)`).FindStringSubmatchIndex(of.Of(src))
	if m == nil {
		return text.Span{}
	}
	return text.Span{Start: m[2], End: m[3]}.Shift(of.Start)
}

// StageTargets are the places where builds name a stage, given by its index, each once.
func StageTargets(doc *language.Document, stage int) (list []BuildTarget) {
	table := doc.Occurrences()
	def, ok := table.NameOf(stage)
	if !ok || slices.ContainsFunc(table.Stages(), func(o occurrences.Ref) bool { return o.Name == def.Name && o.Index > def.Index }) {
		return nil // a build takes the last one of a name
	}
	for _, b := range doc.Builds() {
		if b.Path == "" || !strings.EqualFold(b.Target, def.Name) {
			continue
		}
		t := BuildTarget{File: b.File, Path: b.Path, Line: b.Line}
		if b.TargetAt.Line > 0 {
			t.Path, t.Line = b.TargetAt.Path, b.TargetAt.Line
		}
		if src, ok := doc.Text(t.Path); ok {
			t.Span, t.Sure = targetIn(src, t.Line, b.Target, b.TargetAt.Line > 0)
		}
		if !slices.ContainsFunc(list, func(o BuildTarget) bool { return o.Path == t.Path && o.Line == t.Line && o.Span == t.Span }) {
			list = append(list, t)
		}
	}
	return list
}

// targetIn is the place of a stage's name behind the word "target": the only one of a line if that is known, or else
// the first from the line on.
func targetIn(src string, line int, stage string, exact bool) (span text.Span, sure bool) {
	lines := text.NewLines(src)
	from := lines.Span(line - 1)
	if !exact {
		from.End = len(src)
	}
	named := regexp.MustCompile(`\btarget\S{0,3}[ \t:=]*["']?(` + regexp.QuoteMeta(stage) + `)(?:["'\s,;}\]]|$)`)
	found := named.FindAllStringSubmatchIndex(from.Of(src), 2)
	if len(found) == 0 {
		return text.Span{}, false
	}
	span = text.Span{Start: found[0][2], End: found[0][3]}.Shift(from.Start)
	before := src[from.Start:span.Start]
	return span, exact && len(found) == 1 && written(src, span) && !strings.Contains(before, "#") && !strings.Contains(before, "//") // of a comment
}

// written reports whether a name stands where it is said itself, and not by a name of a variable, which HCL has without quotes.
func written(src string, span text.Span) bool {
	quoted := span.Start > 0 && strings.ContainsRune(`"'`, rune(src[span.Start-1]))
	before := strings.TrimRight(src[:span.Start], " \t")
	return quoted || strings.HasSuffix(before, ":") || strings.HasSuffix(strings.TrimSuffix(before, "="), "--target")
}

// retarget changes the name of a stage where builds name it. left are the files in which it cannot be changed.
func retarget(doc *language.Document, r occurrences.Ref, name string) (changes []FileChange, left []string) {
	for _, t := range Targets(doc, doc.Occurrences().Span(r).Start) {
		if !t.Sure {
			if !slices.Contains(left, t.File) {
				left = append(left, t.File)
			}
			continue
		}
		i := slices.IndexFunc(changes, func(c FileChange) bool { return c.Path == t.Path })
		if i < 0 {
			i = len(changes)
			changes = append(changes, FileChange{Path: t.Path})
		}
		changes[i].Edits = append(changes[i].Edits, rewrite.Names([]rewrite.Named{{Span: t.Span, New: name}})...)
	}
	for _, c := range changes {
		slices.SortFunc(c.Edits, func(a, b text.Edit) int { return a.Span.Start - b.Span.Start })
	}
	return changes, left
}

// leftNote says which files have to be changed by hand.
func leftNote(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return fmt.Sprintf("%s builds the stage by its name: change its target too", strings.Join(files, ", "))
}
