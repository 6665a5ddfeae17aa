package buildlog_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/buildlog"
	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/golden"

	"golang.org/x/tools/txtar"
)

// TestLogs: a case is a Dockerfile, a log, and what is found of the one in the other: a line for each
// instruction, with its state and how long it took, and those steps of the log that no instruction makes.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := &txtar.Archive{Comment: archive.Comment}
		for _, c := range golden.Parse(archive) {
			report := newSubject(t, c.Dockerfile).tell(c.Context["log"])
			if want := c.Expect["want"]; report != want && !*golden.Update {
				t.Errorf("%s, %s:\n%swant\n%s", file, c.Name, report, want)
			}
			for _, name := range []string{"Dockerfile", "log"} {
				got.Files = append(got.Files, txtar.File{Name: c.Name + "/" + name, Data: []byte(c.Context[name])})
			}
			got.Files = append(got.Files, txtar.File{Name: c.Name + "/want", Data: []byte(report)})
		}
		if *golden.Update {
			if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// subject is a Dockerfile to look for in logs.
type subject struct {
	src        string
	graph      *stages.Graph
	operations *llb.Graph
}

func newSubject(t testing.TB, src string) *subject {
	t.Helper()
	operations, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
	if err != nil {
		t.Fatal(err)
	}
	return &subject{src, stages.Resolve(syntax.Parse(src), stages.Args{}, nil), operations}
}

// tell is what a log tells of the Dockerfile, in lines.
func (s *subject) tell(log string) string {
	builds, err := buildlog.Read(strings.NewReader(log))
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	times, err := buildlog.Match(builds, s.graph, s.operations)
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	var b strings.Builder
	for _, line := range slices.Sorted(maps.Keys(times.Lines)) {
		timing := times.Lines[line]
		text := strings.Split(s.src, "\n")[line-1]
		fmt.Fprintf(&b, "%-50s  %-10s %v\n", text, timing.State, timing.Took)
	}
	for _, name := range times.Strange {
		fmt.Fprintf(&b, "? %s\n", name)
	}
	return b.String()
}

// TestLink: whether a COPY --link is cached its copy tells, not the half that lays the files on the stage.
func TestLink(t *testing.T) {
	const log = `{"vertexes":[{"digest":"a","inputs":["x"],"name":"[2/2] COPY --link a /","started":"2026-11-25T13:43:46Z","completed":"2026-11-25T13:43:46Z","cached":true}]}
{"vertexes":[{"digest":"b","inputs":["x","a"],"name":"[2/2] LINK COPY --link a /","started":"2026-11-25T13:43:46Z","completed":"2026-11-25T13:43:47Z"}]}
`
	want := "COPY --link a /                                     cached     0s\n"
	if got := newSubject(t, "FROM alpine\nCOPY --link a /\n").tell(log); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
