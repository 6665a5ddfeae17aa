package copies_test

import (
	"path"
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// FuzzOperands: a COPY with the operands that are written for a name takes the file of that name.
func FuzzOperands(f *testing.F) {
	for _, name := range []string{"a", "my file", "$a/b", "it's", `q"u`, "[x]", "--f", "-g", "größe", "a,b", "`x`", `","`, "#a", "<a>", "a&b"} {
		f.Add(name, true)
		f.Add(name, false)
	}
	f.Fuzz(func(t *testing.T, name string, backtick bool) {
		head, escape := "", byte('\\')
		if backtick {
			head, escape = "# escape=`\n", '`'
		}
		if len(name) > 255 || path.Clean("/p/"+name) != "/p/"+name {
			t.Skip("not a name of a file")
		}
		text, ok := copies.Operands(escape, []string{"p/" + name, name}, "./"+copies.Word(escape, "d"+name)+"/")
		if !ok {
			t.Skip("no COPY can name it")
		}
		g := stages.Resolve(syntax.Parse(head+"FROM scratch\nCOPY "+text+"\n"), stages.Args{}, nil)
		c, ok := copies.Of(g.Stages[0].Steps[1])
		if !ok {
			t.Fatalf("COPY %s cannot be read", text)
		}
		for i, want := range []string{"p/" + name, name} {
			if got := strings.ReplaceAll(c.Sources[i], "[[]", "["); got != want {
				t.Errorf("COPY %s takes %q, not %q", text, got, want)
			}
		}
		if c.Dest != "/d"+name {
			t.Errorf("COPY %s copies to %q", text, c.Dest)
		}
	})
}
