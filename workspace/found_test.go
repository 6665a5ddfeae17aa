package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/sources"
	"layerwise/workspace"
)

// found is a workspace whose Dockerfiles are built in several ways.
var found = map[string]string{
	"compose.yaml":       "services:\n  api: {build: {context: ., dockerfile: api/Dockerfile, target: prod, args: {V: '1', W: $W}}, image: acme/api}\n  dev: {build: {context: api, target: dev}}\n  web: {build: web}\n",
	"docker-bake.hcl":    "group \"default\" { targets = [\"many\"] }\ntarget \"many\" {\n  name = \"many-${v}\"\n  matrix = { v = [\"1\", \"2\"] }\n  dockerfile = \"many/Dockerfile\"\n  args = { V = v, SAME = \"x\" }\n}\n",
	".goreleaser.yaml":   "dockers:\n- dockerfile: release/Dockerfile\n  image_templates: [acme/release]\n",
	"api/Dockerfile":     "FROM alpine:3.22 AS dev\nFROM dev AS prod\nARG V=0\nARG W=0\nENV V=$V W=$W\nCOPY x /\n",
	"api/x":              "",
	"x":                  "",
	"web/Dockerfile":     "FROM acme/api\nARG V=0\nCOPY . /\n",
	"many/Dockerfile":    "FROM alpine:3.22\nARG V=0\nARG SAME=0\nENV V=$V SAME=$SAME\nCOPY x /\n",
	"release/Dockerfile": "FROM alpine:3.22\nCOPY binary /\n",
	"lone/Dockerfile":    "FROM alpine:3.22\nCOPY x lone/y /\n",
	"lone/y":             "",
}

// TestFound: what the files of a workspace say, as the builds of its Dockerfiles.
func TestFound(t *testing.T) {
	for _, test := range []struct {
		name, config, dockerfile string
		flags                    workspace.Flags
		want                     []string
	}{
		{name: "compose", dockerfile: "api/Dockerfile", want: []string{
			"found context=. name=compose.yaml#api target=prod arg.V=1", "found context=api name=compose.yaml#dev target=dev"}},
		{name: "one key chooses the default", config: "build: dev", dockerfile: "api/Dockerfile", want: []string{
			"found context=api name=compose.yaml#dev target=dev", "found context=. name=compose.yaml#api target=prod arg.V=1"}},
		{name: "for one Dockerfile", config: "builds: [{dockerfile: api/Dockerfile, build: compose.yaml#dev}]", dockerfile: "api/Dockerfile", want: []string{
			"found context=api name=compose.yaml#dev target=dev", "found context=. name=compose.yaml#api target=prod arg.V=1"}},
		{name: "a context that is set wins", config: "context: .", dockerfile: "api/Dockerfile", want: []string{"inherited context=."}},
		{name: "arguments that are set are added", config: "buildArgs: {W: set}", dockerfile: "api/Dockerfile", want: []string{
			"found context=. name=compose.yaml#api target=prod arg.V=1 arg.W=set", "found context=api name=compose.yaml#dev target=dev arg.W=set"}},
		{name: "by name", flags: workspace.Flags{Build: "dev"}, dockerfile: "api/Dockerfile", want: []string{"found context=api name=compose.yaml#dev target=dev"}},
		{name: "a matrix", dockerfile: "many/Dockerfile", want: []string{
			"found context=. name=docker-bake.hcl#many-1 arg.SAME=x arg.V=1", "found context=. name=docker-bake.hcl#many-2 arg.SAME=x arg.V=2"}},
		{name: "a context that is made for the build", dockerfile: "release/Dockerfile", want: []string{"found context= name=.goreleaser.yaml#acme/release"}},
		{name: "by its own text", dockerfile: "lone/Dockerfile", want: []string{"inferred context=."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := tree(t, found)
			var cfg workspace.Config
			if test.config != "" {
				var problems []workspace.Problem
				if cfg, problems = workspace.ParseConfig(filepath.Join(dir, ".layerwise.yaml"), test.config); len(problems) > 0 {
					t.Fatal(problems)
				}
			}
			s := snapshotIn(t, dir, test.dockerfile, cfg.With(test.flags))
			var got []string
			for _, b := range s.Builds() {
				got = append(got, said(b, dir))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestUnknownArguments: what only the run decides is not known, whatever the default is.
func TestUnknownArguments(t *testing.T) {
	for dockerfile, want := range map[string]string{"api/Dockerfile": "V=1 W=?", "many/Dockerfile": "V=1 SAME=x", "web/Dockerfile": "V=0"} {
		g := snapshotIn(t, tree(t, found), dockerfile, workspace.Config{}).Graph()
		stage := g.Stages[len(g.Stages)-1]
		var got []string
		for _, name := range []string{"V", "W", "SAME"} {
			if v, ok := stage.Steps[len(stage.Steps)-1].Vars.Lookup(name); ok {
				if text := v.Value.Text; v.Value.Known {
					got = append(got, name+"="+text)
				} else {
					got = append(got, name+"=?")
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", dockerfile, got, want)
		}
	}
}

// TestMatrix: of the builds of a matrix, the first is looked at as it is, and the others as one: the rule says nothing
// that is not true of all.
func TestMatrix(t *testing.T) {
	files := map[string]string{
		"docker-bake.hcl": `target "many" {
  name = "many-${v}"
  matrix = { v = ["1", "2", "3", "4"] }
  args = { V = v }
}
`,
		"Dockerfile": "ARG V=latest\nFROM alpine:$V\nCMD [\"x\"]\n",
	}
	s := snapshotIn(t, tree(t, files), "Dockerfile", workspace.Config{})
	if n := len(s.Results(t.Context())); n != 2 || len(s.Builds()) != 4 {
		t.Errorf("the rules ran %d times for %d builds", n, len(s.Builds()))
	}
	for _, d := range s.Diagnostics(t.Context()) {
		if d.Rule.Name == "base-image-latest" {
			t.Error(d.Message)
		}
	}
}

// TestContextsFound: a commit is without an ignore file, and what git does not track; what is made for a build has no
// files.
func TestContextsFound(t *testing.T) {
	dir := tree(t, map[string]string{
		".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n",
		"Dockerfile":               "FROM alpine:3.22\nCOPY . /\n", ".dockerignore": "x\n", "x": "",
	})
	s := snapshotIn(t, dir, "Dockerfile", workspace.Config{})
	bc := s.Context(t.Context())
	if bc == nil || !bc.Commit || bc.Ignore != nil || bc.Ignored("x") {
		t.Errorf("%+v", bc)
	}
	s = snapshotIn(t, tree(t, found), "release/Dockerfile", workspace.Config{})
	if bc := s.Context(t.Context()); bc != nil {
		t.Errorf("the context %s is looked into", bc.Root)
	}
	for _, d := range s.Diagnostics(t.Context()) {
		if d.Rule.Family == "cache" {
			t.Errorf("%s: %s", d.Rule.Name, d.Message)
		}
	}
}

// TestMade: an image that the workspace makes is no reference without a tag.
func TestMade(t *testing.T) {
	s := snapshotIn(t, tree(t, found), "web/Dockerfile", workspace.Config{})
	for _, d := range s.Diagnostics(t.Context()) {
		if d.Rule.Name == "base-image-untagged" {
			t.Error(d.Message)
		}
	}
}

// snapshotIn is a Dockerfile of a workspace, of which everything is known.
func snapshotIn(t *testing.T, dir, dockerfile string, cfg workspace.Config) *workspace.Snapshot {
	t.Helper()
	known, err := sources.NewIndex(dir).Update(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.FromSlash(dockerfile))
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return workspace.NewFileSnapshot(path, string(src), cfg.Knowing(known), nil)
}
