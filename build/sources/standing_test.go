package sources

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// typed is a workspace with a source that someone types in.
type typed struct {
	t     *testing.T
	index *Index
	root  string
	file  string
}

func typing(t *testing.T, file, saved string) typed {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{file: saved, "api/Dockerfile": "FROM a:1 AS prod\n", "web/Dockerfile": "FROM a:1\n"} {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return typed{t, NewIndex(root), root, file}
}

// now is what is known when the source has a text in the editor.
func (e typed) now(text string) *Known {
	e.t.Helper()
	abs := filepath.Join(e.root, filepath.FromSlash(e.file))
	known, err := e.index.Changed(context.Background(), map[string]string{abs: text}, abs)
	if err != nil {
		e.t.Fatal(err)
	}
	return known
}

// TestTypingASourceKeepsItsBuilds: key by key, the Dockerfile's build is always known, and is always at its line.
func TestTypingASourceKeepsItsBuilds(t *testing.T) {
	for _, test := range []struct {
		name, file, before, typed, after string
		key                              string // the line of the build
	}{
		{"a service below", "compose.yaml", "services:\n  api:\n    build:\n      context: api\n", "  web:\n    image: \"acme/web:${TAG:-1}\"\n    build: {context: web, args: {A: '1', B: [}}", "", "  api:"},
		{"a service above", "compose.yaml", "services:\n", "  web:\n    build:\n      context: web\n      args: {A: \"b\"}\n    ports: [\"80:80\"]", "\n  api:\n    build:\n      context: api\n", "  api:"},
		{"a key of the build", "compose.yaml", "services:\n  api:\n    build:\n      context: api\n", "      target: prod\n      args:\n        - A=1\n        B: '2'\n", "    restart: always\n", "  api:"},
		{"a key of the file", "compose.yaml", "", "name: \"my project\"\nx-common: &common\n  restart: always", "\nservices:\n  api:\n    build:\n      context: api\n", "  api:"},
		{"a job", ".github/workflows/ci.yml", "jobs:\n  build:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: api}\n", "  other:\n    steps:\n      - run: \"echo\"\n      - uses: [a, {b}]", "", "      - uses: docker/build-push-action@v6"},
		{"a bake target", "docker-bake.hcl", "target \"api\" {\n  context = \"api\"\n}\n", "target \"web\" {\n  context = \"web\"\n  args = { A = upper(\"b\") }\n}\n", "", "target \"api\" {"},
		{"a bake target in JSON", "docker-bake.json", "{\"target\": {\n  \"api\": {\"context\": \"api\"}", ",\n  \"web\": {\"context\": \"web\", \"args\": {\"A\": \"1\"}}", "\n}}\n", "  \"api\": {\"context\": \"api\"}"},
		{"a script", "package.json", "{\"scripts\": {\n  \"build\": \"docker build api\"", ",\n  \"test\": \"echo \\\"x\\\"\"", "\n}}\n", "  \"build\": \"docker build api\""},
		{"a container", ".devcontainer/devcontainer.json", "{\n  \"build\": {\"dockerfile\": \"../api/Dockerfile\"}", ",\n  // more\n  \"features\": {\"a\": {}}", "\n}\n", "  \"build\": {\"dockerfile\": \"../api/Dockerfile\"}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := typing(t, test.file, test.before+test.after)
			if e.now(test.before + test.after); len(e.index.Known().Of("api/Dockerfile")) != 1 {
				t.Fatalf("before: %v, %v", e.index.Known().Builds, e.index.Known().Notes)
			}
			broken := 0
			for n := range len(test.typed) + 1 {
				text := test.before + test.typed[:n] + test.after
				known := e.now(text)
				builds := known.Of("api/Dockerfile")
				if len(builds) == 0 {
					t.Fatalf("its build is not known when the file is\n%s", text)
				}
				lines := strings.Split(text, "\n")
				if at := builds[0].Place.Line; at < 1 || at > len(lines) || !strings.HasPrefix(lines[at-1], strings.TrimRight(test.key, "}")) {
					t.Fatalf("its build is on line %d of\n%s", at, text)
				}
				said := 0
				for _, note := range known.Notes {
					if note.File == test.file && strings.Contains(note.Message, "does not parse now") {
						said++
					}
				}
				if does := fault(test.file, text) == nil; (said == 0) != does {
					t.Fatalf("it parses: %v; notes %v of\n%s", does, known.Notes, text)
				}
				broken += said
			}
			if broken == 0 {
				t.Error("the file always parses: nothing was tried")
			}
		})
	}
}

// TestTextThatNeverParsedSaysNothing: only what did parse once stands for an open file.
func TestTextThatNeverParsedSaysNothing(t *testing.T) {
	const good, bad = "services: {api: {build: api}}\n", "services: {api: {build: api}\n"
	for _, test := range []struct {
		name, saved string
		texts       []string
		want        []int // builds after each text
	}{
		{"on disk", good, []string{bad, good, bad + "x", "services: {}\n", bad}, []int{1, 1, 1, 0, 0}},
		{"nowhere", bad, []string{bad, bad + ",", good}, []int{0, 0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := typing(t, "compose.yaml", test.saved)
			var got []int
			for _, text := range test.texts {
				got = append(got, len(e.now(text).Builds))
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("%v builds, want %v", got, test.want)
			}
			// Closed, the file is what is saved.
			known, err := e.index.Update(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Count(test.saved, good); len(known.Builds) != want || len(known.Notes) != 1-want {
				t.Errorf("closed: %v, %v", known.Builds, known.Notes)
			}
		})
	}
}
