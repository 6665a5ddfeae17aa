package sources

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestIndexKeepsWhatIsCalled: what a source calls is not read again with each change of another, but it is when one of
// its own files changes, or appears.
func TestIndexKeepsWhatIsCalled(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("Dockerfile", "FROM alpine\n")
	write("stack.yml", "services: {api: {build: {context: ., args: {A: $A, B: $B}}}}\n")
	write("app.hcl", "variable \"A\" {}\ntarget \"app\" { args = { A = A } }\n")
	write("calls.sh", "export A=1\ndocker compose -f stack.yml build\ndocker buildx bake -f app.hcl app\n")
	write("other.sh", "docker build --build-arg N=0 .\n")
	x := NewIndex(root)
	update := func() string {
		known, err := x.Update(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return lines(&known.Result)
	}
	const other = "other.sh:1 shell \"other.sh\": Dockerfile, folder ., arg N=0\n"
	want := func(app, stack string) string { return app + other + stack }
	first := want("app.hcl:2 bake \"app\": Dockerfile, folder ., arg A=1, default\n", "stack.yml:1 compose \"api\": Dockerfile, folder ., arg A=1, arg B, default\n")
	if got := update(); got != first {
		t.Errorf("got\n%swant\n%s", got, first)
	}
	write("other.sh", "docker build --build-arg N=12 .\n")
	update()
	write("other.sh", "docker build --build-arg N=0 .\n")
	if got := update(); got != first {
		t.Errorf("after a change of another source: got\n%swant\n%s", got, first)
	}
	for _, change := range []struct{ file, text, want string }{
		{"app.hcl", "variable \"A\" {}\ntarget \"app\" { args = { C = A } }\n",
			want("app.hcl:2 bake \"app\": Dockerfile, folder ., arg C=1, default\n", "stack.yml:1 compose \"api\": Dockerfile, folder ., arg A=1, arg B, default\n")},
		{".env", "B=2\n",
			want("app.hcl:2 bake \"app\": Dockerfile, folder ., arg C=1, default\n", "stack.yml:1 compose \"api\": Dockerfile, folder ., arg A=1, arg B=2, default\n")},
		{"stack.yml", "services: {web: {build: {context: .}}}\n",
			want("app.hcl:2 bake \"app\": Dockerfile, folder ., arg C=1, default\n", "stack.yml:1 compose \"web\": Dockerfile, folder ., default\n")},
	} {
		write(change.file, change.text)
		if got := update(); got != change.want {
			t.Errorf("after a change of %s: got\n%swant\n%s", change.file, got, change.want)
		}
	}
}

// TestPlaceOfTarget: where the target stands, by anchors, overrides and inheritance too; nothing where the same line says it of
// another Dockerfile, or the text does not parse.
func TestPlaceOfTarget(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"Dockerfile": "FROM a AS x\n", "b/Dockerfile": "FROM a AS x\n",
		"compose.yaml":    "x-own: &own\n  context: .\n  target: x\nx-both: &both\n  target: x\nservices:\n  a: {build: *own}\n  b: {build: {<<: *both, context: .}}\n  c: {build: {<<: *both, context: b}}\n",
		"docker-bake.hcl": "target \"base\" {\n  target = \"x\"\n}\ntarget \"d\" {\n  inherits = [\"base\"]\n}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	index := NewIndex(root)
	places := func(overlay map[string]string) string {
		known, err := index.Update(t.Context(), overlay)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, b := range known.Builds {
			at := b.At.Target
			if at.Shared {
				at.File, at.Line = "shared", 0
			}
			list = append(list, fmt.Sprintf("%s %s:%d", b.Name, at.File, at.Line))
		}
		slices.Sort(list)
		return strings.Join(list, ", ")
	}
	if got, want := places(nil), "a compose.yaml:3, b shared:0, c shared:0, d docker-bake.hcl:2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	broken := map[string]string{filepath.Join(root, "docker-bake.hcl"): "target \"base\" {\n  target = \"x\n}\n"}
	if got, want := places(broken), "a compose.yaml:3, b shared:0, c shared:0, d docker-bake.hcl:0"; got != want {
		t.Errorf("of a text that does not parse: got %s, want %s", got, want)
	}
}
