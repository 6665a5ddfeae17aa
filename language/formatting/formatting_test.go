package formatting

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
)

// TestCases formats examples. "options" names what differs from the default. In want, a blank at the end of a line
// is a dot, for readers.
func TestCases(t *testing.T) {
	cases.Run(t, "testdata/formatting.txtar", func(t *testing.T, c cases.Case) string {
		opts := Options{}
		for _, o := range strings.Fields(c.Files["options"]) {
			switch o {
			case "lower", "keep":
				opts.KeywordCase = o
			case "two":
				opts.Indent = "  "
			case "run":
				opts.RunIndentation = true
			default:
				t.Fatalf("no option %q", o)
			}
		}
		src := strings.ReplaceAll(c.Files["Dockerfile"], "·", " ")
		format := func(f *syntax.File) []text.Edit { return Document(f, opts) }
		if law := broken(src, format); law != "" && !opts.RunIndentation {
			t.Error(law)
		}
		return strings.ReplaceAll(Apply(syntax.Parse(src), opts), " \n", "·\n")
	})
}

// TestOnNewline begins a line at the bar.
func TestOnNewline(t *testing.T) {
	for _, c := range []struct{ before, want string }{
		{"FROM a\nRUN x \\\n|\n", "    "},
		{"FROM a\nRUN x \\\n  y \\\n|\n", "  "},
		{"FROM a\nRUN x \\\n  y \\\n  |\n", ""},
		{"FROM a\nRUN x\n|\n", ""},
		{"FROM a\nRUN x \\\n|y\n", ""},
		{"FROM a\nRUN <<E\n  y \\\n|\nE\n", ""},
		{"FROM a\n# c \\\n|\n", ""},
		{"# escape=`\nFROM a\nCOPY a C:\\x\\\n|\n", ""},
		{"# escape=`\nFROM a\nCOPY a `\n|\n", "    "},
		{"FROM a\nENV A=\"x \\\n|", ""},
		{"FROM a\nENV A=\"x\" B='it\" \\\n|", ""},
		{"FROM a\nENV A=\"x\\\"\" \\\n|", "    "},
		{"FROM a\nRUN echo 'it is' && \\\n  # it's\n  echo don\\'t \\\n|", "  "},
		{"FROM a\nRUN echo \"a \\\n|\n  b\"", ""},
		{"FROM a\nR\\\n|\nUN x", ""},
	} {
		at := strings.Index(c.before, "|")
		src := strings.Replace(c.before, "|", "", 1)
		got := ""
		for _, e := range OnNewline(syntax.Parse(src), Options{}, at) {
			got += e.New
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.before, got, c.want)
		}
	}
}

// TestOnEscape types the escape character before the bar.
func TestOnEscape(t *testing.T) {
	for _, c := range []struct{ before, want string }{
		{"FROM a\nRUN x \\|\n\nRUN y\n", "FROM a\nRUN x \\\n    \nRUN y\n"},
		{"FROM a\nRUN x \\\n  y \\|  \n", "FROM a\nRUN x \\\n  y \\  \n  "},
		{"FROM a\nRUN x \\|\n y\n", "FROM a\nRUN x \\\n y\n"},
		{"FROM a\nRUN x \\|", "FROM a\nRUN x \\"},
		{"FROM a\nRUN x \\|y\n\n", "FROM a\nRUN x \\y\n\n"},
		{"FROM a\n# x \\|\n\n", "FROM a\n# x \\\n\n"},
		{"FROM a\nRUN <<E\nx \\|\n\nE\n", "FROM a\nRUN <<E\nx \\\n\nE\n"},
		{"# escape=`\nFROM a\nCOPY a C:\\x\\|\n\n", "# escape=`\nFROM a\nCOPY a C:\\x\\\n\n"},
		{"# escape=`\nFROM a\nCOPY a `|\n\n", "# escape=`\nFROM a\nCOPY a `\n    \n"},
	} {
		at := strings.Index(c.before, "|")
		src := strings.Replace(c.before, "|", "", 1)
		if got := text.Apply(src, OnEscape(syntax.Parse(src), Options{}, at)); got != c.want {
			t.Errorf("%q: %q, want %q", c.before, got, c.want)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	for _, n := range []int{200, 2000, 10_000} {
		src := strings.Repeat("RUN  echo a && \\\n  b \nCOPY  a b \\\n c /d/\n\n\nenv a=b  c=d\n", n/3)
		f := syntax.Parse("FROM alpine\n" + src)
		Document(f, Options{})
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Document(f, Options{})
			}
		})
	}
}
