package catalog_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/build/llb"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// This file compares our rules with the checks of BuildKit's own linter that they stand for: the same findings, at the
// same instructions, but for the differences of the table in buildkit_differences_test.go.

// TestBuildKitChecks: each check of BuildKit's linter is a rule of ours, and each that a rule names is there. It fails when
// another version of BuildKit has other checks.
func TestBuildKitChecks(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "frontend/dockerfile/linter/ruleset.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Name" {
				name, _ := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
				checks[name] = true
			}
		}
		return true
	})
	if len(checks) < 20 {
		t.Fatalf("only %d checks are found in BuildKit's source: look where they went", len(checks))
	}
	ours := map[string]bool{}
	for _, r := range catalog.Rules() {
		for _, name := range r.BuildKit {
			ours[name] = true
			if !checks[name] {
				t.Errorf("%s stands for %s, which BuildKit has not", r.Name, name)
			}
		}
	}
	for name := range checks {
		if !ours[name] {
			t.Errorf("BuildKit has the check %s, for which there is no rule", name)
		}
	}
}

// Checks of BuildKit's that are compared under conditions.
const (
	mismatch    = "InvalidBaseImagePlatform"
	description = "InvalidDefinitionDescription"
)

// machine is the platform that the comparison builds for.
const machine = "linux/amd64"

// lintText is a text with its build context; the tree has the ignore file.
type lintText struct {
	name, src string
	tree      map[string]string
}

// finding is a check of BuildKit's at an instruction.
type finding struct {
	check string
	index int // of the instruction
}

// theirs are the findings of BuildKit's linter. whole is false if BuildKit refuses the file, so that some may be missing.
// platforms says whether images have other platforms than those that are asked for.
func theirs(l lintText, g *stages.Graph, experimental, platforms bool) (found map[finding]string, whole bool, err error) {
	options := map[string]string{"platform": machine}
	if experimental {
		options["build-arg:BUILDKIT_DOCKERFILE_CHECK"] = "experimental=all"
	}
	list, err := llb.Lint(context.Background(), llb.Input{Dockerfile: []byte(l.src), Options: options, Image: configuration(platforms), Ignore: func(string) []byte {
		if body, ok := l.tree[".dockerignore"]; ok {
			return []byte(body)
		}
		return nil
	}})
	found = map[finding]string{}
	for _, w := range list {
		found[finding{w.Rule, instructionAt(g, w.Line)}] = w.Message
	}
	refusal, refused := err.(*llb.Error)
	if refused && !refusal.Crash {
		return found, false, nil
	}
	return found, true, err
}

// configuration is what a registry would tell of an image, as far as we know it.
func configuration(platforms bool) func(ref string, asked ocispecs.Platform) (llb.Image, bool) {
	return func(ref string, asked ocispecs.Platform) (image llb.Image, ok bool) {
		return described(ref, asked, platforms)
	}
}

func described(ref string, asked ocispecs.Platform, platforms bool) (image llb.Image, ok bool) {
	facts, known := images.Lookup(ref, machine)
	is, named := images.PlatformOf(ref)
	if !known && !named {
		return image, false
	}
	image.Config.OS, image.Config.Architecture = asked.OS, asked.Architecture
	if named && platforms {
		image.Config.OS = is.OS
		if is.Architecture != "" {
			image.Config.Architecture = is.Architecture
		}
	}
	for _, name := range slices.Sorted(maps.Keys(facts.Env)) {
		value := "x"
		if v := facts.Env[name]; v != nil {
			value = *v
		}
		image.Config.Config.Env = append(image.Config.Config.Env, name+"="+value)
	}
	for _, name := range facts.EnvMaybe {
		image.Config.Config.Env = append(image.Config.Config.Env, name+"=x")
	}
	image.Config.Config.Shell = facts.Shell
	return image, true
}

// instructionAt is the instruction that a line of BuildKit's belongs to.
func instructionAt(g *stages.Graph, line int) int {
	for i := len(g.File.Instructions) - 1; i >= 0; i-- {
		if g.BuildLine(g.StepAt(i)) <= line {
			return i
		}
	}
	return -1
}

// ours are the findings of our rules.
func ours(l lintText, g *stages.Graph, rules []*diagnostics.Rule) map[finding]string {
	set := diagnostics.Settings{Severity: map[string]diagnostics.Severity{}}
	for _, r := range rules {
		set.Severity[r.Name] = diagnostics.On
	}
	build := diagnostics.Build{}
	if l.tree != nil {
		build.Context, build.Named = files.InMemory(l.tree), true
	}
	found := map[finding]string{}
	for _, d := range diagnostics.Run(context.Background(), diagnostics.Input{Rules: rules, Graph: g, Build: build, Settings: set}, nil).Diagnostics {
		if d.Step() == nil {
			continue
		}
		for _, check := range d.Rule.BuildKit {
			found[finding{check, g.Index(d.Step())}] = d.Message
		}
	}
	return found
}

// comparison counts what the texts show.
type comparison struct {
	rules          []*diagnostics.Rule
	refused, texts int
	agreed         map[string]int // findings by check
	differ         map[string]int // by the reason
	unexplained    []string
	meant          []meant // the differences that are meant
}

func newComparison() *comparison {
	c := &comparison{agreed: map[string]int{}, differ: map[string]int{}, meant: differences}
	for _, r := range catalog.Rules() {
		if len(r.BuildKit) > 0 {
			c.rules = append(c.rules, r)
		}
	}
	return c
}

func (c *comparison) try(l lintText) {
	f := syntax.Parse(l.src)
	if f.CustomFrontend() || len(f.Errors) > 0 || len(l.src) > 64<<10 {
		return
	}
	// What BuildKit is told of its linter from outside replaces what the file says.
	experimental := !slices.ContainsFunc(f.Directives, func(d syntax.Directive) bool { return d.Name == "check" })
	g := stages.Resolve(f, stages.Args{Image: images.Base, Platform: machine}, nil)
	got := ours(l, g, c.rules)
	mismatches := 0
	for f := range got {
		if f.check == mismatch {
			mismatches++
		}
	}
	// BuildKit looks at several images at once, and its list of warnings is not made for that.
	alone := mismatches <= 1
	want, whole, err := theirs(l, g, experimental, alone)
	if err != nil {
		return
	}
	c.texts++
	if !whole {
		c.refused++
	}
	at := difference{text: l, graph: g}
	for f, message := range want {
		if _, both := got[f]; both {
			c.agreed[f.check]++
			continue
		}
		c.explain(at, f, buildKitAlone, message)
	}
	for f, message := range got {
		if _, both := want[f]; both || !whole || f.check == description && !experimental || f.check == mismatch && !alone {
			continue
		}
		c.explain(at, f, weAlone, message)
	}
}

// explain counts a difference by its reason.
func (c *comparison) explain(d difference, f finding, who, message string) {
	d.step = d.graph.StepAt(max(f.index, 0))
	for _, known := range c.meant {
		if (known.check == f.check || known.check == anyCheck) && known.who == who && (known.when == nil || known.when(d)) {
			c.differ[f.check+": "+who+": "+known.why]++
			return
		}
	}
	in := d.step.Instr
	c.unexplained = append(c.unexplained, fmt.Sprintf("%s:%d: %s at %q says %s: %s", d.text.name, d.graph.BuildLine(d.step), who, in.FirstLine(in.Body).Of(in.Text), f.check, message))
}

func (c *comparison) report(t *testing.T) {
	t.Logf("%d texts, %d of them refused", c.texts, c.refused)
	for _, check := range slices.Sorted(maps.Keys(c.agreed)) {
		t.Logf("%6d %s", c.agreed[check], check)
	}
	for _, why := range slices.Sorted(maps.Keys(c.differ)) {
		t.Logf("%6d different: %s", c.differ[why], why)
	}
	shown := 30
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_SHOW")); err == nil {
		shown = n
	}
	for _, d := range c.unexplained[:min(len(c.unexplained), shown)] {
		t.Error(d)
	}
	if n := len(c.unexplained); n > shown {
		t.Errorf("and %d more", n-shown)
	}
}

// TestBuildKitOfRealFiles compares the findings of real files; LAYERWISE_WHOLE=1 takes all of the corpus.
func TestBuildKitOfRealFiles(t *testing.T) {
	c := newComparison()
	for name, src := range corpus.Some(t, 10, corpus.Seed(t)) {
		c.try(lintText{name: name, src: src})
	}
	c.report(t)
}

// TestBuildKitOfMadeUpFiles compares those of made-up files, with a build context in which some files are ignored.
// LAYERWISE_TEXTS says how many there are.
func TestBuildKitOfMadeUpFiles(t *testing.T) {
	random, texts := rand.New(rand.NewPCG(corpus.Seed(t), 0)), 400
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_TEXTS")); err == nil {
		texts = n
	}
	c := newComparison()
	ignores := []string{"", "*.md\n", "dist\n", "*\n", "dist/*\n!dist/b.js\n", ".*\n", "README.md\n!README.md\n"}
	for n := range texts {
		tree := map[string]string{"README.md": "x", "dist/a.js": "x", "dist/b.js": "x", "src/a.c": "x", "a": "x", "package.json": "{}"}
		if ignore := ignores[random.IntN(len(ignores))]; ignore != "" {
			tree[".dockerignore"] = ignore
		}
		src := dockergen.Untidy(random)
		if random.IntN(5) == 0 {
			src = dockergen.Broken(random)
		}
		c.try(lintText{name: fmt.Sprintf("text %d\n%s%s", n, tree[".dockerignore"], src), src: src, tree: tree})
	}
	c.report(t)
	if texts < 400 || len(c.unexplained) > 0 {
		return
	}
	for _, r := range c.rules { // each must have been put to the test
		for _, check := range r.BuildKit {
			if c.agreed[check] == 0 {
				t.Errorf("no text has a finding of %s", check)
			}
		}
	}
}
