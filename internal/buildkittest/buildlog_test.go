//go:build linux

package buildkittest

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"layerwise/build/buildlog"
	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/scenario"
)

// TestLogs: the logs of random builds tell of each instruction what the daemon did.
func TestLogs(t *testing.T) {
	const count = 10
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	d := Start(t)
	compared := 0
	for n := range count {
		s := scenario.Random(rand.New(rand.NewPCG(seed, uint64(n))))
		s.ID = fmt.Sprint(n)
		builds, _ := d.Play(t.Context(), s)
		for _, b := range builds {
			if b.Err != nil || b.Outcomes == nil {
				continue
			}
			var log bytes.Buffer
			if err := b.WriteRawJSON(&log); err != nil {
				t.Fatal(err)
			}
			compared += compareLog(t, b, strings.ReplaceAll(log.String(), d.addr, webServer))
		}
	}
	t.Logf("%d instructions compared", compared)
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// steps are the lines of a log that tell of numbered steps.
func steps(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"vertexes"`) && strings.Contains(line, "/") && !strings.Contains(line, "[internal]") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func compareLog(t *testing.T, b Build, log string) (compared int) {
	options := maps.Clone(b.Opts)
	if options == nil {
		options = map[string]string{}
	}
	for name, value := range b.BuildArgs {
		options["build-arg:"+name] = value
	}
	if b.Target != "" {
		options["target"] = b.Target
	}
	for name := range b.NamedContexts {
		options["context:"+name] = "local:" + name
	}
	operations, err := llb.Convert(t.Context(), llb.Input{Dockerfile: []byte(b.Dockerfile), Options: options})
	if err != nil {
		t.Fatal(err)
	}
	list, err := buildlog.Read(strings.NewReader(log))
	if err != nil {
		return 0 // no step has a number
	}
	g := stages.Resolve(syntax.Parse(b.Dockerfile), stages.Args{}, nil)
	times, err := buildlog.Match(list, g, operations)
	if err != nil {
		t.Errorf("%v in\n%s\n%s", err, b.Dockerfile, steps(log))
		return 0
	}
	for line, outcome := range b.Outcomes {
		timing, ok := times.Lines[line]
		want := map[scenario.Outcome]buildlog.State{scenario.Run: buildlog.Done, scenario.Cached: buildlog.Cached}[outcome]
		text := strings.Split(b.Dockerfile, "\n")[line-1]
		if ok != (outcome != scenario.Absent) || ok && timing.State != want {
			t.Errorf("line %d, %s, is %v, %v; want %s in\n%s\n%s", line, text, ok, timing, outcome, b.Dockerfile, steps(log))
		}
		compared++
	}
	return compared
}
