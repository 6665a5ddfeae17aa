package completion_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/language"
	"layerwise/language/completion"
)

var update = flag.Bool("update", false, "write what is found instead of comparing")

const cases = "testdata/completion.txtar"

// project are the files of the build context in the cases.
var project = map[string]string{
	"package.json": `{"scripts": {"build": "vite build", "test": "vitest"}}`, "package-lock.json": "{}", "requirements.txt": "flask", "go.mod": "module m", "src/a.js": "12", "src/lib/b.js": "345", "a file.txt": "1",
	"node_modules/x": "", ".dockerignore": "node_modules\n",
}

func document(src string) *language.Document {
	f := syntax.Parse(src)
	return &language.Document{
		File: f, Graph: stages.Resolve(f, stages.Args{Image: images.Base}, nil), Contexts: []string{"assets"},
		Listed: func() *files.Context { return files.InMemory(project) },
		BuiltBy: func() []language.Build {
			return []language.Build{{Source: language.Source{File: "compose.yaml"}, Target: "production", Args: map[string]string{"VERSION": "1"}, Secrets: []string{"npmrc"}, SSH: []string{"deploy"}, Platforms: []string{"linux/arm64"}}}
		},
		Known: func() []language.Image {
			return []language.Image{{Ref: "python:3.12-slim", File: "other/Dockerfile"}, {Ref: "acme/base", File: "compose.yaml", Made: true}}
		},
		IDs: func() []language.MountID {
			return []language.MountID{{Kind: "secret", Name: "aws", File: "other/Dockerfile"}, {Kind: "ssh", Name: "gitlab", File: "bake.hcl"}, {Kind: "secret", Name: "npmrc", File: "compose.yaml"}}
		},
		Rules: func() []language.Rule {
			return []language.Rule{{ID: "copy-before-install", Doc: "sources are copied before the install"}, {ID: "latest-tag", Doc: "the tag moves", Hadolint: []string{"DL3007"}}}
		},
	}
}

// marked is the text of a case without its mark, and where that was.
func marked(f txtar.File) (src string, at int) {
	src = strings.TrimSuffix(string(f.Data), "\n")
	at = strings.LastIndexByte(src, '|')
	return src[:at] + src[at+1:], at
}

// accepted is the text after an item was taken.
func accepted(src string, it completion.Item) string {
	return src[:it.Replace.Start] + it.Text + src[it.Replace.End:]
}

func TestCompletion(t *testing.T) {
	archive, err := txtar.ParseFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, "/want") {
			continue
		}
		src, at := marked(f)
		items, _ := completion.At(document(src), at)
		got := shown(src, items)
		out.Files = append(out.Files, f, txtar.File{Name: f.Name + "/want", Data: []byte(got)})
		if *update {
			continue
		}
		if i+1 == len(archive.Files) || archive.Files[i+1].Name != f.Name+"/want" {
			t.Errorf("%s has no want", f.Name)
		} else if want := string(archive.Files[i+1].Data); got != want {
			t.Errorf("%s\n%sgot\n%swant\n%s", f.Name, f.Data, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(cases, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shown are the first items of a place, as the cases have them.
func shown(src string, items []completion.Item) string {
	var got strings.Builder
	for i, it := range items {
		if i == maxShown {
			fmt.Fprintf(&got, "… %d more\n", len(items)-i)
			break
		}
		after := accepted(src, it)
		line, _, _ := strings.Cut(after[strings.LastIndexByte(after[:it.Replace.Start], '\n')+1:], "\n")
		fmt.Fprintf(&got, "%s: %s", it.Label, strings.ReplaceAll(line, " ", "·"))
		if it.Detail != "" {
			fmt.Fprintf(&got, "  (%s)", it.Detail)
		}
		if t := it.Template; t != nil {
			text := t.Text
			for _, stop := range slices.Backward(t.Stops) {
				text = text[:stop.Start] + "«" + stop.Of(t.Text) + "»" + text[stop.End:]
			}
			fmt.Fprintf(&got, "  or %s", strings.ReplaceAll(text, "\n", "⏎"))
		}
		for _, e := range it.Also {
			fmt.Fprintf(&got, "  and %q at %d", e.New, e.Span.Start)
		}
		got.WriteByte('\n')
	}
	return got.String()
}

const maxShown = 12
