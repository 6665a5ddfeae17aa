package correctness_test

import (
	"context"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/correctness"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestPassedArguments: of an argument that a build passes nothing is said, whether its value is known or not.
func TestPassedArguments(t *testing.T) {
	const src = "ARG SHA\nFROM busybox@sha256:${SHA}\n"
	digest := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, c := range map[string]struct {
		args stages.Args
		want int
	}{
		"nothing is passed":          {stages.Args{}, 1},
		"a value is passed":          {stages.Args{Build: map[string]string{"SHA": digest}}, 0},
		"some value or other is":     {stages.Args{Unknown: []string{"SHA"}}, 0},
		"a value that is not valid":  {stages.Args{Build: map[string]string{"SHA": "x"}}, 1},
		"another argument is passed": {stages.Args{Unknown: []string{"TAG"}}, 1},
	} {
		g := stages.Resolve(syntax.Parse(src), c.args, nil)
		found := 0
		for _, d := range diagnostics.Run(context.Background(), diagnostics.Input{Rules: correctness.Rules, Graph: g}, nil).Diagnostics {
			if d.Rule.Name == "invalid-default-arg-in-from" {
				found++
			}
		}
		if found != c.want {
			t.Errorf("%s: %d findings, want %d", name, found, c.want)
		}
	}
}
