package hover_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/hover"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// TestHover reads testdata/hover.txtar: the files of a case are its build context; NAME/at lists
// places as line:column, and NAME/want what is said there.
func TestHover(t *testing.T) {
	const file = "testdata/hover.txtar"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	cases := map[string]map[string]string{}
	var names []string
	for _, f := range archive.Files {
		name, rest, _ := strings.Cut(f.Name, "/")
		if cases[name] == nil {
			cases[name] = map[string]string{}
			names = append(names, name)
		}
		cases[name][rest] = string(f.Data)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, "/want") {
			out.Files = append(out.Files, f)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			want := cases[name]["want"]
			got := at(cases[name])
			out.Files = append(out.Files, txtar.File{Name: name + "/want", Data: []byte(got)})
			if got != want && !*update {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func at(c map[string]string) string {
	context := map[string]string{}
	for name, body := range c {
		if name != "at" && name != "want" {
			context[name] = body
		}
	}
	src := c["Dockerfile"]
	f := syntax.Parse(src)
	in := hover.Input{Path: "/Dockerfile", File: f, Graph: stages.Resolve(f, stages.Args{Image: images.Base}, nil), Context: files.InMemory(context)}
	lines := text.NewLines(src)
	var b strings.Builder
	for _, place := range strings.Fields(c["at"]) {
		var line, column int
		fmt.Sscanf(place, "%d:%d", &line, &column)
		markdown, span, ok := hover.At(in, lines.Offset(line-1, column-1, text.UTF16))
		if !ok {
			fmt.Fprintf(&b, "%s: nothing\n", place)
			continue
		}
		first, _, _ := strings.Cut(span.Of(src), "\n")
		fmt.Fprintf(&b, "%s: on %q\n%s\n\n", place, first, strings.TrimSpace(markdown))
	}
	return b.String()
}

// FuzzHover hovers everywhere: no panic, and every span lies in the file.
func FuzzHover(f *testing.F) {
	f.Add("FROM a AS b\nARG X=1\nRUN echo $X ${X:-y}\nCOPY --from=b . .\nWORKDIR /\n")
	f.Add("# layerwise ignore=C01 -- x\nFROM scratch\nENV A 1\nRUN <<EOF\n$A\nEOF\n")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		file := syntax.Parse(src)
		in := hover.Input{File: file, Graph: stages.Resolve(file, stages.Args{Image: images.Base}, nil)}
		for i := 0; i <= len(src); i++ {
			if _, span, ok := hover.At(in, i); ok && (span.Start < 0 || span.End > len(src) || span.Start > span.End) {
				t.Fatalf("the span %v at %d lies outside the file", span, i)
			}
		}
	})
}
