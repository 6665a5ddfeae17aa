package completion_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/language/completion"
)

// state counts the instructions and flags that do not exist, and the instructions.
func state(src string) (unknown, instructions int) {
	f := syntax.Parse(src)
	for _, in := range f.Instructions {
		for _, e := range in.Errors() {
			if e.Rule != syntax.SyntaxError { // which an unfinished instruction has its own of
				unknown++
			}
		}
	}
	return unknown, len(f.Instructions)
}

// templated is the text after an item was taken by an editor in which people fill in parts, before they do.
func templated(src string, it completion.Item) string {
	if it.Template == nil {
		return accepted(src, it)
	}
	it.Text = it.Template.Text
	return accepted(src, it)
}

// alsoEdited is the text after an item was taken, with what it changes elsewhere, which is above.
func alsoEdited(src string, it completion.Item) string {
	after := accepted(src, it)
	for _, e := range slices.Backward(it.Also) {
		after = after[:e.Span.Start] + e.New + after[e.Span.End:]
	}
	return after
}

// begins reports whether the letters of what is typed stand in the filter text in their order, as editors ask for.
func begins(filter, typed string) bool {
	filter = strings.ToLower(filter)
	for _, r := range strings.ToLower(typed) {
		n := strings.IndexRune(filter, r)
		if n < 0 {
			return false
		}
		filter = filter[n+utf8.RuneLen(r):]
	}
	return true
}

// laws checks what holds for all items of a place, and returns how many there are. Some of the items are accepted, or all.
func laws(t *testing.T, name, src string, at int, all bool) int {
	doc := document(src)
	lines := doc.File.Lines()
	line := lines.Span(lines.Line(at))
	items, _ := completion.At(doc, at)
	before, count := state(src)
	for n, it := range items {
		where := fmt.Sprintf("%s: at %d, %s", name, at, it.Label)
		if it.Insert.End != at || it.Insert.Start < line.Start || it.Replace.Start != it.Insert.Start || it.Replace.End < at || it.Replace.End > line.End {
			t.Errorf("%s: insert %v, replace %v, line %v", where, it.Insert, it.Replace, line)
			return n
		}
		if it.Label == "" || strings.ContainsAny(it.Label+it.Detail, "\n\r") {
			t.Errorf("%s: more than a line: %+v", where, it)
		}
		for _, e := range it.Also {
			if e.Span.Start >= line.Start && e.Span.Start <= line.End && e.Span.Start != line.Start {
				t.Errorf("%s: also edits the line of the cursor: %+v", where, e)
			}
		}
		if typed := src[it.Insert.Start:at]; !begins(it.Filter, typed) {
			t.Errorf("%s: an editor would not show it for %q: its filter is %q", where, typed, it.Filter)
		}
		other := it.Kind == completion.Keyword && it.Replace.End > at // another keyword, whose flags and arguments are still to change
		// A quote that goes may have hidden the sign of a here-document.
		quoted := strings.ContainsAny(it.Replace.Of(src), "\"'")
		if it.Detail == "ends the here-document" || strings.Contains(it.Replace.Of(src), "<<") {
			continue // what stands below it is no text any more
		}
		directive := strings.Contains(it.Label, "escape") || it.Label == "`" || it.Label == `\`
		if (all || n < 3 || n == at%len(items)) && len(src) < 5_000 && !other && !directive {
			for _, after := range []string{accepted(src, it), templated(src, it), alsoEdited(src, it)} {
				if u, c := state(after); u > before || c < count && !quoted {
					t.Errorf("%s makes of %q: %q", where, src[max(0, at-80):min(len(src), at+40)], after[max(0, at-80):min(len(after), at+60)])
					return n
				}
			}
		}
	}
	return len(items)
}

func TestLaws(t *testing.T) {
	archive, err := txtar.ParseFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	items := 0
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, "/want") {
			src, at := marked(f)
			items += laws(t, f.Name, src, at, true)
		}
	}
	if items < 90 {
		t.Errorf("only %d items", items)
	}
}

// TestPrefixes asks at the end of a beginning of a real file, as if that was just typed, and at the same place of the
// whole.
func TestPrefixes(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	items := 0
	for name, src := range corpus.Some(t, 4, seed) {
		if len(src) > 20_000 {
			continue
		}
		at := random.IntN(len(src) + 1)
		items += laws(t, name, src[:at], at, false)
		items += laws(t, name, src, at, false)
	}
	if items < 100 && !testing.Short() {
		t.Errorf("only %d items", items)
	}
}

// FuzzAt holds the laws for any text and place.
func FuzzAt(f *testing.F) {
	archive, err := txtar.ParseFile(cases)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range archive.Files {
		if !strings.HasSuffix(c.Name, "/want") {
			src, at := marked(c)
			f.Add(src, uint(at))
		}
	}
	f.Fuzz(func(t *testing.T, src string, at uint) {
		if len(src) > 2000 || !utf8.ValidString(src) {
			return
		}
		n := int(at % uint(len(src)+1))
		for n > 0 && n < len(src) && !utf8.RuneStart(src[n]) {
			n--
		}
		laws(t, "fuzz", src, n, true)
	})
}
