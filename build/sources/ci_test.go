package sources

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"layerwise/internal/corpus"
)

// TestHostileCI reads files of CI that are made to cost much. Each ends, says what it left out, and most
// still find the build that stands beside that.
func TestHostileCI(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	laughs := "a0: &a0 [x, x]\n"
	for i := 1; i < 25; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	calls := map[string]string{}
	for i := range 9 {
		calls[fmt.Sprintf(".github/workflows/w%d.yml", i)] = "on: {workflow_call: {inputs: {x: {type: string}}}}\njobs:\n" +
			many(12, fmt.Sprintf("  j#: {uses: ./.github/workflows/w%d.yml, with: {x: \"${{ inputs.x }}#\"}}\n", i+1))
	}
	calls[".github/workflows/w9.yml"] = "on: {workflow_call: {inputs: {x: {type: string}}}}\njobs:\n  b: {steps: [{uses: docker/build-push-action@v6, with: {context: ., build-args: \"X=${{ inputs.x }}\"}}]}\n"
	calls[".github/workflows/ci.yml"] = "on: push\njobs:\n  j: {uses: ./.github/workflows/w0.yml, with: {x: a}}\n  end: {steps: [{uses: docker/build-push-action@v6}]}\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		builds int    // at least
		note   string // a part of one
	}{
		{"10,000 jobs", map[string]string{".github/workflows/a.yml": "jobs:\n" + many(10_000, "  j#: {steps: [{run: docker build -t a# .}]}\n")}, 5_000, ""},
		{"a matrix of 40 to the fifth", map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    strategy:\n      matrix:\n" +
			many(5, "        x#: ["+strings.TrimSuffix(many(40, "#, "), ", ")+"]\n") +
			"    steps: [{uses: docker/build-push-action@v6, with: {build-args: \"A=${{ matrix.x4 }}\"}}]\n"}, 1, "more than 256 combinations"},
		{"calls that multiply", calls, 1, "more than 1000 calls"},
		{"aliases that double", map[string]string{".github/workflows/a.yml": laughs + "jobs:\n  a:\n    strategy: {matrix: {x: *a24}}\n    steps: [{uses: docker/build-push-action@v6}]\n"}, 0, "too many steps"},
		{"an expression that is nested deeply", map[string]string{".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - {uses: docker/build-push-action@v6, with: {build-args: \"A=${{ " + strings.Repeat("(", 100_000) + " }}\"}}\n"}, 1, ""},
		{"texts that double", map[string]string{".github/workflows/a.yml": "env: {A: x" + strings.Repeat("y", 30_000) + "}\njobs:\n  a:\n    env: {B: \"${{ format('{0}{0}{0}', env.A) }}\"}\n    steps:\n" +
			many(2000, "      - {uses: docker/build-push-action@v6, with: {build-args: \"A=${{ format('{0}{0}{0}{0}{0}{0}', env.B) }}\"}}\n")}, 1, ""},
		{"an action that uses itself", map[string]string{".github/actions/a/action.yml": "runs: {using: composite, steps: [{uses: ./.github/actions/a}, {uses: ./.github/actions/a, with: {x: 1}}]}\n",
			".github/workflows/a.yml": "jobs: {a: {steps: [{uses: ./.github/actions/a}, {uses: docker/build-push-action@v6}]}}\n"}, 1, "it calls itself"},
		{"extends in a chain", map[string]string{".gitlab-ci.yml": "j0: {script: [docker build .]}\n" + many(5_000, "k#: {extends: k#x}\nk#x: {extends: j0}\n")}, 1, ""},
		{"scripts that double", map[string]string{".gitlab-ci.yml": laughs + "end: {script: [*a24, docker build .]}\n"}, 1, ""},
		{"references in a circle", map[string]string{".gitlab-ci.yml": "a: {script: [!reference [b, script], docker build .]}\nb: {script: [!reference [a, script], !reference [a, script]]}\n"}, 1, ""},
		{"a parallel matrix", map[string]string{".gitlab-ci.yml": "a:\n  parallel:\n    matrix:\n      - {" + strings.TrimSuffix(many(9, "V#: [1, 2, 3, 4, 5, 6], "), ", ") + "}\n      - {X: 1}\n  script: docker build --build-arg V=$V8 .\n"}, 1, "more than 200 combinations"},
		{"files that include each other", map[string]string{".gitlab-ci.yml": "include: [a.yml, b.yml]\nx: {script: docker build .}\n", "a.yml": "include: ['*.yml', '**/*.yml']\n", "b.yml": "include: [a.yml, .gitlab-ci.yml]\n"}, 1, ""},
		{"commands that call each other", map[string]string{".circleci/config.yml": "commands:\n" + many(30, "  c#: {steps: [c1, c2, c3, c4, c5]}\n") + "jobs: {a: {steps: [{run: docker build .}, c0]}}\n"}, 1, "too many steps"},
		{"parameters that double", map[string]string{".circleci/config.yml": "jobs:\n  a:\n    parameters:\n      p0: {default: xxxxxxxxxx}\n" + many(60, "      q#: {default: \"<< parameters.q# >><< parameters.q# >>\"}\n") + "    steps: [{run: docker build --build-arg A=<< parameters.q1 >> .}]\n"}, 1, ""},
		{"templates that loop", map[string]string{"azure-pipelines.yml": "steps:\n- template: a.yml\n- script: docker build .\n", "a.yml": "steps:\n- template: b.yml\n- template: b.yml\n", "b.yml": "steps:\n- template: a.yml\n"}, 1, "call each other"},
		{"loops in loops", map[string]string{"azure-pipelines.yml": "parameters: {l: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}\nsteps:\n- script: docker build .\n" +
			"- ${{ each a in parameters.l }}:\n  - ${{ each b in parameters.l }}:\n    - ${{ each c in parameters.l }}:\n      - ${{ each d in parameters.l }}:\n        - ${{ each e in parameters.l }}:\n          - script: docker build -t x${{ e }} .\n"}, 0, "too many steps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			corpus.InTurn(t, 4)
			texts := map[string]string{"Dockerfile": "FROM a\n"}
			var names []string
			for name, text := range c.files {
				texts[name] = text
				names = append(names, name)
			}
			res := Read(context.Background(), &Files{overlay: texts}, names)
			said := c.note == ""
			for _, n := range res.Notes {
				said = said || strings.Contains(n.Message, c.note)
				if strings.Contains(n.Message, "reader failed") {
					t.Error(n)
				}
			}
			if len(res.Builds) < c.builds || !said {
				t.Errorf("%d builds, notes %v", len(res.Builds), res.Notes)
			}
		})
	}
}

// TestLinksOutOfCI: links that lead out of the workspace are not followed, neither by workflows nor by
// what they use.
func TestLinksOutOfCI(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write := func(at, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "action.yml"), "runs: {using: composite, steps: [{shell: bash, run: docker build -t secret .}]}\n")
	write(filepath.Join(outside, "ci.yml"), "x: {script: docker build -t secret .}\n")
	write(filepath.Join(dir, "Dockerfile"), "FROM a\n")
	write(filepath.Join(dir, ".github/workflows/ci.yml"), "jobs: {a: {steps: [{uses: ./out}, {run: docker build .}]}}\n")
	write(filepath.Join(dir, ".gitlab-ci.yml"), "include: [/out/ci.yml, '/out/*.yml', link.yml]\na: {script: docker build .}\n")
	for link, target := range map[string]string{"out": outside, "link.yml": filepath.Join(outside, "ci.yml"), ".github/workflows/b.yml": filepath.Join(outside, "ci.yml")} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	files, err := NewFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	got := lines(Read(context.Background(), files, []string{".github/workflows/ci.yml", ".github/workflows/b.yml", ".gitlab-ci.yml"}))
	if strings.Contains(got, "secret") || strings.Count(got, "Dockerfile, folder .") != 2 {
		t.Error(got)
	}
}

// FuzzCI reads any text as a file of each kind of CI, beside files that it may use.
func FuzzCI(f *testing.F) {
	kinds := []struct{ cases, file, part string }{
		{"actions", ".github/workflows/ci.yml", ".github/workflows/build.yml"},
		{"actions", "x/action.yml", "Dockerfile.x"},
		{"gitlab-ci", ".gitlab-ci.yml", "ci/build.yml"},
		{"circleci", ".circleci/config.yml", "x"},
		{"woodpecker", ".woodpecker.yml", "x"},
		{"azure", "azure-pipelines.yml", "ci/steps.yml"},
	}
	for i, k := range kinds {
		archive, err := txtar.ParseFile(filepath.Join("testdata", k.cases+".txtar"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if ext := filepath.Ext(file.Name); ext == ".yml" || ext == ".yaml" {
				f.Add(uint8(i), string(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, src string) {
		if len(src) > 1<<14 {
			return
		}
		k := kinds[int(kind)%len(kinds)]
		checkLaws(t, map[string]string{k.file: src, k.part: src, "Dockerfile": "FROM a\n", "app/Dockerfile": "FROM a\n"})
	})
}

// TestCallsOfCI: what steps call of bake and compose, with the files' places in the repository.
func TestCallsOfCI(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"a commit by default", ".github/workflows/a.yml", "jobs: {a: {steps: [{uses: docker/bake-action@v6}]}}", "bake . [] [] git"},
		{"the folder in older versions", ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v5\n        with: {workdir: app, files: \"x.hcl,./y.hcl\", targets: \"a,b\", push: true}\n", "bake app [app/x.hcl app/y.hcl] [a b] released"},
		{"a version in a comment", ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/bake-action@37816e747588cb137173af99ab33873600c46ea8 # v5.1.0\n", "bake . [] []"},
		{"a folder of the commit", ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v7\n        with:\n          source: \"{{defaultContext}}:app\"\n          files: |\n            x.hcl\n            cwd://${{ steps.meta.outputs.bake-file }}\n", "bake app [app/x.hcl] [] git unsure"},
		{"files that only the run knows", ".github/workflows/a.yml", "jobs: {a: {steps: [{uses: docker/bake-action@v7, with: {files: \"${{ steps.meta.outputs.bake-file }}\"}}]}}", "note: it is not known which bake files this takes: … is known only when it runs"},
		{"a push that is set for all targets", ".github/workflows/a.yml", "jobs: {a: {steps: [{run: 'docker buildx bake base --set=\"*.output=type=registry,push-by-digest=true\"'}]}}", "bake . [] [base] *.output=type=registry,push-by-digest=true released"},
		{"files of the environment", ".github/workflows/a.yml", "env: {BUILDX_BAKE_FILE: x.hcl}\njobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v5\n      - run: docker buildx bake b\n", "bake . [x.hcl] []\nbake . [x.hcl] [b]"},
		{"a source on disk", ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v7\n        with: {source: ., set: \"*.args.A=1\\nx.output=type=registry\"}\n", "bake . [] [] *.args.A=1 x.output=type=registry released"},
		{"in a moved checkout", ".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n        with: {path: src}\n      - run: docker buildx bake -f src/x.hcl a\n      - run: docker compose -f x.yml build\n        working-directory: src/app\n      - run: docker compose build\n", "compose app [app/x.yml] []\nnote: what this builds is not known: it does not count from a folder of this repository"},
		{"one bake of docker/github-builder", ".github/workflows/a.yml", "jobs: {a: {uses: docker/github-builder/.github/workflows/bake.yml@v1, with: {context: app, target: x, push: true}}}", "bake app [] [x] git released"},
		{"a workflow of another repository", ".github/workflows/a.yml", "jobs: {a: {uses: acme/ci/.github/workflows/docker-build.yml@v1, with: {context: app}}}", "note: what acme/ci/.github/workflows/docker-build.yml builds is not known: it is of another repository"},
		{"of GitLab", ".gitlab-ci.yml", "a: {script: [cd app, docker compose build web]}", "compose app [] [web]"},
		{"of Azure", "azure-pipelines.yml", "steps:\n- task: DockerCompose@0\n  inputs: {action: Build services, dockerComposeFile: app/docker-compose.yml, additionalDockerComposeFiles: app/x.yml}\n- task: DockerCompose@0\n  inputs: {action: Push services}\n", "compose . [app/docker-compose.yml app/x.yml] [] released"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := &Files{overlay: map[string]string{c.file: c.text, "x.hcl": "", "app/x.yml": "", "app/docker-compose.yml": "", "docker-bake.hcl": ""}}
			var got []string
			for _, r := range disk(files).read(c.file) {
				for _, call := range r.calls {
					s := fmt.Sprintf("%s %s %v %v", call.Kind, call.Dir, call.Files, call.Targets)
					for _, set := range call.sets {
						s += " " + set.pattern + "." + set.key + "=" + set.value
					}
					if call.Git {
						s += " git"
					}
					if call.Unsure {
						s += " unsure"
					}
					if call.Released {
						s += " released"
					}
					got = append(got, s)
				}
				for _, n := range r.notes {
					got = append(got, "note: "+n.Message)
				}
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got\n%s\nwant\n%s", s, c.want)
			}
		})
	}
}

// TestListedFolders: a new file in a folder that a pattern of include looked into is noticed.
func TestListedFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "ci"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitlab-ci.yml"), []byte("include: 'ci/*.yml'\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "ci"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	files, err := NewFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	r := readWith(files, ".gitlab-ci.yml", GitLabCI, readGitLab)
	before := stampsOf(files, r.files.names(), map[string]stamp{})
	if err := os.WriteFile(filepath.Join(dir, "ci", "new.yml"), []byte("a: {script: docker build .}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	after := stampsOf(files, r.files.names(), map[string]stamp{})
	if maps.Equal(before, after) {
		t.Errorf("nothing was noticed: %v", before)
	}
}
