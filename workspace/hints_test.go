package workspace_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"layerwise/workspace"
)

// TestHints reads which kinds of hints are switched on or off, and says what is wrong with the others.
func TestHints(t *testing.T) {
	file, problems := workspace.ParseConfig("/p/.layerwise.yaml", "hints:\n  files: false\n  stage: false\n  variables: off\n")
	want := `/p/.layerwise.yaml:3:3: there is no hint "stage"; did you mean "stages"?` + "\n" +
		"/p/.layerwise.yaml:4:14: the hint variables must be true or false\n"
	said := ""
	for _, p := range problems {
		said += p.Error() + "\n"
	}
	if said != want || !maps.Equal(file.Hints, map[string]bool{"files": false}) {
		t.Errorf("hints %v, problems\n%swant\n%s", file.Hints, said, want)
	}
	editor, err := workspace.FromJSON([]byte(`{"hints": {"files": true, "stages": false, "sizes": true}}`))
	if err == nil || !strings.Contains(err.Error(), `there is no hint "sizes"`) {
		t.Errorf("error %v", err)
	}
	if _, err := workspace.FromJSON([]byte(`{"hints": {"files": "off"}}`)); err == nil {
		t.Error("a word is taken for a truth value")
	}
	// The file wins over the editor, kind by kind.
	if got := fmt.Sprint(workspace.Merge(editor, file).Hints); got != "map[files:false stages:false]" {
		t.Errorf("together %s", got)
	}
}
