package llb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"layerwise/build/llb"
)

func convert(t *testing.T, src string, options map[string]string) *llb.Graph {
	t.Helper()
	g, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src), Options: options})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// describe lists the operations: lines, name, and the numbers of the inputs.
func describe(g *llb.Graph) string {
	var b strings.Builder
	for _, v := range g.Vertices {
		if v.Internal() {
			fmt.Fprintf(&b, "%d: internal\n", v.Index)
			continue
		}
		fmt.Fprintf(&b, "%d: %v %s", v.Index, v.Lines, v.Name)
		for _, in := range v.Inputs {
			fmt.Fprintf(&b, " <%d", in.Vertex.Index)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestConvert(t *testing.T) {
	g := convert(t, `# syntax=docker/dockerfile:1
FROM alpine:3.22 AS build
WORKDIR /src
COPY . .
RUN make \
  all
FROM scratch
COPY --from=build /src/out /
LABEL a=b
`, nil)
	const want = `0: [2] [build 1/4] FROM docker.io/library/alpine:3.22@sha256:
1: [3] [build 2/4] WORKDIR /src <0
2: internal
3: [4] [build 3/4] COPY . . <1 <2
4: [5] [build 4/4] RUN make   all <3
5: [8] [stage-1 1/1] COPY --from=build /src/out / <4
`
	got := describe(g)
	if at := strings.Index(got, "sha256:"); at > 0 {
		got = got[:at+len("sha256:")] + got[at+len("sha256:")+64:]
	}
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(g.History) != 2 || g.History[0].EmptyLayer || !g.History[1].EmptyLayer {
		t.Errorf("history %+v", g.History)
	}
	if fmt.Sprint(g.Unknown) != "[docker.io/library/alpine:3.22]" {
		t.Errorf("unknown images %v", g.Unknown)
	}
	if len(g.Targets) != 1 || g.Targets[0].Index != 5 {
		t.Errorf("targets %+v", g.Targets)
	}
}

func TestOptions(t *testing.T) {
	src := "FROM scratch AS a\nARG X\nCOPY $X /\nFROM a AS b\nCOPY y /\n"
	if got := describe(convert(t, src, map[string]string{"target": "a", "build-arg:X": "file"})); !strings.Contains(got, "COPY file /") || strings.Contains(got, "COPY y") {
		t.Errorf("target and build argument:\n%s", got)
	}
	if got := convert(t, src, map[string]string{"no-cache": ""}); !got.Vertices[1].NoCache {
		t.Error("no-cache is not seen")
	}
	if got := convert(t, src, map[string]string{"platform": "linux/amd64,linux/arm64"}); len(got.Targets) != 2 {
		t.Errorf("%d targets for two platforms", len(got.Targets))
	}
	if got := convert(t, "FROM scratch\n", nil); len(got.Vertices) != 0 || len(got.Targets) != 0 {
		t.Errorf("scratch has operations:\n%s", describe(got))
	}
}

// TestRefusal: what BuildKit refuses comes back with its line and without BuildKit's wrapping.
func TestRefusal(t *testing.T) {
	for src, want := range map[string]string{
		"":                                       "the Dockerfile cannot be empty",
		"FROM a\nRUN --nope x\n":                 "line 2: unknown flag: --nope",
		"FROM a\n\nFOO\n":                        "line 3: unknown instruction: FOO",
		"FROM a\nCOPY --from=b x y\nRUN <<EOF\n": "line 3: unterminated heredoc",
		"RUN x\n":                                "no build stage in current context",
		"FROM a AS b\nFROM b AS c\nCOPY . \n":    "line 3: COPY requires at least two arguments",
		"FROM scratch\nRUN --mount=type=x true\n": `line 2: unsupported mount type "x"`,
		"FROM $UNSET\n": "base name",
	} {
		_, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
		var refused *llb.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := llb.Convert(ctx, llb.Input{Dockerfile: []byte("FROM a\nRUN x\n")}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("after cancellation: %v", err)
	}
}

// FuzzConvert: any text is converted or refused.
func FuzzConvert(f *testing.F) {
	f.Add("FROM a\nCOPY --link <<EOF /x\nhi\nEOF\n")
	f.Add("ARG A=$B\nFROM ${A:-x} AS y\nONBUILD RUN x\n")
	f.Fuzz(func(t *testing.T, src string) {
		g, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
		if (g == nil) == (err == nil) {
			t.Errorf("graph %v, error %v", g, err)
		}
		if g == nil {
			return
		}
		lines := strings.Count(src, "\n") + 1
		for _, v := range g.Vertices {
			for _, line := range v.Lines {
				if line < 1 || line > lines {
					t.Errorf("%s is said to stand on line %d of %d", v.Name, line, lines)
				}
			}
			for _, in := range v.Inputs {
				if in.Vertex.Index >= v.Index {
					t.Errorf("%d reads %d", v.Index, in.Vertex.Index)
				}
			}
		}
	})
}
