package cache_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
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

// TestInvalidates changes the value of every ARG and ENV, every USER and SHELL of the scenarios, one at
// a time, and compares what Invalidates says with what the model finds for the changed file.
func TestInvalidates(t *testing.T) {
	list, err := scenario.LoadDir("testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, s := range list {
		before := subjectOf(t, s, s.Dockerfile)
		g := before.Graph
		b, err := cache.Predict(context.Background(), before)
		if err != nil {
			continue // a named context, or a base image that matters
		}
		for i := range g.File.Instructions {
			step := g.StepAt(i)
			src, ok := changed(g, step)
			if !ok {
				continue
			}
			c, err := cache.Compare(context.Background(), before, subjectOf(t, s, src))
			if err != nil {
				continue // the value is one that BuildKit checks
			}
			want := map[int]cache.State{}
			for _, e := range c.Effects {
				if e.State > cache.Cached {
					want[e.Line] = e.State
				}
			}
			got := b.Invalidates(g, step)
			compared++
			if !maps.Equal(got, want) {
				t.Errorf("%s: line %d: got %v, want %v\n%s", s.ID, g.Line(step), got, want, s.Dockerfile)
			}
		}
	}
	t.Logf("%d changes", compared)
	if compared < 100 {
		t.Errorf("only %d changes", compared)
	}
}

// changed is the source with another value in an instruction.
func changed(g *stages.Graph, s *stages.Step) (src string, ok bool) {
	words := s.Instr.Words
	switch s.Instr.Name {
	case "ARG", "ENV":
		if len(words) != 1 || !strings.Contains(words[0].Text, "=") || strings.ContainsAny(words[0].Text, `"'`) {
			return "", false
		}
	case "USER":
		if len(words) != 1 {
			return "", false
		}
	default:
		return "", false
	}
	at := g.Offset(s) + words[0].Span.End
	return g.File.Src[:at] + "9" + g.File.Src[at:], true
}
