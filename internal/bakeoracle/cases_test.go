package bakeoracle

import (
	"slices"
	"strings"
	"testing"

	"layerwise/internal/cases"
)

// refused are cases that buildx refuses as a whole, or reads elsewhere, and why.
var refused = map[string]string{
	"unknown-paths":         "an empty name is inherited from",
	"inherits-from-nothing": "a target is missing",
	"matrix":                "one matrix has no name, and one makes a name twice",
	"what-bake-refuses":     "of the mistakes in it",
	"variables-in-circles":  "variables refer to each other",
	"mistakes":              "of the mistakes in it",
	"called-in-the-root":    "it is in a folder",
	"called-in-its-folder":  "it is in a folder",
	"both-folders-fit":      "it is in a folder",
	"neither-folder-fits":   "it is in a folder",
	"other-names":           "it needs -f",
	"calls":                 "it needs -f",
}

// TestCases compares the cases of the reader's own tests.
func TestCases(t *testing.T) {
	compared := 0
	cases.Run(t, "../../build/sources/testdata/bake.txtar", func(t *testing.T, c cases.Case) string {
		files := c.Without("want")
		builds, services := byLayerwise(t, files)
		differences, _, err := compare(files, builds, services)
		why, named := refused[c.Name]
		switch {
		case err != nil && !named:
			t.Errorf("buildx refuses it: %v", err)
		case err == nil && named:
			t.Errorf("buildx reads it, although %s", why)
		case err == nil:
			compared++
		}
		slices.Sort(differences)
		if len(differences) > 0 {
			t.Error(strings.Join(differences, "\n"))
		}
		return c.Files["want"]
	})
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
}
