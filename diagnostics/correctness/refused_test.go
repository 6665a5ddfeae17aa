package correctness_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/llb"
	"layerwise/build/refusals"
	"layerwise/diagnostics"
	"layerwise/diagnostics/correctness"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// verdict is what is said of a text, and the first lines of the instructions that have an error.
type verdict struct {
	found []diagnostics.Diagnostic
	lines map[int]bool
}

func ours(src string, find func(context.Context, *stages.Graph, map[string]string) []refusals.Refusal) verdict {
	g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
	results := diagnostics.Run(context.Background(), diagnostics.Input{Rules: correctness.Rules, Graph: g}, nil)
	v := verdict{lines: map[int]bool{}}
	for _, d := range results.WithFacts(diagnostics.Facts{Refusals: find(context.Background(), g, nil)}) {
		if d.Severity == diagnostics.Error || d.Rule.Name == "build-refused" { // of a placeholder it is no error, but told
			v.found = append(v.found, d)
			v.lines[1+strings.Count(src[:d.Span.Start], "\n")] = true // BuildKit counts so
			if d.Step() != nil {
				v.lines[g.BuildLine(d.Step())] = true
			}
		}
	}
	return v
}

// compare says how our verdict on a text differs from BuildKit's; "" if it does not. An open one, where a
// build argument or the base image may decide, is silent about what BuildKit refuses.
func compare(src string, find func(context.Context, *stages.Graph, map[string]string) []refusals.Refusal) (difference string, rejected, open bool) {
	f := syntax.Parse(src)
	if f.CustomFrontend() {
		return "", false, false
	}
	v := ours(src, find)
	_, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
	var refusal *llb.Error
	if errors.As(err, &refusal) && refusal.Lint {
		err = nil
	}
	switch {
	case err == nil && len(v.found) > 0:
		return fmt.Sprintf("BuildKit takes it; we say %q of %q", v.found[0].Message, v.found[0].Span.Of(src)), false, false
	case err == nil:
		return "", false, false
	case len(v.found) == 0 && strings.Contains(line(src, refusal.Line), "$"):
		return "", true, true
	case len(v.found) == 0 && strings.Contains(err.Error(), `invalid mount target "/"`) && !knownDirectory(f, refusal.Line):
		return "", true, true // where the base image says no other directory
	case len(v.found) == 0:
		return fmt.Sprintf("BuildKit refuses: %v; we say nothing", err), true, false
	case refusal.Line > 0 && !v.lines[refusal.Line] && strings.Contains(line(src, refusal.Line), "$"):
		return "", true, true
	case v.found[0].Step() == nil: // of the file, which BuildKit says of any line
		return "", true, false
	case refusal.Line > 0 && !v.lines[refusal.Line]:
		return fmt.Sprintf("BuildKit refuses: %v; we say it of lines %v: %s", err, v.lines, v.found[0].Message), true, false
	}
	return "", true, false
}

// knownDirectory reports whether the directory in effect on a line of BuildKit's is known.
func knownDirectory(f *syntax.File, line int) bool {
	g := stages.Resolve(f, stages.Args{}, nil)
	at := g.AtBuildLine(line)
	return at >= 0 && g.StepAt(at).Workdir.Known
}

func line(src string, n int) string {
	lines := strings.Split(src, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.Join(lines[n-1:min(len(lines), n+3)], "\n")
}

// TestRefusals compares our verdict with that of BuildKit's whole frontend, on real files, on real files
// that are broken, and on made-up files with one mistake each: accepted or refused alike, on the same line.
// LAYERWISE_SEED repeats a run, LAYERWISE_TEXTS says how many texts are made up.
func TestRefusals(t *testing.T) {
	seed, texts := corpus.Seed(t), 1200
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_TEXTS")); err == nil {
		texts = n
	}
	random := rand.New(rand.NewPCG(seed, 0))
	c := counter{t: t}
	for range texts {
		c.try("made up", dockergen.Broken(random))
	}
	c.report()
}

// TestRefusalsOfRealFiles is the same with the real files of the corpus: half of them whole, and a third of them broken.
func TestRefusalsOfRealFiles(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	c := counter{t: t}
	for name, src := range corpus.Some(t, 2, seed) {
		if len(src) > 32<<10 {
			continue
		}
		if random.IntN(2) == 0 {
			c.try(name, src)
		}
		if !testing.Short() && random.IntN(3) == 0 {
			c.try(name+" broken", mutate(random, src))
			c.try(name+" broken", dockergen.Break(random, src))
		}
	}
	c.report()
}

// TestRefusalsWouldFail shows that the comparison sees a search that finds nothing, and one that finds
// too much.
func TestRefusalsWouldFail(t *testing.T) {
	nothing := func(context.Context, *stages.Graph, map[string]string) []refusals.Refusal { return nil }
	everything := func(context.Context, *stages.Graph, map[string]string) []refusals.Refusal {
		return []refusals.Refusal{{Instruction: 0, Message: "planted"}}
	}
	if difference, _, _ := compare("FROM a\nEXPOSE 80000\n", nothing); difference == "" {
		t.Error("a search that finds nothing passes")
	}
	for _, src := range []string{"FROM a\n", "FROM a\nEXPOSE 80000\n"} {
		if difference, _, _ := compare(src, everything); difference == "" {
			t.Errorf("a search that finds too much passes with %q", src)
		}
	}
}

type counter struct {
	t                                    *testing.T
	texts, rejected, open, differ, shown int
}

func (c *counter) try(name, src string) {
	difference, rejected, open := compare(src, refusals.Find)
	c.texts++
	if rejected {
		c.rejected++
	}
	if open {
		c.open++
	}
	if difference != "" {
		if c.differ++; c.shown < 10 {
			c.shown++
			c.t.Errorf("%s: %s, in\n%s", name, difference, src)
		}
	}
}

func (c *counter) report() {
	c.t.Logf("%d texts, %d of them refused by BuildKit, %d of these left to the build's arguments; %d differences", c.texts, c.rejected, c.open, c.differ)
	if c.texts >= 1000 && c.rejected*20 < c.texts {
		c.t.Error("too few texts are refused for this to be a test")
	}
}
