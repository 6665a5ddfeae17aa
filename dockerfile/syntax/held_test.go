package syntax

import "testing"

// TestHeld: what an ONBUILD holds is an instruction whose places are those in the ONBUILD.
func TestHeld(t *testing.T) {
	for _, c := range []struct{ src, name, args, joined string }{
		{"FROM a\nONBUILD RUN echo a\n", "RUN", "echo a", "RUN echo a"},
		{"FROM a\n# hello\n\n onbuild   run  --network=none echo a", "RUN", "echo a", "run  --network=none echo a"},
		{"FROM a\nONBUILD \\\n  # comment\n  RUN echo a \\\n    b\n", "RUN", "echo a \\\n    b", "  RUN echo a     b"},
		{"FROM a\r\nONBUILD RUN echo \\\r\n a\r\n", "RUN", "echo \\\r\n a", "RUN echo  a"},
		{"# escape=`\nFROM a\nONBUILD RUN echo `\n a\n", "RUN", "echo `\n a", "RUN echo  a"},
		{"FROM a\nONBUILD RUN <<EOF\necho a\nEOF\n", "RUN", "<<EOF", "RUN <<EOF"},
		{"FROM a\nONBUILD COPY [\"a\", \"b\"]\n", "COPY", `["a", "b"]`, `COPY ["a", "b"]`},
		{"FROM a\nONBUILD FROM b\n", "", "", ""},
		{"FROM a\nONBUILD\n", "", "", ""},
		{"FROM a\nRUN ONBUILD\n", "", "", ""},
	} {
		in := Parse(c.src).Instructions[1]
		held := in.Held()
		if held == nil {
			if c.name != "" {
				t.Errorf("%q holds nothing", c.src)
			}
			continue
		}
		if held.Name != c.name || held.Args.Of(in.Text) != c.args || held.Joined().Line != c.joined || len(held.Text) != len(in.Text) || held.Body.End != in.Body.End {
			t.Errorf("%q holds %s %q, %q", c.src, held.Name, held.Args.Of(in.Text), held.Joined().Line)
		}
		if len(held.Heredocs) != len(in.Heredocs) || len(held.Heredocs) > 0 && held.Heredocs[0] != in.Heredocs[0] {
			t.Errorf("%q: other here-documents: %v", c.src, held.Heredocs)
		}
	}
}
