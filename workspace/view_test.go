package workspace

import (
	"context"
	"testing"

	"layerwise/dockerfile/text"
)

// TestStatesShareResults: a state that was there before the first results of its document starts from them too. The first
// check of a large file takes longer than the next key, and each state would begin anew.
func TestStatesShareResults(t *testing.T) {
	const doc = "file:///nowhere/Dockerfile"
	w := New()
	w.Open(doc, "", "Dockerfile", "dockerfile", 1, "FROM a:1 AS a\nRUN sudo x\nFROM b:1\nRUN sudo y\n")
	first := w.Snapshot(doc)
	w.Change(doc, 2, func(d *Draft) {
		d.Edit(text.Edit{Span: text.Span{Start: 38, End: 38}, New: "z"})
	})
	second := w.Snapshot(doc)
	found := first.Results(context.Background())
	if got := second.all[0].newest.Load(); len(found) != 1 || got != found[0] {
		t.Errorf("the second state starts from %p, not from the first's results %v", got, found)
	}
}
