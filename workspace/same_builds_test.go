package workspace

import (
	"testing"

	"layerwise/diagnostics"
)

// TestSameBuilds: whatever rules may ask of a build makes it another one, so that an edit of a workflow is not missed.
func TestSameBuilds(t *testing.T) {
	plain := Build{Name: "a"}
	for what, other := range map[string]Build{
		"target":            {Name: "a", Target: "t"},
		"unknown argument":  {Name: "a", Unknown: []string{"A"}},
		"changing argument": {Name: "a", Changing: []string{"A"}},
		"exported cache":    {Name: "a", Export: diagnostics.CacheExport{Where: "compose.yaml"}},
	} {
		if sameBuilds([]Build{plain}, []Build{other}) {
			t.Errorf("another %s makes no difference", what)
		}
	}
	if !sameBuilds([]Build{plain}, []Build{plain}) {
		t.Error("a build is not the same as itself")
	}
}
