package buildlog_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"layerwise/build/buildlog"
	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
)

// numbered is the name of a step of an instruction.
var numbered = regexp.MustCompile(`^\[[^\]]*\d+/\d+\] `)

// TestCorpus: the steps of real Dockerfiles, by the names that BuildKit's own frontend gives them, are
// found on the lines that it says they are from; also when the build had other arguments.
func TestCorpus(t *testing.T) {
	steps := 0
	for file, src := range corpus.Some(t, 4, corpus.Seed(t)) {
		operations, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
		if err != nil {
			continue // BuildKit refuses it
		}
		g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
		options := map[string]string{}
		for _, s := range g.Global {
			for _, w := range s.Instr.Words {
				if name, value, ok := strings.Cut(w.Text, "="); ok && s.Instr.Name == "ARG" && !strings.Contains(src, "FROM $"+name) && !strings.Contains(src, "FROM ${"+name) {
					options["build-arg:"+name] = value + "x"
				}
			}
		}
		for _, options := range []map[string]string{nil, options} {
			built, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src), Options: options})
			if err != nil {
				continue
			}
			steps += check(t, file, g, operations, built)
		}
	}
	t.Logf("%d steps", steps)
}

// check writes the log of a build and looks for its steps.
func check(t *testing.T, file string, g *stages.Graph, operations, built *llb.Graph) (steps int) {
	var log strings.Builder
	for i, v := range built.Vertices {
		if numbered.MatchString(v.Name) {
			steps++
			fmt.Fprintf(&log, "#%d %s\n#%d DONE %d.0s\n\n", i+1, v.Name, i+1, i+1)
		}
	}
	if steps == 0 {
		return 0
	}
	builds, err := buildlog.Read(strings.NewReader(log.String()))
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return 0
	}
	times, err := buildlog.Match(builds, g, operations)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return 0
	}
	for _, name := range times.Strange {
		t.Errorf("%s: no line for %s", file, name)
	}
	for i, v := range built.Vertices {
		if !numbered.MatchString(v.Name) || v.Link() || len(v.Lines) == 0 {
			continue
		}
		timing, ok := times.Lines[v.Lines[0]]
		if got := int(timing.Took.Seconds()); !ok || got != i+1 && len(v.Inputs) > 0 && !strings.Contains(v.Name, "ADD ") && !strings.Contains(v.Name, "--link") && !strings.Contains(v.Name, "ONBUILD") {
			t.Errorf("%s: %s is on line %d, whose step took %d and not %d", file, v.Name, v.Lines[0], got, i+1)
		}
	}
	return steps
}
