package navigation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/language"
	"layerwise/language/navigation"
)

// TestRenameOfRealNames changes names in real Dockerfiles: the graph stays as it is but for the name, and the way back
// leads to the same bytes.
func TestRenameOfRealNames(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	renamed, files := 0, 0
	for name, src := range corpus.Some(t, 4, seed) {
		files++
		doc := document(src)
		table := doc.Occurrences()
		var refs []occurrences.Ref
		for i := range doc.File.Instructions {
			refs = append(refs, table.In(i)...)
		}
		for range min(4, len(refs)) {
			r := refs[random.IntN(len(refs))]
			done, err := renames(doc, table.Span(r).Start)
			if err != nil {
				t.Errorf("%s: %s: %v", name, r.Name, err)
			}
			if done {
				renamed++
			}
		}
	}
	if renamed < files/3 {
		t.Errorf("only %d names were changed", renamed)
	}
}

const fresh = "zz_fresh"

// renames changes the name at a place, and back; done is false if it cannot be changed.
func renames(doc *language.Document, offset int) (done bool, err error) {
	span, name, err := navigation.Renameable(doc, offset)
	if err != nil || strings.Contains(doc.File.Src, fresh) {
		return false, nil
	}
	change, err := navigation.Rename(doc, offset, fresh)
	if err != nil {
		return false, nil // said for people
	}
	for _, e := range change.Edits {
		if doc.File.Instructions[doc.File.Index(e.Span.Start)].Cmd() == nil {
			return true, nil // it may become one that BuildKit takes
		}
	}
	after := document(text.Apply(doc.File.Src, change.Edits))
	if err := sameGraph(doc.Graph, after.Graph, name); err != nil {
		return false, err
	}
	exact := true
	for _, e := range change.Edits {
		exact = exact && e.Span.Of(doc.File.Src) == name
	}
	r, _ := doc.Occurrences().At(span.Start)
	switch {
	case r.Kind == occurrences.Variable && !occurrences.IsVariableName(name):
		return true, nil // ENV takes names that nobody can use, and that are not given
	case r.Kind == occurrences.Stage && slices.ContainsFunc(after.Occurrences().Stages(), func(s occurrences.Ref) bool { return strings.EqualFold(s.Name, name) }):
		return true, nil // no stage is given the name of another one
	}
	at := strings.Index(after.File.Src, fresh)
	if at < 0 {
		return false, fmt.Errorf("the new name is not in the text")
	}
	back, err := navigation.Rename(after, at, name)
	if err != nil {
		return false, fmt.Errorf("the way back: %w", err)
	}
	if src := text.Apply(after.File.Src, back.Edits); exact && src != doc.File.Src {
		return false, fmt.Errorf("the way back leads to %q, not to %q", src, doc.File.Src)
	}
	return true, nil
}

// sameGraph compares two states of a file of which one calls fresh what the other calls by a name.
func sameGraph(before, after *stages.Graph, name string) error {
	if len(before.File.Instructions) != len(after.File.Instructions) || len(before.Stages) != len(after.Stages) {
		return fmt.Errorf("%d instructions in %d stages have become %d in %d", len(before.File.Instructions), len(before.Stages), len(after.File.Instructions), len(after.Stages))
	}
	for i := range before.File.Instructions {
		a, b := before.StepAt(i), after.StepAt(i)
		if (a.Instr.Cmd() == nil) != (b.Instr.Cmd() == nil) || a.Instr.Name != b.Instr.Name {
			return fmt.Errorf("line %d is no longer what it was", before.Line(a))
		}
		if x, y := indices(before.Sources(a)), indices(after.Sources(b)); !slices.Equal(x, y) {
			return fmt.Errorf("line %d took files from the stages %v, and now from %v", before.Line(a), x, y)
		}
		if a.Workdir != b.Workdir || a.User != b.User {
			return fmt.Errorf("line %d: %v %v is now %v %v", before.Line(a), a.Workdir, a.User, b.Workdir, b.User)
		}
	}
	for i, a := range before.Stages {
		b := after.Stages[i]
		if (a.Parent == nil) != (b.Parent == nil) || a.Parent != nil && a.Parent.Index != b.Parent.Index || a.Parent == nil && a.Base != b.Base {
			return fmt.Errorf("stage %d builds on something else", i)
		}
		if b.Name != a.Name && b.Name != fresh {
			return fmt.Errorf("stage %d is called %s", i, b.Name)
		}
		x, y := variables(a), variables(b)
		if !slices.Equal(x, y) {
			for n := range x {
				if cut, ok := strings.CutPrefix(x[n], name+"="); ok {
					x[n] = fresh + "=" + cut
				}
			}
			slices.Sort(x)
			if !slices.Equal(x, y) {
				return fmt.Errorf("the variables of stage %d were %q, and are %q", i, x, y)
			}
		}
	}
	return nil
}

func indices(list []*stages.Stage) (numbers []int) {
	for _, s := range list {
		numbers = append(numbers, s.Index)
	}
	return numbers
}

// variables are those at the end of a stage, with what is known of their values.
func variables(s *stages.Stage) (list []string) {
	s.Vars().All(func(v *stages.Scope) bool {
		if v.Step != nil {
			list = append(list, fmt.Sprintf("%s=%v %v %v", v.Name, v.Value.Known, v.Env, v.Value.Text))
		}
		return true
	})
	slices.Sort(list)
	return list
}

// TestHalfOfRealFiles asks everything of the beginnings of real Dockerfiles.
func TestHalfOfRealFiles(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	for name, src := range corpus.Some(t, 4, seed) {
		for range 3 {
			n := random.IntN(len(src) + 1)
			doc := document(src[:n])
			for _, at := range []int{n, max(0, n-1), max(0, n-5), random.IntN(n + 1)} {
				if err := asks(doc, at); err != nil {
					t.Errorf("%s, the first %d bytes, at %d: %v", name, n, at, err)
				}
			}
		}
	}
}

// asks asks everything at a place, and looks at the places that the answers name.
func asks(doc *language.Document, at int) error {
	var spans []text.Span
	for _, ask := range []func(*language.Document, int) (text.Span, []navigation.Target){navigation.Definition, navigation.Declaration} {
		origin, targets := ask(doc, at)
		spans = append(spans, origin)
		for _, target := range targets {
			if target.Full.Start > target.Span.Start || target.Full.End < target.Span.End {
				return fmt.Errorf("%v lies outside of its instruction %v", target.Span, target.Full)
			}
			spans = append(spans, target.Span, target.Full)
		}
	}
	highlights := navigation.Highlights(doc, at)
	last := -1
	for _, h := range highlights {
		if h.Span.Start < last {
			return fmt.Errorf("%v comes after %d", h.Span, last)
		}
		last = h.Span.End
		spans = append(spans, h.Span)
	}
	spans = append(spans, navigation.References(doc, at, true)...)
	linked, _ := navigation.Linked(doc, at)
	spans = append(spans, linked...)
	lines := doc.File.Lines()
	for _, span := range linked {
		if span.Of(doc.File.Src) != linked[0].Of(doc.File.Src) || lines.Line(span.Start) != lines.Line(span.End) {
			return fmt.Errorf("%v is not the same as %v", span, linked[0])
		}
	}
	if span, _, err := navigation.Renameable(doc, at); err == nil {
		spans = append(spans, span)
		if !slices.ContainsFunc(highlights, func(h navigation.Highlight) bool { return h.Span == span }) {
			return fmt.Errorf("%v can be changed, and is not shown", span)
		}
	}
	for _, span := range spans {
		if span.Start < 0 || span.End < span.Start || span.End > len(doc.File.Src) {
			return fmt.Errorf("%v lies outside of the file", span)
		}
	}
	return nil
}

// FuzzNavigation asks everything of any text, and changes the name there and back.
func FuzzNavigation(f *testing.F) {
	f.Add("ARG A=1\nFROM a AS b\nARG A\nENV B=$A\nRUN A=2; echo $A '$B' \"${C:-$B}\"\nFROM b\nCOPY --from=b --chown=x:y a /\n", 60)
	f.Add("FROM a AS B\nRUN <<E cat <<-\"F\"\n$x\nE\n\tF\nONBUILD COPY --from=b $x /y\nFROM b AS c\nFROM B\nUSER x\n", 10)
	f.Add("# escape=`\nFROM a AS b\nARG LO`\nNG=1\nRUN --mount=from=b,target=$LONG x $LONG\nCMD [\"sh\", \"-c\", \"$LONG\"]\n", 30)
	f.Fuzz(func(t *testing.T, src string, at int) {
		if at < 0 || at > len(src) || len(src) > 2000 {
			return
		}
		doc := document(src)
		if err := asks(doc, at); err != nil {
			t.Fatalf("%q at %d: %v", src, at, err)
		}
		if _, err := renames(doc, at); err != nil {
			t.Fatalf("%q at %d: %v", src, at, err)
		}
	})
}
