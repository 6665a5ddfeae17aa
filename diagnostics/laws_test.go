package diagnostics_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	randv2 "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
	"layerwise/internal/golden"
	"layerwise/internal/projects"
)

// lines are what random edits insert. Many speak of other lines: names of stages, variables in FROM, a
// directory or shell that the steps below work in.
var lines = []string{
	"\n", "FROM a AS b\n", "FROM b\n", "FROM alpine:$GIT_SHA\n", "FROM alpine:3.22 AS final\n", "FROM final\n", "COPY . .\n", "COPY --from=b /x /x\n",
	"RUN pip install -r requirements.txt\n", "RUN apt-get update\n", "RUN apt-get update && apt-get install -y x\n", "RUN rm -rf /var/lib/apt/lists/*\n",
	"RUN curl -k https://example.org | sh\n", "RUN go build ./...\n", "RUN useradd app\n", "# layerwise ignore=C01\n", "# layerwise ignore=c26,unused\n",
	"# layerwise ignore-stage=pipe-to-shell\n", "# layerwise ignore-file=maintainer-deprecated,typo\n", "ARG GIT_SHA\n", "ARG NPM_TOKEN\n", "ENV A=b\n",
	"x", "\\\n", "USER root\n", "USER app\n", "CMD [\"x\"]\n", "<<EOF\n", "LABEL a=$GIT_SHA\n", "WORKDIR app\n", "WORKDIR /src\n", "SHELL [\"bash\"]\n",
	"COPY .env id_rsa ./\n", "MAINTAINER me\n", "COPY a.deb /\n", "RUN rm /a.deb\n", "ONBUILD RUN x\n", "# escape=`\n",
}

// edited edits a file at random, and checks it after each edit with the results of the one before: with all rules, and
// with one of them. It returns how the findings differ from those of a fresh run; "" if they never do.
func edited(seed int64, rules []*diagnostics.Rule, edits int) string {
	rng := rand.New(rand.NewSource(seed))
	contexts := []*files.Context{nil}
	for _, extra := range []string{"", ".git/HEAD", ".dockerignore"} {
		contexts = append(contexts, files.InMemory(map[string]string{"requirements.txt": "flask\n", "app.py": "", "package.json": "{}", "Dockerfile": "", ".env": "A=b", extra + "x": "", extra: "!y\n"}))
	}
	args := stages.Args{Build: map[string]string{"GIT_SHA": "1"}}
	if seed%2 == 0 {
		args = stages.Args{Target: []string{"b", "final", "0", "1"}[rng.Intn(4)]}
	}
	src := "ARG GIT_SHA\nFROM python AS b\nCOPY . .\nRUN pip install -r requirements.txt\nFROM b\nCMD [\"x\"]\n" + dockergen.File(20)
	if seed%3 == 0 { // a project in which nearly every rule has something to say
		p := projects.Random(randv2.New(randv2.NewPCG(uint64(seed), 0)))
		src, args.Image = p.Dockerfile, images.Base
		contexts = append(contexts, files.InMemory(p.Context), files.InMemory(p.Context))
	}
	f := syntax.Parse(src)
	var g *stages.Graph
	var res *diagnostics.Results
	bc := contexts[rng.Intn(len(contexts))]
	for step := range edits {
		g = stages.Resolve(f, args, g)
		in := diagnostics.Input{Rules: rules, Graph: g, Build: diagnostics.Build{Context: bc}}
		one := rules[rng.Intn(len(rules))]
		in.Only = func(r *diagnostics.Rule) bool { return r == one }
		alone := diagnostics.Run(context.Background(), in, res)
		in.Only = nil
		res = diagnostics.Run(context.Background(), in, res)
		fresh := diagnostics.Run(context.Background(), diagnostics.Input{Rules: rules, Graph: stages.Resolve(syntax.Parse(f.Src), args, nil), Build: diagnostics.Build{Context: bc}}, nil)
		if got, want := golden.Format(f.Src, res.Diagnostics), golden.Format(f.Src, fresh.Diagnostics); got != want {
			return fmt.Sprintf("seed %d, edit %d, %v: reused\n%s\nfresh\n%s\nin\n%s", seed, step, args, got, want, f.Src)
		}
		if got, want := golden.Format(f.Src, alone.Diagnostics), golden.Format(f.Src, of(one, fresh.Diagnostics)); got != want && one.After == nil {
			return fmt.Sprintf("seed %d, edit %d, %v: %s alone\n%s\namong all rules\n%s\nin\n%s", seed, step, args, one.Name, got, want, f.Src)
		}
		if failures := append(res.Failures(), fresh.Failures()...); len(failures) > 0 {
			return fmt.Sprintf("seed %d, edit %d: %v", seed, step, failures)
		}
		at := rng.Intn(len(f.Src) + 1)
		if rng.Intn(3) > 0 { // at the start of a line
			at = strings.LastIndexByte(f.Src[:at], '\n') + 1
		}
		edit := text.Edit{Span: text.Span{Start: at, End: at}, New: lines[rng.Intn(len(lines))]}
		switch rng.Intn(8) {
		case 0, 1:
			edit = text.Edit{Span: text.Span{Start: at, End: min(len(f.Src), at+rng.Intn(30))}}
		case 2:
			edit.Span = text.Span{Start: len(f.Src), End: len(f.Src)} // a stage is appended as often as one is begun
		case 3:
			bc = contexts[rng.Intn(len(contexts))]
		}
		if len(f.Src) > 4000 {
			edit = text.Edit{Span: text.Span{Start: at, End: min(len(f.Src), at+1500)}}
		}
		f = f.Edit([]text.Edit{edit})
	}
	return ""
}

func of(rule *diagnostics.Rule, found []diagnostics.Diagnostic) []diagnostics.Diagnostic {
	return slices.DeleteFunc(slices.Clone(found), func(d diagnostics.Diagnostic) bool { return d.Rule != rule })
}

// TestEditedEqualsFresh: after any edit the findings are those of a fresh run, messages, places and fixes
// included, whatever changes: targets, variables in FROM, stages that come and go, the context.
func TestEditedEqualsFresh(t *testing.T) {
	first, seeds := int64(corpus.Seed(t)), int64(20)
	if testing.Short() {
		seeds = 4
	}
	for n := range seeds {
		seed := n // half of them are always the same
		if n%2 == 1 {
			seed = first + n
		}
		if difference := edited(seed, allOn(), 150); difference != "" {
			t.Fatal(difference)
		}
	}
}

// TestEditedEqualsFreshSeesLies: a rule that looks at what it did not ask for, or that tells of a place that
// has moved, is found out.
func TestEditedEqualsFreshSeesLies(t *testing.T) {
	report := func(p *diagnostics.Pass, s *stages.Step, message string) {
		p.Report(diagnostics.Finding{Step: s, Span: s.Instr.Keyword, Message: diagnostics.Plain(message)})
	}
	liars := map[string]*diagnostics.Rule{
		"a step that looks at the next one": {Name: "liar", Severity: diagnostics.Info, Step: func(p *diagnostics.Pass, s *stages.Step) {
			if s.N+1 < len(s.Stage.Steps) && s.Stage.Steps[s.N+1].Instr.Name == "RUN" {
				report(p, s, "a RUN follows")
			}
		}},
		"a line that is counted too early": {Name: "liar", Severity: diagnostics.Info, Stage: func(p *diagnostics.Pass) {
			line := p.Global()
			report(p, p.Stage.Steps[0], fmt.Sprint("stage ", p.Stage.Index, " after ", len(line)))
			if len(p.Stage.Steps) > 1 {
				at := new(int)
				p.Report(diagnostics.Finding{Step: p.Stage.Steps[1], Message: func(p *diagnostics.Pass) string {
					if *at == 0 {
						*at = p.Line(p.Stage.Steps[1])
					}
					return fmt.Sprint("on line ", *at)
				}})
			}
		}},
		"a fact that is remembered": {Name: "liar", Severity: diagnostics.Info, Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
			if s.Instr.Memo("liar", func() any { return s.N }).(int) != 3 {
				report(p, s, "it was not the third")
			}
		}},
	}
	for name, liar := range liars {
		if !slices.ContainsFunc([]int64{1, 2, 3, 4, 5}, func(seed int64) bool { return edited(seed, []*diagnostics.Rule{liar}, 150) != "" }) {
			t.Errorf("%s is not found out", name)
		}
	}
}

// allOn are the rules, those that are off by default turned on.
func allOn() (rules []*diagnostics.Rule) {
	for _, rule := range catalog.Rules() {
		if rule.Off {
			on := *rule
			on.Off = false
			rule = &on
		}
		rules = append(rules, rule)
	}
	return rules
}

// TestSee: a rule finds the same in the steps that it chose to see as in all of them.
func TestSee(t *testing.T) {
	texts := map[string]string{}
	if corpus.Given() {
		texts = maps.Collect(corpus.Some(t, 8, corpus.Seed(t)))
	}
	for seed := range 100 {
		rng := rand.New(rand.NewSource(int64(seed)))
		src := "FROM python\n"
		for range 40 {
			src += lines[rng.Intn(len(lines))]
		}
		texts[fmt.Sprint("random ", seed)] = src
	}
	check := golden.Checker(allOn(), nil, map[string]string{"requirements.txt": "", "package.json": "{}"})
	for name, src := range texts {
		few := golden.Format(src, check(src, nil))
		diagnostics.SeeAll(true)
		all := golden.Format(src, check(src, nil))
		diagnostics.SeeAll(false)
		if few != all {
			t.Errorf("%s: found\n%s\nin all steps\n%s\nof\n%s", name, few, all, src)
		}
	}
}

// TestFewSeeEverything: what a rule has seen of a stage is copied at each keystroke in it, so a list of nearly all steps of a
// long stage costs much. Only what a rule needs of a stage with a reason to look closer may be one: the volatile argument here.
func TestFewSeeEverything(t *testing.T) {
	bc := files.InMemory(map[string]string{"package.json": "{}", "package-lock.json": "{}", "Dockerfile": ""})
	g := stages.Resolve(syntax.Parse(dockergen.OneStage(600)), stages.Args{Image: images.Base}, nil)
	res := diagnostics.Run(context.Background(), diagnostics.Input{Rules: catalog.Rules(), Graph: g, Build: diagnostics.Build{Context: bc}}, nil)
	if got := diagnostics.SeenInMost(res); !slices.Equal(got, []string{"caching.noteKey"}) {
		t.Errorf("seen in most steps: %v", got)
	}
}

// TestKeystrokeStaysInItsStage: a letter typed in one stage of many has the rules look again at it and at those that have to
// do with it, and at no other; or a long file could not be typed in.
func TestKeystrokeStaysInItsStage(t *testing.T) {
	bc := files.InMemory(map[string]string{"package.json": "{}", "package-lock.json": "{}", "Dockerfile": ""})
	for name, src := range map[string]string{"File": dockergen.File(600), "Stages": dockergen.Stages(600)} {
		run := func(g *stages.Graph, prev *diagnostics.Results) *diagnostics.Results {
			return diagnostics.Run(context.Background(), diagnostics.Input{Rules: catalog.Rules(), Graph: g, Build: diagnostics.Build{Context: bc}}, prev)
		}
		args := stages.Args{Image: images.Base}
		f := syntax.Parse(src)
		g := stages.Resolve(f, args, nil)
		res := run(g, nil)
		at := strings.Index(src[len(src)/2:], "\nRUN ") + len(src)/2 + len("\nRUN ")
		for _, typed := range []string{"e", "c", "h", "o", " "} {
			f = f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: typed}})
			at++
			g = stages.Resolve(f, args, g)
			next := run(g, res)
			if n := diagnostics.Rechecked(res, next); n > 3 {
				t.Errorf("%s: of %d stages, %d were looked at again after %q", name, len(g.Stages), n, typed)
			}
			res = next
		}
	}
}
