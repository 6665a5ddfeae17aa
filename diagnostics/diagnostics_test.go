package diagnostics_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/dockergen"
	"layerwise/internal/golden"
)

func run(src string, c *files.Context, set diagnostics.Settings) []diagnostics.Diagnostic {
	g := stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
	return diagnostics.Run(context.Background(), diagnostics.Input{Rules: golden.Frozen(), Graph: g, Build: diagnostics.Build{Context: c}, Settings: set}, nil).Diagnostics
}

// rules are the names of the findings.
func rules(found []diagnostics.Diagnostic) string {
	var names []string
	for _, d := range found {
		names = append(names, d.Rule.Name)
	}
	return strings.Join(names, " ")
}

func TestIgnores(t *testing.T) {
	const file = "FROM python:latest\nMAINTAINER me\nUSER 1\nCMD [\"x\"]\n"
	tests := []struct{ name, src, want string }{
		{"none", file, "base-image-latest maintainer-deprecated"},
		{"next instruction", "# layerwise ignore=base-image-latest\n" + file, "maintainer-deprecated"},
		{"with a reason", "# layerwise ignore=base-image-latest -- it is a demo\n" + file, "maintainer-deprecated"},
		{"two rules", "# layerwise ignore-file = base-image-latest , maintainer-deprecated\n" + file, ""},
		{"a family", "# layerwise ignore-file=maintainability\n" + file, ""},
		{"all", "# layerwise ignore-file=all\n" + file, ""},
		{"stage", "# layerwise ignore-stage=maintainer-deprecated\n" + file, "base-image-latest"},
		{"in the trailer", file + "# layerwise ignore-file=all\n", ""},
		{"not above it", "# layerwise ignore=maintainer-deprecated\n" + file, "unused-suppression base-image-latest maintainer-deprecated"},
		{"hadolint", "# hadolint ignore=DL3007,DL9999\n" + file, "maintainer-deprecated"},
		{"hadolint global", "# hadolint global ignore=DL3007,DL4000 # reason\n" + file, ""},
		{"hadolint stage", "# hadolint stage ignore=DL4000\n" + file, "base-image-latest"},
		{"BuildKit directive", "# check=skip=MaintainerDeprecated;error=true\n" + file, "base-image-latest"},
		{"BuildKit all is its own checks", "# check=skip=all\n" + file, "base-image-latest"},
		{"unknown rule", "# layerwise ignore=no-such-rule\n" + file, "unused-suppression base-image-latest maintainer-deprecated"},
		{"hadolint with a word that is no id", "# hadolint ignore = crazy , DL3007,SC2086 # why\n" + file, "maintainer-deprecated"},
		{"BuildKit above an instruction", "FROM python:3\n# check = skip=MaintainerDeprecated // why\nMAINTAINER me\nUSER 1\n", ""},
		{"BuildKit below a comment is no directive", "# a comment\n# check=skip=MaintainerDeprecated\n" + file, "base-image-latest maintainer-deprecated"},
		{"BuildKit's names have a case", "# check=skip=maintainerdeprecated\n" + file, "base-image-latest maintainer-deprecated"},
		{"BuildKit without skip", "# check=error=true;experimental=all\n" + file, "base-image-latest maintainer-deprecated"},
		{"comments between", "# layerwise ignore=base-image-latest\n\n# why\n" + file, "maintainer-deprecated"},
		{"not inside an instruction", "FROM a:1\nUSER 1\nRUN a && \\\n# layerwise ignore=tls-verify-disabled\n curl -k https://x\n", "tls-verify-disabled"},
		{"not for the one after the next", "# layerwise ignore=maintainer-deprecated\nFROM a:1\nMAINTAINER me\nUSER 1\n", "unused-suppression maintainer-deprecated"},
		{"stage in its middle", "FROM a:1 AS b\nMAINTAINER me\n# layerwise ignore-stage=maintainer-deprecated\nMAINTAINER you\nFROM a:1\nMAINTAINER me\nUSER 1\n", "maintainer-deprecated"},
		{"above a global ARG", "# layerwise ignore=secret-name-in-arg-env\nARG NPM_TOKEN\nFROM a:1\nUSER 1\n", ""},
		{"in the stage below", "FROM debian:12 AS b\n# layerwise ignore=final-user-root\nUSER root\nFROM b\nCMD [\"/x\"]\n", ""},
		{"in the whole stage below", "# layerwise ignore-stage=final-user-root\nFROM debian:12 AS b\nUSER root\nFROM b\nCMD [\"/x\"]\n", ""},
		{"CRLF", "# layerwise ignore-file=all\r\n" + strings.ReplaceAll(file, "\n", "\r\n"), ""},
		{"CRLF in the trailer", strings.ReplaceAll(file, "\n", "\r\n") + "# layerwise ignore-file=all\r\n", ""},
		{"a code", "# layerwise ignore=C26\nFROM debian:12\nCOPY a.deb /\n# layerwise ignore=C26\nRUN rm /a.deb\n", ""},
		{"tally", "# tally ignore=hadolint/DL3007;reason=a demo\n" + file, "maintainer-deprecated"},
		{"tally, the file", "# tally global ignore=buildkit/MaintainerDeprecated,hadolint/DL3007\n" + file, ""},
		{"tally, all", "# tally global ignore=all\n" + file, ""},
		{"Trivy", "#trivy:ignore:DS-0001\n" + file, "maintainer-deprecated"},
		{"Trivy, an older name", "# trivy:ignore:AVD-DS-0001 a demo\n" + file, "maintainer-deprecated"},
		{"Trivy, the oldest name", "# trivy:ignore:DS001\n" + file, "maintainer-deprecated"},
		{"Trivy, a pattern", "# trivy:ignore:DS-*\n" + file, "maintainer-deprecated"},
		{"Trivy, until a day that is past", "# trivy:ignore:DS-0001:exp:2020-01-31\n" + file, "base-image-latest maintainer-deprecated"},
		{"Trivy, until a day to come", "# trivy:ignore:DS-0001:exp:9999-01-31\n" + file, "maintainer-deprecated"},
		{"Trivy, two", "FROM python:3\n# trivy:ignore:DS-0001 trivy:ignore:DS-0022\nMAINTAINER me\nUSER 1\n", ""},
		{"Checkov", file + "# checkov:skip=CKV_DOCKER_7:a demo\n", "maintainer-deprecated"},
		{"KICS, the file", "# kics-scan disable=f45ea400-6bbe-4501-9fc7-1c3d75c32067,99614418-f82b-4852-a9ae-5051402b741c\n" + file, ""},
		{"KICS, only what is listed", "# kics-scan enable=99614418-f82b-4852-a9ae-5051402b741c\n" + file, "maintainer-deprecated"},
		{"KICS, all", "# kics-scan ignore\n" + file, ""},
		{"KICS, a stage", "# kics-scan ignore-block\n" + file, ""},
		{"KICS, an instruction", "# kics-scan ignore-line\n" + file, "maintainer-deprecated"},
		{"Semgrep", "# nosemgrep: dockerfile.best-practice.avoid-latest-version.avoid-latest-version\n" + file, "maintainer-deprecated"},
		{"Semgrep, all that it knows", "# nosemgrep\n" + file, "maintainer-deprecated"},
		{"Semgrep, another", "# nosemgrep: missing-user\n" + file, "base-image-latest maintainer-deprecated"},
		{"Sonar", "# NOSONAR\n" + file, "maintainer-deprecated"},
		{"a tool that does not know the mistake", "FROM debian:12\nUSER 1\n# NOSONAR\n# nosemgrep\n# kics-scan ignore-line\nRUN curl -k https://x\n", "tls-verify-disabled"},
		{"a comment that only speaks of a tool", "# trivy says: ignore DS-0001; NOSONAR\n# semgrep nosemgrep\n" + file, "base-image-latest maintainer-deprecated"},
		{"syntax errors stay", "# layerwise ignore-file=all\nFROM a:1\nCOPY x\n", "syntax-error"},
	}
	for _, tt := range tests {
		if got := rules(run(tt.src, nil, diagnostics.Settings{})); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSettings(t *testing.T) {
	const file = "FROM python:latest\nMAINTAINER me\nUSER 1\nCMD [\"x\"]\n"
	set := func(pairs map[string]diagnostics.Severity) diagnostics.Settings {
		return diagnostics.Settings{Severity: pairs}
	}
	if got := rules(run(file, nil, set(map[string]diagnostics.Severity{"maintainability": diagnostics.Off}))); got != "" {
		t.Errorf("family off: %q", got)
	}
	if got := rules(run(file, nil, set(map[string]diagnostics.Severity{"maintainability": diagnostics.Off, "base-image-latest": diagnostics.Hint}))); got != "base-image-latest" {
		t.Errorf("the narrowest wins: %q", got)
	}
	if d := run(file, nil, set(map[string]diagnostics.Severity{"base-image-latest": diagnostics.Error})); d[0].Severity != diagnostics.Error {
		t.Errorf("severity %v", d[0].Severity)
	}
}

// TestSilentOnCleanFiles keeps the rules quiet on a file in which nothing is wrong.
func TestSilentOnCleanFiles(t *testing.T) {
	if got := golden.Format("", golden.Checker(catalog.Rules(), nil, nil)(dockergen.File(200), nil)); got != "" {
		t.Errorf("findings in a clean file:\n%s", got)
	}
}

// FuzzFixAll applies all fixes to any file: it ends, and a file that BuildKit takes stays one.
func FuzzFixAll(f *testing.F) {
	f.Add("FROM python:3\nCOPY . .\nRUN pip install -r requirements.txt && make\n")
	f.Add("FROM a:1\nARG GIT_SHA\nRUN apt-get update\nRUN apt-get install -y x\nLABEL a=$GIT_SHA")
	f.Add("FROM a\r\nMAINTAINER me\r\nCOPY requirements.txt app.py ./\r\nRUN pip install -r requirements.txt\r\nCOPY . .\r\n")
	context := map[string]string{"requirements.txt": "flask\n", "app.py": "x", "package.json": "{}", "package-lock.json": "{}"}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1500 {
			return
		}
		for _, suggested := range []bool{false, true} {
			fixed := diagnostics.FixAll(src, suggested, golden.Checker(catalog.Rules(), nil, context)).Src
			if errors(src) == 0 && errors(fixed) > 0 {
				t.Fatalf("the fixed file is rejected:\n%s\nbefore:\n%s", fixed, src)
			}
		}
	})
}

func errors(src string) (n int) {
	file := syntax.Parse(src)
	n = len(file.Errors)
	for _, in := range file.Instructions {
		n += len(in.Errors())
	}
	return n
}

// TestTooMuch: a file with more patterns than its context can bear is checked without the context, and
// with it again as soon as there are fewer, also when findings of stages are taken over.
func TestTooMuch(t *testing.T) {
	tree := map[string]string{"requirements.txt": "flask\n", "app.py": ""}
	for i := range 2000 {
		tree[fmt.Sprintf("f%d", i)] = ""
	}
	c := files.InMemory(tree)
	const stage, other = "FROM python:3.13 AS a\nCOPY . .\nRUN pip install -r requirements.txt\nUSER 1\n", "FROM alpine:3.22\n"
	var g *stages.Graph
	check := func(src string, prev *diagnostics.Results) *diagnostics.Results {
		f := syntax.Parse(src)
		if g != nil {
			f = g.File.Edit([]text.Edit{text.Difference(g.File.Src, src)})
		}
		g = stages.Resolve(f, stages.Args{Image: images.Base}, g)
		return diagnostics.Run(context.Background(), diagnostics.Input{Rules: catalog.Rules(), Graph: g, Build: diagnostics.Build{Context: c}}, prev)
	}
	few := check(stage+other, nil)
	many := stage + other + strings.Repeat("COPY *"+strings.Repeat("x", 1000)+" /x/\n", 1000)
	if !diagnostics.TooMuch(stages.Resolve(syntax.Parse(many), stages.Args{Image: images.Base}, nil), c) {
		t.Error("it is not too much")
	}
	if long := stage + "RUN " + strings.Repeat("echo *;", 100_000); diagnostics.TooMuch(stages.Resolve(syntax.Parse(long), stages.Args{Image: images.Base}, nil), c) {
		t.Error("patterns of the shell count")
	}
	counts := func(r *diagnostics.Results) bool {
		return slices.ContainsFunc(r.Diagnostics, func(d diagnostics.Diagnostic) bool { return strings.Contains(d.Message, "2,002 files") })
	}
	if without := check(many, few); !counts(few) || counts(without) || !counts(check(stage+other, without)) {
		t.Error("the context counts where it is too much, or does not where it is not")
	}
}

// TestTooLong: of a file with a stage that is too long only the syntax is checked, and all of it again as
// soon as it is shorter, also when findings of stages are taken over.
func TestTooLong(t *testing.T) {
	const stage, wrong = "FROM alpine:latest\nUSER 1\n", "FROM alpine:3.22\nUSER 1\nRUM x\n"
	long := stage + wrong + strings.Repeat("RUN x\n", 11_000)
	onto := stage + wrong + "FROM alpine:3.22 AS base\n" + strings.Repeat("RUN x\n", 800) + strings.Repeat("FROM base\nRUN y\n", 200)
	var g *stages.Graph
	var results *diagnostics.Results
	check := func(src string) (names []string) {
		f := syntax.Parse(src)
		if g != nil {
			f = g.File.Edit([]text.Edit{text.Difference(g.File.Src, src)})
		}
		g = stages.Resolve(f, stages.Args{Image: images.Base}, g)
		results = diagnostics.Run(context.Background(), diagnostics.Input{Rules: golden.Frozen(), Graph: g}, results)
		for _, d := range results.Diagnostics {
			names = append(names, d.Rule.Name)
		}
		return names
	}
	for i, src := range []string{stage + wrong, long, stage + wrong, onto, stage + wrong} {
		want := []string{"base-image-latest", syntax.UnknownInstruction}
		if i%2 == 1 {
			want = want[1:]
		}
		if got := check(src); !slices.Equal(got, want) || diagnostics.TooLong(g) != (i%2 == 1) {
			t.Errorf("%d: findings %v, want %v; too long: %v", i, got, want, diagnostics.TooLong(g))
		}
	}
}

// TestMaxShown: a file with an error on each line shows the first, and how many more there are.
func TestMaxShown(t *testing.T) {
	for first, syntaxErrors := range map[string]int{"FROM a:1\nUSER 1\n": 5000, "": 5001} { // one is about the missing FROM
		found := run(first+strings.Repeat("COPY x\nnonsense\n", 5000), nil, diagnostics.Settings{})
		last := map[string]string{}
		number := map[string]int{}
		for _, d := range found {
			last[d.Rule.Name] = d.Message
			number[d.Rule.Name]++
		}
		for rule, n := range map[string]int{syntax.SyntaxError: syntaxErrors, syntax.UnknownInstruction: 5000} {
			if want := fmt.Sprintf("%d more findings of this rule from here on are not shown", n-1000); number[rule] != 1001 || last[rule] != want {
				t.Errorf("%s: %d, the last is %q", rule, number[rule], last[rule])
			}
		}
	}
}

// A context that the user named is not doubted; one that is supposed is doubted in all stages as soon as
// one of them speaks against it, also after edits.
func TestContextIsDoubtedAsAWhole(t *testing.T) {
	c := files.InMemory(map[string]string{
		"package.json": "{}", "package-lock.json": `{"lockfileVersion":3,"packages":{"":{}}}`, "node_modules/a/index.js": "", "config/app.env.template": "A=1",
	})
	const good, lacking = "COPY config/app.env.template .env\n", "COPY config/app.env .env\n"
	text := func(last string) string {
		return "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM nginx:1.29\n" + last
	}
	for _, named := range []bool{false, true} {
		var results *diagnostics.Results
		var g *stages.Graph
		for _, last := range []string{good, lacking, good, lacking} {
			doubted := last == lacking && !named
			g = stages.Resolve(syntax.Parse(text(last)), stages.Args{Image: images.Base}, g)
			results = diagnostics.Run(context.Background(), diagnostics.Input{Rules: catalog.Rules(), Graph: g, Build: diagnostics.Build{Context: c, Named: named}}, results)
			var told, numbers, ignore, safe bool
			for _, d := range results.Diagnostics {
				told = told || strings.Contains(d.Message, "set `context` in .layerwise.yaml")
				numbers = numbers || strings.Contains(d.Message, "any of the 4 files")
				ignore = ignore || d.Rule.Name == "dockerignore-missing"
				for _, f := range d.Fixes() {
					safe = safe || f.Safety == diagnostics.Safe
				}
			}
			if told != doubted || numbers == doubted || ignore == doubted || safe && doubted {
				t.Errorf("named %v, %q: told %v, numbers %v, dockerignore-missing %v, safe fix %v", named, last, told, numbers, ignore, safe)
			}
		}
	}
}

func TestNamedContextsAreNoImages(t *testing.T) {
	for _, test := range []struct {
		image, context string
		silent         bool
	}{
		{"base", "", false},
		{"base", "base", true},
		{"base", "other", false},
		{"alpine:latest", "alpine", true},
		{"alpine", "docker.io/library/alpine", true},
		{"alpine:latest", "alpine:3.22", false},
		{"ghcr.io/a/b", "ghcr.io/a/b", true},
	} {
		b := diagnostics.Build{Contexts: map[string]string{test.context: "docker-image://debian:12"}}
		g := stages.Resolve(syntax.Parse("FROM "+test.image+"\nUSER 1\n"), stages.Args{Image: images.Base}, nil)
		found := rules(diagnostics.Run(context.Background(), diagnostics.Input{Rules: catalog.Rules(), Graph: g, Build: b}, nil).Diagnostics)
		if (found == "") != test.silent {
			t.Errorf("FROM %s with the context %q: %q", test.image, test.context, found)
		}
	}
}
