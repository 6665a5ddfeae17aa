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

// TestExportsToo: of builds that are alike, the one that exports all steps does so for the others.
func TestExportsToo(t *testing.T) {
	none := Build{Name: "none"}
	result := Build{Name: "result", Export: diagnostics.CacheExport{Where: "line 9 of a.yml"}}
	all := Build{Name: "all", Export: diagnostics.CacheExport{Where: "line 19 of a.yml", All: true}}
	for _, c := range []struct {
		builds []Build
		want   diagnostics.CacheExport
	}{
		{[]Build{none, none}, none.Export},
		{[]Build{none, result}, result.Export},
		{[]Build{result, none}, result.Export},
		{[]Build{result, all}, all.Export},
		{[]Build{all, result}, all.Export},
	} {
		views, _ := viewsOf(c.builds)
		if len(views) != 1 || views[0].build.Export != c.want {
			t.Errorf("%s and %s: %d views, %+v", c.builds[0].Name, c.builds[1].Name, len(views), views[0].build.Export)
		}
	}
}
