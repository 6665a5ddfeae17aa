package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// knownOf is what sources say, given by their names.
func knownOf(t *testing.T, files map[string]string) *Known {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	known, err := NewIndex(root).Update(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// TestPlaces: where a source says what a build is made of. A place is a line with its column, or a line alone where the text
// does not stand there as it is.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"compose.yaml", "services:\n  a:\n    build:\n      context: ./api\n      dockerfile: x.Dockerfile\n      target: prod\n      args:\n        - A=1\n        - B\n", "context 4:16, file 5:19, target 6:15, A 8:11, B 9:11"},
		{"compose.yaml", "services: {a: {build: {context: api, dockerfile: 'x.Dockerfile', target: \"prod\", args: {A: 1}}}}\n", "context 1:33, file 1:51, target 1:75, A 1:89"},
		{"compose.yaml", "services:\n  a:\n    build:\n      context: ${DIR:-api}\n      dockerfile: x.Dockerfile # x.Dockerfile\n      target: ${T:-prod}\n", "context 4, file 5, target 6"},
		{"compose.yaml", "x-a: &a\n  context: api\n  dockerfile: x.Dockerfile\nservices:\n  a:\n    build:\n      <<: *a\n      target: dev\n  b:\n    build: {<<: *a, target: prod}\n", "context 2:12, file 3:15, target 8:15; context 2:12, file 3:15, target 10:29"},
		{"docker-bake.hcl", "target \"a\" {\n  context = \"api\"\n  dockerfile = \"x.Dockerfile\"\n  target = \"prod\"\n  args = {\n    A = \"1\"\n  }\n}\n", "context 2:14, file 3:17, target 4:13, A 6:5"},
		{"docker-bake.json", "{\"target\": {\"a\": {\n  \"context\": \"api\",\n  \"dockerfile\": \"x.Dockerfile\",\n  \"args\": {\n    \"A\": \"1\"}\n}}}\n", "context 2:15, file 3:18, A 5:6"},
		{"docker-bake.hcl", "target \"base\" {\n  context = \"api\"\n  args = { A = \"1\" }\n}\ntarget \"a\" {\n  inherits = [\"base\"]\n  dockerfile = \"x.Dockerfile\"\n}\ngroup \"default\" { targets = [\"a\"] }\n", "context 2:14, file 7:17, A 3:12"},
		{".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: api\n          file: api/x.Dockerfile\n          target: prod\n          build-args: |\n            A=1\n            B=${{ github.sha }}\n", "context 6:20, file 7:17, target 8:19, A 10:13, B 11:13"},
		{".github/workflows/a.yml", "jobs:\n  a:\n    strategy: {matrix: {t: [prod]}}\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: api\n          file: api/x.Dockerfile\n          target: ${{ matrix.t }}\n", "context 7:20, file 8:17, target 9"},
		{".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          true\n          docker build -f api/x.Dockerfile \\\n            --target=prod --build-arg A=1 api\n", "context 7:43, file 6:27, target 7:22, A 7:39"},
		{"Makefile", "T = prod\nbuild:\n\tdocker build \\\n\t\t--target $(T) \\\n\t\t-f api/x.Dockerfile \\\n\t\tapi\n", "context 6:3, file 5:6, target 4"},
		{"build.sh", "docker buildx build -fapi/x.Dockerfile --build-arg=A=1 \\\n  --build-arg B ./api\n", "context 2:17, file 1, A 1:52, B 2:15"},
		{".gitlab-ci.yml", "a:\n  script:\n    - cd api\n    - /kaniko/executor --context . --dockerfile x.Dockerfile\n", "context 4:34, file 4:49"},
	} {
		files := map[string]string{"api/x.Dockerfile": "FROM a\n", c.file: c.text}
		var builds []string
		for _, b := range knownOf(t, files).Builds {
			var list []string
			tell := func(name string, at Text) {
				start, _, ok := at.In(c.text)
				switch line := strings.LastIndexByte(c.text[:start], '\n') + 1; {
				case at.Line == 0:
				case ok:
					list = append(list, fmt.Sprintf("%s %d:%d", name, at.Line, start-line+1))
				default:
					list = append(list, fmt.Sprintf("%s %d", name, at.Line))
				}
			}
			tell("context", b.At.Context)
			tell("file", b.At.Dockerfile)
			tell("target", b.At.Target)
			for _, name := range sortedKeys(b.At.Args) {
				tell(name, b.At.Args[name])
			}
			builds = append(builds, strings.Join(list, ", "))
		}
		if got := strings.Join(builds, "; "); got != c.want {
			t.Errorf("%s:\n%s\n got %s\nwant %s", c.file, c.text, got, c.want)
		}
	}
}

// TestRenamed: what sources call a file or folder that gets another name, as each spells it.
func TestRenamed(t *testing.T) {
	const (
		compose  = "services:\n  a:\n    build:\n      context: ./api/\n      dockerfile: x.Dockerfile\n"
		above    = "services: {a: {build: {context: ., dockerfile: api/x.Dockerfile}}}\n"
		bake     = "variable \"F\" { default = \"api/x.Dockerfile\" }\ntarget \"a\" {\n  dockerfile = \"./api/x.Dockerfile\"\n}\ntarget \"b\" {\n  dockerfile = F\n}\n"
		anchored = "x-a: &a\n  dockerfile: x.Dockerfile\nservices:\n  a: {build: {<<: *a, context: api}}\n  b: {build: {<<: *a, context: web}}\n"
		workflow = "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {file: api/x.Dockerfile}\n      - run: docker build -f x.Dockerfile .\n        working-directory: api\n"
	)
	for _, c := range []struct{ what, file, text, old, new, want string }{
		{"the Dockerfile", "compose.yaml", compose, "api/x.Dockerfile", "api/Dockerfile", "5 Dockerfile"},
		{"into a folder", "compose.yaml", compose, "api/x.Dockerfile", "api/docker/Dockerfile", "5 docker/Dockerfile"},
		{"out of the context", "compose.yaml", compose, "api/x.Dockerfile", "docker/api.Dockerfile", "5 ../docker/api.Dockerfile"},
		{"the context", "compose.yaml", compose, "api", "services/backend", "4 ./services/backend/"},
		{"a folder that a path leads through", "compose.yaml", above, "api", "backend", "1 backend/x.Dockerfile"},
		{"the folder of the source", "deploy/compose.yaml", "services: {a: {build: {context: ../api, dockerfile: x.Dockerfile}}}\n", "deploy", "ops/deploy", "1 ../../api"},
		{"not what a variable names", "docker-bake.hcl", bake, "api/x.Dockerfile", "api/Dockerfile", "3 ./api/Dockerfile"},
		{"not what is said of another Dockerfile too", "compose.yaml", anchored, "api/x.Dockerfile", "api/Dockerfile", ""},
		{"inputs and commands", ".github/workflows/a.yml", workflow, "api/x.Dockerfile", "api/Dockerfile", "5 api/Dockerfile, 6 Dockerfile"},
		{"the folder of a command", ".github/workflows/a.yml", workflow, "api", "backend", "5 backend/x.Dockerfile"},
		{"not a name that needs quotes", "compose.yaml", compose, "api/x.Dockerfile", "api/the Dockerfile", ""},
		{"out of the workspace", "compose.yaml", compose, "api/x.Dockerfile", "../Dockerfile", ""},
		{"another file", "compose.yaml", compose, "api/main.js", "api/index.js", ""},
	} {
		known := knownOf(t, map[string]string{"api/x.Dockerfile": "FROM a\n", "web/x.Dockerfile": "FROM a\n", c.file: c.text})
		var got []string
		for _, r := range known.Renamed(func(name string) (string, bool) {
			if rest, ok := strings.CutPrefix(name, c.old); ok && (rest == "" || rest[0] == '/') {
				name = c.new + rest
			}
			return name, !strings.HasPrefix(name, "../")
		}) {
			if _, _, ok := r.Stands(c.text); ok {
				got = append(got, fmt.Sprintf("%d %s", r.At.Line, r.New))
			}
		}
		slices.Sort(got)
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

// TestLinesOfAStandingText: while a source does not parse, places above and below what is being typed are known, and none in it.
func TestLinesOfAStandingText(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM a AS x\n", "compose.yaml": "services:\n  a: {build: {context: ., target: x}}\n  b:\n    build:\n      context: .\n      target: x\n  c:\n    build: {context: ., target: x}\n"}
	known := knownOf(t, files)
	index := NewIndex(known.Root)
	if _, err := index.Update(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	abs := filepath.Join(known.Root, "compose.yaml")
	typed := strings.Replace(files["compose.yaml"], "      target: x\n", "      target: [x\n\n", 1)
	known, err := index.Update(t.Context(), map[string]string{abs: typed})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range known.Builds {
		got = append(got, fmt.Sprintf("%s context %d target %d", b.Name, b.At.Context.Line, b.At.Target.Line))
	}
	if got, want := strings.Join(got, ", "), "a context 2 target 2, b context 5 target 0, c context 9 target 9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
