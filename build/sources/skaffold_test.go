package sources

import (
	"fmt"
	"strings"
	"testing"
)

func TestSkaffoldManyArtifacts(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  - image: i%d\n    docker: {target: t%d}\n", i, i)
	}
	r := readTexts(map[string]string{"skaffold.yaml": b.String(), "Dockerfile": "FROM x\n"}, "skaffold.yaml")
	if len(r.Builds) != 10_000 || len(r.Notes) != 0 || r.Builds[9_999].Target != "t9999" {
		t.Errorf("%d builds, %v", len(r.Builds), r.Notes)
	}
}

// FuzzSkaffold reads made-up files, and checks the laws of all sources.
func FuzzSkaffold(f *testing.F) {
	for _, c := range seeds(f, "testdata/skaffold.txtar", "skaffold.yaml") {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !isKnown(src) {
			t.Skip()
		}
		checkLaws(t, map[string]string{"skaffold.yaml": src, "a/skaffold.dev.yaml": src, "Dockerfile": "FROM x\n"})
	})
}
