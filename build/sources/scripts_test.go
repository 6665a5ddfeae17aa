package sources

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"layerwise/internal/corpus"
)

// fuzzSource fuzzes a reader with the text of one file, which is called name. The seeds are the files of a
// text file of cases that have the same base.
func fuzzSource(f *testing.F, cases, name string, more ...string) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", cases))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if !strings.HasSuffix(file.Name, "/want") && !strings.Contains(file.Name, "Dockerfile") {
			f.Add(string(file.Data))
		}
	}
	for _, seed := range more {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkLaws(t, map[string]string{name: src, "Dockerfile": "FROM a\n", "api/Dockerfile": "FROM a\n", "lib.sh": "docker_build() { docker build -t $1 $2; }\n"})
	})
}

func FuzzShell(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "commands.txt"))
	if err != nil {
		f.Fatal(err)
	}
	fuzzSource(f, "shell.txtar", "scripts/x.sh", append(strings.Split(string(text), "\n\n"), ". ./lib.sh; docker_build a .")...)
}

func FuzzMake(f *testing.F)        { fuzzSource(f, "make.txtar", "Makefile") }
func FuzzJust(f *testing.F)        { fuzzSource(f, "just.txtar", "justfile") }
func FuzzTaskfile(f *testing.F)    { fuzzSource(f, "taskfile.txtar", "Taskfile.yml") }
func FuzzPackageJSON(f *testing.F) { fuzzSource(f, "packagejson.txtar", "package.json") }
func FuzzJenkins(f *testing.F)     { fuzzSource(f, "jenkins.txtar", "Jenkinsfile") }

// TestHostileScripts reads texts that are made to take long, or much: each ends with a build that is found,
// or with a note.
func TestHostileScripts(t *testing.T) {
	many := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	tests := []struct {
		name, file, text string
		want             string // part of what is read
	}{
		{"doubling text", "x.sh", "A=xxxxxxxxxxxxxxxx\n" + strings.Repeat("A=$A$A\n", 60) + "docker build --build-arg A=$A .\n", "arg A"},
		{"doubling list", "x.sh", "A=(a b)\n" + strings.Repeat("A=(\"${A[@]}\" \"${A[@]}\")\n", 60) + "docker build -t x .\n", "images [x]"},
		{"loops in loops", "x.sh", strings.Repeat("for a in 1 2 3 4 5 6 7 8 9; do\n", 30) + "docker build -t x .\n" + strings.Repeat("done\n", 30), "too many steps"},
		{"functions that call twice", "x.sh", "f0() { docker build .; }\n" + many(40, func(i int) string { return fmt.Sprintf("f%d() { f%d; f%d; }\n", i+1, i, i) }) + "f40\n", ""},
		{"a function that calls itself", "x.sh", "f() { f; docker build -t x .; f; }\nf\n", "images [x]"},
		{"substitutions in substitutions", "x.sh", "docker build -t x " + strings.Repeat("$(echo ", 500) + "." + strings.Repeat(")", 500), "x.sh:1"},
		{"brackets", "x.sh", "docker build .\n" + strings.Repeat("(", 100_000), "nested too deeply"},
		{"many commands", "x.sh", strings.Repeat("docker build -t x .\n", 10_000), "images [x]"},
		{"one long line", "x.sh", "docker build " + strings.Repeat("--build-arg A=1 ", 1_000) + ".\n", "arg A=1"},
		{"too many words", "x.sh", "docker build " + strings.Repeat("--build-arg A=1 ", 10_000) + ".\n", "more than 4096 words"},
		{"a variable that doubles", "Makefile", "A0 = x\n" + many(60, func(i int) string { return fmt.Sprintf("A%d = $(A%d)$(A%d)\n", i+1, i, i) }) + "a:\n\tdocker build --build-arg A=$(A60) .\n", "arg A"},
		{"a variable of itself", "Makefile", "A = $(A)x\na:\n\tdocker build -t $(A) .\n", "Dockerfile, folder ."},
		{"a function of itself", "Makefile", "f = $(call f,$(1)$(1))\na:\n\tdocker build -t $(call f,x) .\n", "Dockerfile, folder ."},
		{"foreach in foreach", "Makefile", "L = 1 2 3 4 5 6 7 8\nF = $(foreach a,$(L),$(foreach b,$(L),$(foreach c,$(L),$(foreach d,$(L),$(foreach e,$(L),$(foreach f,$(L),$(a)))))))\na:\n\tdocker build --build-arg A=$(F) .\n", "Makefile"},
		{"a rule that makes itself", "Makefile", "define f\n$(eval $(call f,$(1)$(1)))\n$(eval $(call f,$(1)))\nx$(1):\n\tdocker build -t x .\nendef\n$(eval $(call f,x))\na:\n\tdocker build -t last .\n", "images [last]"},
		{"many rules", "Makefile", many(5_000, func(i int) string { return fmt.Sprintf("t%d:\n\tdocker build -t x%d .\n", i, i) }), "images [x9]"},
		{"many patterns", "Makefile", "all: " + many(2_000, func(i int) string { return fmt.Sprintf("i%d ", i) }) + "\n" + strings.Repeat("i%:\n\tdocker build -t $* .\n", 50), "images [0 1 "},
		{"a Makefile that includes itself", "Makefile", strings.Repeat("include Makefile\n", 1000) + "a:\n\tdocker build -t x .\n", "images [x]"},
		{"brackets that stay open", "Makefile", "a:\n\tdocker build " + strings.Repeat("$(", 50_000) + "\n", ""},
		{"expressions in expressions", "justfile", "a := " + strings.Repeat("(", 10_000) + "'x'" + strings.Repeat(")", 10_000) + "\nb:\n  docker build -t {{a}} .\n", "Dockerfile, folder ."},
		{"a variable of just that doubles", "justfile", "a0 := 'x'\n" + many(60, func(i int) string { return fmt.Sprintf("a%d := a%d + a%d\n", i+1, i, i) }) + "b:\n  docker build --build-arg A={{a60}} .\n", ""},
		{"a variable of Task that doubles", "Taskfile.yml", "vars:\n  A0: x\n" + many(60, func(i int) string { return fmt.Sprintf("  A%d: '{{.A%d}}{{.A%d}}'\n", i+1, i, i) }) + "tasks:\n  b: 'docker build --build-arg A={{.A60}} .'\n", ""},
		{"tasks that call each other", "Taskfile.yml", "tasks:\n  a: {cmds: [{task: b, vars: {X: '{{.X}}'}}, 'docker build -t {{.X}} .']}\n  b: {cmds: [{task: a, vars: {X: '{{.X}}'}}, 'docker build -t {{.X}} .']}\n", "Dockerfile, folder ."},
		{"brackets in JSON", "package.json", `{"a": ` + strings.Repeat("[", 100_000) + ` "docker build ."`, ""},
		{"many scripts", "package.json", `{"scripts": {` + many(10_000, func(i int) string { return fmt.Sprintf("\"s%d\": \"docker build -t x%d .\",\n", i, i) }) + `"last": "docker build ."}}`, "images [x9]"},
		{"quotes that stay open", "Jenkinsfile", strings.Repeat("sh \"docker build .\n", 5_000), ""},
		{"many stages", "Jenkinsfile", strings.Repeat("stage('a') { dir('api') { sh 'docker build -t x .'\n", 300), "images [x]"},
		{"a byte order mark and CRLF", "x.sh", "\ufeffA=api\r\ndocker build -t x \\\r\n  $A\r\n", "api/Dockerfile"},
		{"CRLF in a Makefile", "Makefile", "\ufeffA = api\r\na:\r\n\tdocker build -t x \\\r\n\t  $(A)\r\n", "Makefile:3 make \"a\": api/Dockerfile"},
		{"zero bytes", "x.sh", "docker build -t x .\n\x00\x00", ""},
		{"the marks that the readers use", "x.sh", "docker build -t x " + root + "/api --build-arg A=" + unknown + root + "\n", "x.sh:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			corpus.InTurn(t, 6)
			_, res := checkLaws(t, map[string]string{tt.file: tt.text, "Dockerfile": "FROM a\n", "api/Dockerfile": "FROM a\n"})
			got := lines(res)
			if !strings.Contains(got, tt.want) {
				t.Errorf("got\n%s\nwant it to have %q", got[:min(len(got), 2000)], tt.want)
			}
		})
	}
}

// TestScriptsOutside: a script may not lead out of the workspace, neither by a path nor by a link.
func TestScriptsOutside(t *testing.T) {
	dir := t.TempDir()
	out, in := filepath.Join(dir, "out"), filepath.Join(dir, "in")
	for _, folder := range []string{out, in} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		filepath.Join(out, "Dockerfile"): "FROM secret\n",
		filepath.Join(out, "lib.sh"):     "docker_build() { docker build -t from-outside .; }\n",
		filepath.Join(out, "x.mk"):       "IMAGE = from-outside\n",
		filepath.Join(in, "Dockerfile"):  "FROM a\n",
		filepath.Join(in, "x.sh"):        ". ./lib.sh\n. ../out/lib.sh\ndocker_build\ndocker build -f link/Dockerfile .\ndocker build ../out\ncat ../out/Dockerfile | docker build -\n",
		filepath.Join(in, "Makefile"):    "include ../out/x.mk\ninclude link/x.mk\na:\n\tdocker build -t $(IMAGE) .\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": out, "lib.sh": filepath.Join(out, "lib.sh")} {
		if err := os.Symlink(to, filepath.Join(in, link)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	files, err := NewFiles(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	got := lines(Read(context.Background(), files, []string{"Makefile", "x.sh"}))
	want := `Makefile:4 make "a": Dockerfile, folder ., default
note: x.sh:4: this build is not known: there is no file link/Dockerfile
note: x.sh:5: this build is not known: its Dockerfile, ../out/Dockerfile, lies outside of the workspace
note: x.sh:6: this build is not known: its Dockerfile, ../out/Dockerfile, lies outside of the workspace
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
