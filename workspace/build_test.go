package workspace_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/workspace"
)

// tree writes files below a new folder, and returns its path without links.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, body)
	}
	return dir
}

// said is a build in one line, with paths relative to dir.
func said(b workspace.Build, dir string) string {
	rel := func(folder string) string {
		if r, err := filepath.Rel(dir, folder); err == nil && filepath.IsAbs(folder) && !strings.HasPrefix(r, "..") {
			return filepath.ToSlash(r)
		}
		return folder
	}
	line := fmt.Sprintf("%s context=%s", []string{"supposed", "inferred", "inherited", "found", "named"}[b.Certainty], rel(b.Context))
	for _, part := range []struct{ key, value string }{{"name", b.Name}, {"target", b.Target}, {"platform", b.Platform}} {
		if part.value != "" {
			line += " " + part.key + "=" + part.value
		}
	}
	for _, list := range []struct {
		key    string
		values map[string]string
	}{{"arg", b.Args}, {"with", b.Contexts}} {
		var all []string
		for name, value := range list.values {
			all = append(all, " "+list.key+"."+name+"="+rel(value))
		}
		slices.Sort(all)
		line += strings.Join(all, "")
	}
	return line
}

func TestBuildsOf(t *testing.T) {
	const settings = `{"context": "..", "target": "editor", "buildArgs": {"A": "editor", "B": "editor"}, "contexts": {"base": "base"}}`
	for _, test := range []struct {
		name, settings, config, dockerfile string
		flags                              workspace.Flags
		want                               []string
	}{
		{name: "nothing is said", dockerfile: "api/Dockerfile", want: []string{"supposed context=api"}},
		{
			name: "by the editor", settings: settings, dockerfile: "api/Dockerfile",
			want: []string{"named context=. target=editor arg.A=editor arg.B=editor with.base=api/base"},
		},
		{name: "by the file beside it", config: "context: src", dockerfile: "Dockerfile", want: []string{"named context=src"}},
		{name: "by a file above", config: "context: .\nplatform: linux/arm64", dockerfile: "api/Dockerfile", want: []string{"inherited context=. platform=linux/arm64"}},
		{
			name: "the file wins over the editor", settings: settings, config: "context: .\ntarget: file\nbuildArgs: {A: file}", dockerfile: "api/Dockerfile",
			want: []string{"inherited context=. target=file arg.A=file arg.B=editor with.base=api/base"},
		},
		{
			name: "for each Dockerfile", config: "target: all\nbuilds: [{dockerfile: web/Dockerfile, context: web}, {dockerfile: ./api/Dockerfile, context: ., contexts: {base: 'docker-image://a', conf: conf}}]",
			dockerfile: "api/Dockerfile", want: []string{"named context=. target=all with.base=docker-image://a with.conf=conf"},
		},
		{
			name: "another Dockerfile", config: "target: all\nbuilds: [{dockerfile: web/Dockerfile, context: web}]",
			dockerfile: "api/Dockerfile", want: []string{"supposed context=api target=all"},
		},
		{
			name: "two builds", config: "context: .\nbuilds: [{dockerfile: Dockerfile, name: dev, target: dev}, {dockerfile: Dockerfile, name: prod, buildArgs: {A: 1.10}}]",
			dockerfile: "Dockerfile", want: []string{"named context=. name=dev target=dev", "named context=. name=prod arg.A=1.10"},
		},
		{
			name: "one of two by its name", config: "builds: [{dockerfile: Dockerfile, name: dev, target: dev}, {dockerfile: Dockerfile, name: prod}]",
			flags: workspace.Flags{Build: "prod"}, dockerfile: "Dockerfile", want: []string{"supposed context=. name=prod"},
		},
		{
			name: "flags win", settings: settings, config: "context: .\ntarget: file\nbuilds: [{dockerfile: api/Dockerfile, context: api, target: entry}]", dockerfile: "api/Dockerfile",
			flags: workspace.Flags{Context: "/elsewhere", Target: "flag", Platform: "linux/amd64", Args: map[string]string{"A": "flag"}, Contexts: map[string]string{"base": "docker-image://b"}},
			want:  []string{"named context=/elsewhere target=flag platform=linux/amd64 arg.A=flag arg.B=editor with.base=docker-image://b"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := tree(t, map[string]string{"web/x": "", "api/x": "", "src/x": "", "conf/x": ""})
			cfg, err := workspace.FromJSON([]byte(test.settings))
			if err != nil {
				t.Fatal(err)
			}
			if test.config != "" {
				file, problems := workspace.ParseConfig(filepath.Join(dir, ".layerwise.yaml"), test.config)
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				cfg = workspace.Merge(cfg, file)
			}
			builds, err := cfg.With(test.flags).BuildsOf(filepath.Join(dir, filepath.FromSlash(test.dockerfile)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range builds {
				got = append(got, said(b, dir))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestEditorsHaveNoBuilds(t *testing.T) {
	if _, err := workspace.FromJSON([]byte(`{"builds": [{"dockerfile": "Dockerfile"}]}`)); err == nil || !strings.Contains(err.Error(), ".layerwise.yaml") {
		t.Errorf("error %v", err)
	}
}

// An inherited context yields once both folders are known, and comes back when the text tells so.
func TestInheritedContextYields(t *testing.T) {
	ctx := context.Background()
	dir := tree(t, map[string]string{
		".layerwise.yaml": "context: .\n", "README.md": "",
		"mobile/Dockerfile": "FROM a\n", "mobile/app.json": "{}",
	})
	path := filepath.Join(dir, "mobile", "Dockerfile")
	uri := "file://" + path
	w := workspace.New()
	w.Open(uri, path, "Dockerfile", "", 1, "FROM a:1\nCOPY app.json /\n")
	before := w.Snapshot(uri)
	if before.Context(ctx) != nil || before.Listed() == nil {
		t.Error("a context is decided before the folders are known")
	}
	w.Renew(ctx, uri, false, nil)
	if got := said(w.Snapshot(uri).Build(ctx), dir); got != "supposed context=mobile" {
		t.Errorf("build: %s", got)
	}
	for version, test := range []struct{ src, want string }{
		{"FROM a:1\nCOPY mobile/app.json README.md /\n", "inherited context=."},
		{"FROM a:1\nCOPY nowhere.json /\n", "inherited context=."},
		{"FROM a:1\nCOPY app.json /\n", "supposed context=mobile"},
		{"FROM a:1\nCOPY app.json nowhere.json /\n", "inherited context=."},
	} {
		w.Change(uri, int32(version+2), func(d *workspace.Draft) { d.Replace(test.src) })
		s := w.Snapshot(uri)
		if got := said(s.Build(ctx), dir); got != test.want || s.Context(ctx) == nil {
			t.Errorf("%q: %s, want %s", test.src, got, test.want)
		}
	}
	outside := workspace.NewFileSnapshot(path, "FROM a:1\nCOPY app.json /\n", before.Config, nil)
	if got := said(outside.Build(ctx), dir); got != "supposed context=mobile" {
		t.Errorf("outside an editor: %s", got)
	}
	w.Close(uri)
	if w.NeedsRenewal(uri) {
		t.Error("a closed document needs its folders")
	}
}

func TestHomeIsNotListedUnlessNamed(t *testing.T) {
	ctx := context.Background()
	home := tree(t, map[string]string{"Dockerfile": "FROM a\n", ".ssh/id_rsa": "x"})
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	const src = "FROM debian:13\nCOPY . .\nUSER 1\n"
	path := filepath.Join(home, "Dockerfile")
	s := workspace.NewFileSnapshot(path, src, workspace.Config{}, nil)
	if s.Context(ctx) != nil {
		t.Error("the home folder was listed")
	}
	if _, why := s.Gap(ctx); !strings.Contains(why, "set `context` in .layerwise.yaml") {
		t.Errorf("gap: %q", why)
	}
	w := workspace.New()
	w.Open(doc, path, "Dockerfile", "", 1, src)
	if w.Renew(ctx, doc, true, nil); w.Snapshot(doc).Context(ctx) != nil || w.Snapshot(doc).Listed() != nil {
		t.Error("the editor listed the home folder, or waits for it")
	}
	named := workspace.NewFileSnapshot(path, src, workspace.Config{}.With(workspace.Flags{Context: home}), nil)
	if named.Context(ctx) == nil {
		t.Error("the home folder was not listed though it was named")
	}
}

func TestSeveralBuildsOfOneFile(t *testing.T) {
	ctx := context.Background()
	dir := tree(t, map[string]string{"Dockerfile": ""})
	const src = "FROM python:3.13-slim AS dev\nUSER 1\nCMD [\"python\", \"a.py\"]\nFROM python:latest\nUSER root\nCMD [\"python\", \"a.py\"]\n"
	cfg, _ := workspace.ParseConfig(filepath.Join(dir, ".layerwise.yaml"), "builds: [{dockerfile: Dockerfile, name: dev, target: dev}, {dockerfile: Dockerfile, name: prod}, {dockerfile: Dockerfile, name: same}]")
	s := workspace.NewFileSnapshot(filepath.Join(dir, "Dockerfile"), src, cfg, nil)
	holds := map[string]string{}
	for _, d := range s.Diagnostics(ctx) {
		holds[d.Rule.Name] = strings.Join(d.Builds, ",")
		if d.Builds != nil && !strings.HasSuffix(d.Message, " (only in the builds prod, same)") {
			t.Errorf("message: %s", d.Message)
		}
		for _, fix := range d.Fixes() {
			if d.Builds != nil && fix.Safety != 0 {
				t.Errorf("%s: a fix for some of the builds is safe", d.Rule.Name)
			}
		}
	}
	if want := map[string]string{"base-image-latest": "", "final-user-root": "prod,same"}; fmt.Sprint(holds) != fmt.Sprint(want) {
		t.Errorf("findings hold for %v, want %v", holds, want)
	}
}

// Where builds are many, a message says in which a finding holds in a few words.
func TestFindingInSomeOfManyBuilds(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": ""})
	const src = "ARG TAG\nFROM debian:${TAG:-13}\nUSER 1\n"
	for _, test := range []struct {
		latest, others int
		want           string
	}{
		{1, 1, " (only in the build l0)"},
		{3, 4, " (only in the builds l0, l1, l2)"},
		{5, 4, " (only in 5 of 9 builds: l0, l1, l2 and 2 more)"},
		{4, 2, " (in all builds but o0 and o1)"},
		{4, 1, " (in all builds but o0)"},
		{4, 0, ""},
	} {
		config := "builds:\n"
		for i := range test.latest {
			config += fmt.Sprintf("- {dockerfile: Dockerfile, name: l%d, buildArgs: {TAG: latest}}\n", i)
		}
		for i := range test.others {
			config += fmt.Sprintf("- {dockerfile: Dockerfile, name: o%d}\n", i)
		}
		cfg, _ := workspace.ParseConfig(filepath.Join(dir, ".layerwise.yaml"), config)
		found := workspace.NewFileSnapshot(filepath.Join(dir, "Dockerfile"), src, cfg, nil).Diagnostics(context.Background())
		if len(found) != 1 || found[0].Message != "The tag latest moves to each new release: that reruns every step, and may break the build"+test.want {
			t.Errorf("%v, want %s", found, test.want)
		}
	}
}

func TestLargeConfiguration(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": ""})
	var b strings.Builder
	b.WriteString("builds:\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "  - { dockerfile: services/s%d/Dockerfile, context: . }\n", i)
	}
	path := filepath.Join(dir, ".layerwise.yaml")
	write(t, path, b.String())
	cfg, problems := workspace.LoadConfig(path, nil)
	if len(problems) > 0 || len(cfg.Builds) != 2000 || b.Len() < 85_000 {
		t.Errorf("%d bytes: %d builds, %v", b.Len(), len(cfg.Builds), problems)
	}
	_, problems = workspace.ParseConfig(path, strings.Repeat("# x\n", 1<<18+1))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "larger than 1024 KiB") {
		t.Errorf("above the limit: %v", problems)
	}
}

// A suppression that silences something in one of the builds is used.
func TestSuppressionUsedInOneBuild(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": ""})
	const src = "ARG TAG=3.22\n# layerwise ignore=base-image-latest\nFROM alpine:$TAG\nUSER 1\n"
	for config, want := range map[string]int{
		"builds: [{dockerfile: Dockerfile, name: a}, {dockerfile: Dockerfile, name: b, buildArgs: {TAG: latest}}]": 0,
		"builds: [{dockerfile: Dockerfile, name: a}, {dockerfile: Dockerfile, name: b, buildArgs: {TAG: 3.21}}]":   1,
	} {
		cfg, _ := workspace.ParseConfig(filepath.Join(dir, ".layerwise.yaml"), config)
		found := workspace.NewFileSnapshot(filepath.Join(dir, "Dockerfile"), src, cfg, nil).Diagnostics(context.Background())
		if len(found) != want {
			t.Errorf("%s: %v", config, found)
		}
	}
}
