package workspace

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/build/sources"
)

// TestMistakesAtTheirPlaces: each is told at the line that makes it. An argument of a line that several builds share is for
// those whose Dockerfiles take it.
func TestMistakesAtTheirPlaces(t *testing.T) {
	dockerfiles := map[string]string{"a": "FROM x AS s\nARG A\n", "b": "FROM x AS s\nARG B\n"}
	build := func(dockerfile string, target sources.Text, args map[string]sources.Text) sources.Build {
		b := sources.Build{Dockerfile: dockerfile, Place: sources.Place{File: "compose.yaml", Line: 9}, Target: target.Text, Args: map[string]*string{}}
		b.At.Target, b.At.Args = target, args
		for name := range args {
			b.Args[name] = nil
		}
		return b
	}
	type args = map[string]sources.Text
	at := func(file string, line int) sources.Text { return sources.Text{File: file, Line: line} }
	for _, c := range []struct {
		what   string
		builds []sources.Build
		want   string
	}{
		{"a target", []sources.Build{build("a", sources.Text{File: "compose.override.yaml", Line: 3, Text: "none"}, nil)}, `compose.override.yaml:3 [none] a has no stage "none": the build fails`},
		{"a target at an unknown place", []sources.Build{build("a", sources.Text{Text: "none"}, nil)}, `compose.yaml:9 [none] a has no stage "none": the build fails`},
		{"arguments of several lines", []sources.Build{build("a", sources.Text{}, args{"A": at("m", 1), "X": at("m", 2), "Y": at("m", 3)})},
			"m:2 [X] no ARG of a takes X: passing it does nothing; m:3 [Y] no ARG of a takes Y: passing it does nothing"},
		{"arguments of one line", []sources.Build{build("a", sources.Text{}, args{"X": at("m", 2), "Y": at("m", 2)})},
			"m:2 [] no ARG of a takes X and Y: passing them does nothing"},
		{"one that another build of the line takes", []sources.Build{build("a", sources.Text{}, args{"B": at("m", 1)}), build("b", sources.Text{}, args{"B": at("m", 1)})}, ""},
		{"one that a Dockerfile may take that cannot be read", []sources.Build{build("a", sources.Text{}, args{"B": at("m", 1)}), build("gone", sources.Text{}, args{"B": at("m", 1)})}, ""},
		{"one that no build of the line takes", []sources.Build{build("a", sources.Text{}, args{"C": at("m", 1)}), build("b", sources.Text{}, args{"C": at("m", 1)})},
			"m:1 [C] no ARG of a or b takes C: passing it does nothing"},
		{"one that another line says to a Dockerfile that takes it", []sources.Build{build("a", sources.Text{}, args{"B": at("m", 1)}), build("b", sources.Text{}, args{"B": at("m", 2)})},
			"m:1 [B] no ARG of a takes B: passing it does nothing"},
	} {
		known := &sources.Known{Root: "/w"}
		known.Builds = c.builds
		var got []string
		for _, n := range Mistakes(known, func(abs string) (string, error) {
			if text, ok := dockerfiles[filepath.Base(abs)]; ok {
				return text, nil
			}
			return "", errors.New("it is not there")
		}) {
			got = append(got, fmt.Sprintf("%s:%d [%s] %s", n.File, n.Line, n.Word, n.Message))
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}
