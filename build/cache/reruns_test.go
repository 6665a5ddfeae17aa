package cache_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/scenario"
)

// subjectOf is the first state of a scenario.
func subjectOf(t *testing.T, s *scenario.Scenario, src string) cache.Subject {
	t.Helper()
	tree := map[string]string{}
	for name, e := range s.Context {
		switch {
		case e.Dir:
			tree[name+"/"] = ""
		case e.Symlink != "":
			tree[name] = "-> " + e.Symlink
		case e.Content != nil:
			tree[name] = *e.Content
		default:
			tree[name] = string(e.Bytes)
		}
	}
	if s.Dockerignore != nil {
		tree[".dockerignore"] = *s.Dockerignore
	}
	c := files.InMemory(tree)
	options := cache.Options(s.BuildArgs, s.Target, "")
	maps.Copy(options, s.Opts)
	return cache.Subject{
		Graph:   stages.Resolve(syntax.Parse(src), stages.Args{Build: s.BuildArgs, Target: s.Target}, nil),
		Options: options,
		Trees:   map[string]*cache.Tree{cache.MainContext: cache.NewTree(c, &files.Hasher{})},
	}
}

// TestReruns changes every instruction of the scenarios, one at a time, and compares what Reruns says
// with what the model finds for the changed file. The model may know more: where it has followed the
// files of the build context through a stage, it tells what Reruns says depends on them.
func TestReruns(t *testing.T) {
	list, err := scenario.LoadDir("testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	compared, known := map[string]int{}, 0
	random := rand.New(rand.NewPCG(corpus.Seed(t), 0))
	part := 2 // of the scenarios, one: others each time
	if testing.Short() {
		part = 6
	}
	for _, s := range list {
		if random.IntN(part) > 0 && !strings.Contains(s.Dockerfile, "SHELL ") { // which few have
			continue
		}
		before := subjectOf(t, s, s.Dockerfile)
		g := before.Graph
		for i := range g.File.Instructions {
			step := g.StepAt(i)
			src, ok := changed(g, step)
			if !ok {
				continue
			}
			c, err := cache.Compare(t.Context(), before, subjectOf(t, s, src))
			if err != nil {
				continue // a named context, or a value that BuildKit checks
			}
			got := map[int]cache.State{}
			for _, r := range cache.Reruns(g, step) {
				got[g.Line(r.Step)] = r.State
			}
			compared[step.Instr.Name]++
			for _, e := range c.Effects {
				want, is := max(e.State, cache.Cached), max(got[e.Line], cache.Cached)
				switch {
				case e.Line == g.Line(step) || want == is:
				case is == cache.Depends:
					known++
				default:
					t.Errorf("%s: a change of line %d: line %d is %v, want %v\n%s", s.ID, g.Line(step), e.Line, is, want, s.Dockerfile)
				}
			}
		}
	}
	t.Logf("changes compared: %v; steps of which the model knows more: %d", compared, known)
	for _, name := range []string{"ARG", "ENV", "USER", "SHELL", "RUN", "COPY", "WORKDIR", "FROM", "LABEL", "CMD"} {
		if compared[name] == 0 && !testing.Short() {
			t.Errorf("no change of a %s was compared", name)
		}
	}
}

// changed is the source with another value in an instruction.
func changed(g *stages.Graph, s *stages.Step) (src string, ok bool) {
	words := s.Instr.Words
	if len(words) == 0 {
		return "", false
	}
	last := words[len(words)-1]
	switch s.Instr.Name {
	case "ARG", "ENV":
		if last = words[0]; len(words) != 1 || !strings.Contains(last.Text, "=") {
			return "", false
		}
	case "FROM":
		last = words[0]
		if s.Stage.Parent != nil || s.Stage.Scratch() {
			return "", false
		}
	}
	at := g.Offset(s) + last.Span.End
	for at > 0 && strings.ContainsRune(`"'`, rune(g.File.Src[at-1])) {
		at--
	}
	return g.File.Src[:at] + "9" + g.File.Src[at:], true
}
