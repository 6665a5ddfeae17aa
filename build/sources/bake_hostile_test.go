package sources

import (
	"fmt"
	"strings"
	"testing"
)

// A chain of targets each of which inherits the arguments of all before is too much work, which is told.
func TestBakeInheritingChain(t *testing.T) {
	var b strings.Builder
	b.WriteString("target \"t0\" {}\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "target \"t%d\" {\n  inherits = [\"t%d\"]\n  args = { A%d = \"a\" }\n}\n", i+1, i, i)
	}
	r := readTexts(map[string]string{"docker-bake.hcl": b.String(), "Dockerfile": "FROM x\n"}, "docker-bake.hcl")
	if !hasNote(r, "too many steps") {
		t.Errorf("%d builds, %v", len(r.Builds), r.Notes)
	}
}

// A path that is absolute on any system lies outside.
func TestAbsolutePaths(t *testing.T) {
	for _, path := range []string{"/srv/x", "~/x", "C:/x", `C:\x`} {
		r := readTexts(map[string]string{"compose.yaml": "services:\n  a:\n    build: '" + path + "'\n"}, "compose.yaml")
		if len(r.Builds) != 0 || !hasNote(r, "outside of the workspace") {
			t.Errorf("%s: %v, %v", path, r.Builds, r.Notes)
		}
	}
}
