package syntax

import (
	"strings"
	"testing"

	"layerwise/dockerfile/text"
)

// TestTooLarge checks that a text over the limit says so and nothing else, and that an edit across
// the limit gives what Parse gives.
func TestTooLarge(t *testing.T) {
	src := "FROM a\n" + strings.Repeat("RUN x\n", MaxLines-1)
	f := Parse(src)
	if len(f.Instructions) != MaxLines || len(f.Errors) != 0 {
		t.Fatalf("at the limit: %d instructions, errors %v", len(f.Instructions), f.Errors)
	}
	at := text.Span{Start: len(src), End: len(src)}
	over := f.Edit([]text.Edit{{Span: at, New: "RUN y\n"}})
	if len(over.Instructions) != 0 || len(over.Errors) != 1 {
		t.Fatalf("over the limit: %d instructions, errors %v", len(over.Instructions), over.Errors)
	}
	back := over.Edit([]text.Edit{{Span: text.Span{Start: len(src), End: len(over.Src)}}})
	if err := sameTree(back, f); err != nil {
		t.Fatal(err)
	}
}
