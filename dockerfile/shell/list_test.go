package shell

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
)

// TestList shows the top level of scripts: each statement in brackets, with what joins and ends it.
func TestList(t *testing.T) {
	for _, c := range []struct{ run, want string }{
		{"RUN a && b", `[a] && [b]`},
		{"RUN a; b &", `[a]; ; [b]&bg`},
		{"RUN a && b;", `[a] && [b];`},
		{"RUN a && b &", `[a]bg && [b]&bg`},
		{"RUN (a && b) && c # why", `[(a && b)] && [c]#why`},
		{"RUN ! a > x; b", `[! a > x];not ; [b]`},
		{"RUN if a; then b; fi && c | d", `[if a; then b; fi] && [c | d]`},
		{"RUN a && sh -c 'b; c' || d", `[a] && [sh -c 'b; c'] || [d]`},
		{"RUN a \\\n# inner\n && b", `[a] && [b]`},
		{"RUN <<EOF\na # one\nb\n# two\nEOF", "[a]\n#one ; [b]"},
		{"RUN x=$(a; b) && { c; }", `[x=$(a; b)] && [{ c; }]`},
	} {
		in := syntax.Parse(c.run).Instructions[0]
		s := Of(in, nil)
		var b strings.Builder
		for _, part := range s.List {
			if part.Op != "" {
				fmt.Fprintf(&b, " %s ", part.Op)
			}
			fmt.Fprintf(&b, "[%s]", part.Span.Of(in.Text))
			if part.End != "&&" && part.End != "||" {
				b.WriteString(part.End)
			}
			if part.Background {
				b.WriteString("bg")
			}
			if part.Negated {
				b.WriteString("not")
			}
			if part.Comment.Len() > 0 {
				b.WriteString("#" + strings.TrimLeft(part.Comment.Of(in.Text), "# "))
			}
		}
		if got := b.String(); got != c.want {
			t.Errorf("%q\ngot  %q\nwant %q", c.run, got, c.want)
		}
		for _, cmd := range s.Commands {
			if cmd.Top == nil || cmd.Span.Start < cmd.Top.Span.Start || cmd.Top.Span.End < cmd.Span.End {
				t.Errorf("%q: %s is not inside its statement", c.run, cmd.Program)
			}
		}
	}
}

// TestMayCut tells before which commands a script can be cut in two.
func TestMayCut(t *testing.T) {
	for _, c := range []struct {
		run     string
		errexit bool
		want    string // the programs before which it can
	}{
		{"RUN a && b && c", false, "b c"},
		{"RUN (a && b) && c", false, "c"},
		{"RUN a || b && c", false, "c"},
		{"RUN a && b || c", false, ""},
		{"RUN a && b; c", false, ""},
		{"RUN a; b && c", false, "c"},
		{"RUN a; b && c", true, "b c"},
		{"RUN a && b; c", true, ""},
		{"RUN ! a; c", true, ""},
		{"RUN a && b &", false, ""},
		{"RUN a && ! b", false, "b"},
		{"RUN a && sh -c 'b && c'", false, ""},
		{"RUN a && if b; then c; fi", false, ""},
		{"RUN a && FOO=1 sudo b | c", false, "b"},
		{`RUN ["a", "b"]`, false, ""},
	} {
		s := Of(syntax.Parse(c.run).Instructions[0], nil)
		var can []string
		for _, cmd := range s.Commands {
			if s.MayCutBefore(cmd, c.errexit) == nil {
				can = append(can, cmd.Program)
			}
		}
		if got := strings.Join(can, " "); got != c.want {
			t.Errorf("%s: can be cut before %q, want %q", c.run, got, c.want)
		}
	}
}
