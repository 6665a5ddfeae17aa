//go:build linux

package buildkittest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"layerwise/internal/scenario"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBuild builds, builds again, and builds after a change.
func TestBuild(t *testing.T) {
	d := Start(t)
	if err := d.SetImages(map[string]scenario.Image{"alpine:3.20": {RootfsID: "a"}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const dockerfile = "FROM alpine:3.20\nWORKDIR /app\nCOPY --chown=1000:1000 a.txt .\nRUN ls > list && rm a.txt && ln -s list link && mkdir -m 700 d\n"
	write(t, dir, map[string]string{"Dockerfile": dockerfile, "a.txt": "one", ".dockerignore": "b.txt"})
	build := func(want ...scenario.Outcome) *Result {
		t.Helper()
		r, err := d.Build(t.Context(), BuildRequest{ContextDir: dir, Export: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := outcomes(dockerfile, r)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, map[int]scenario.Outcome{2: want[0], 3: want[1], 4: want[2]}) {
			t.Errorf("got %v, want %v", got, want)
		}
		return r
	}
	build(scenario.Run, scenario.Run, scenario.Run)
	build(scenario.Cached, scenario.Cached, scenario.Cached)
	write(t, dir, map[string]string{"b.txt": "ignored"})
	build(scenario.Cached, scenario.Cached, scenario.Cached)
	write(t, dir, map[string]string{"a.txt": "other"})
	r := build(scenario.Cached, scenario.Run, scenario.Run)

	layers := d.Layers(r.Image)
	if layers.Total != 5 || layers.FromBaseImage != 2 || layers.Added != 3 || layers.EmptyTarLayers != 0 {
		t.Errorf("layers: %+v", layers)
	}
	files, err := r.Image.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"bin/sh":   "L--------- 0:0 busybox",
		"app":      "drwxr-xr-x 0:0 ",
		"app/d":    "drwx------ 0:0 ",
		"app/link": "L--------- 0:0 list",
		"app/list": "-rw-r--r-- 0:0 " + digest.FromString("a.txt\nlist\n").String(),
	} {
		if files[name] != want {
			t.Errorf("%s is %q, want %q", name, files[name], want)
		}
	}
	if _, there := files["app/a.txt"]; there {
		t.Error("a removed file is still there")
	}

	// The log is that of --progress=rawjson: it tells the same.
	var log bytes.Buffer
	if err := r.WriteRawJSON(&log); err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(log.String()) {
		var s client.SolveStatus
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		for _, v := range s.Vertexes {
			names = append(names, v.Name)
		}
	}
	if want := "[3/4] COPY --chown=1000:1000 a.txt ."; !slices.Contains(names, want) {
		t.Errorf("%q is not in %q", want, names)
	}
}

// TestFailure: a build that fails says which step did.
func TestFailure(t *testing.T) {
	d := Start(t)
	s := &scenario.Scenario{
		ID:           "failure",
		Dockerfile:   "FROM alpine\nRUN true\nRUN exit 3\nRUN true\n",
		BaseImages:   map[string]scenario.Image{"alpine": {RootfsID: "a"}},
		PriorMayFail: true,
		Edit:         []scenario.Edit{{Op: "replace_in_dockerfile", Old: "exit 3", New: "exit 0"}},
	}
	builds, err := d.Play(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]scenario.Outcome{2: scenario.Run, 3: scenario.Failed, 4: scenario.Absent}
	if got := builds[0].Outcomes; !maps.Equal(got, want) || builds[0].Err == nil {
		t.Errorf("first: %v, %v; want %v", got, builds[0].Err, want)
	}
	want = map[int]scenario.Outcome{2: scenario.Cached, 3: scenario.Run, 4: scenario.Run}
	if got := builds[1].Outcomes; !maps.Equal(got, want) {
		t.Errorf("second: %v, want %v", got, want)
	}
	s.PriorMayFail = false
	if _, err := d.Play(t.Context(), s); err == nil || !strings.Contains(err.Error(), "exit code: 3") {
		t.Errorf("error %v, want the exit code", err)
	}
}

// TestScenarios plays scenarios that were observed elsewhere: the same must be seen here. All are
// played if LAYERWISE_SCENARIOS_ALL is set, else a sample over all kinds.
func TestScenarios(t *testing.T) {
	dir := os.Getenv("LAYERWISE_SCENARIOS")
	if dir == "" {
		t.Skip("LAYERWISE_SCENARIOS is not set")
	}
	list, err := scenario.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := Start(t)
	played := 0
	begin := time.Now()
	for _, s := range sample(list, os.Getenv("LAYERWISE_SCENARIOS_ALL") != "") {
		played++
		t.Run(s.ID, func(t *testing.T) {
			if s.ID == "a016-url-checksum-add" {
				t.Skip("its checksum is not that of its content")
			}
			builds, err := d.Play(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			last := builds[len(builds)-1]
			if !maps.Equal(last.Outcomes, s.Observed) {
				t.Errorf("got %v, want %v in\n%s", last.Outcomes, s.Observed, s.DockerfileAfter)
			}
			got, want := d.Layers(last.Image), *s.Layers
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("layers\n%+v\nwant\n%+v", got, want)
			}
		})
	}
	t.Logf("%d scenarios, %v each", played, (time.Since(begin) / time.Duration(played)).Round(time.Millisecond))
}

// sample takes some of each kind, which is the first letter of the name.
func sample(list []*scenario.Scenario, all bool) []*scenario.Scenario {
	kinds := map[byte][]*scenario.Scenario{}
	for _, s := range list {
		kinds[s.ID[0]] = append(kinds[s.ID[0]], s)
	}
	var chosen []*scenario.Scenario
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		const some = 5
		of := kinds[kind]
		for n, s := range of {
			if all || n*some/len(of) != (n-1)*some/len(of) || n == 0 {
				chosen = append(chosen, s)
			}
		}
	}
	return chosen
}

// TestRandom: made-up scenarios build, nearly all of them.
func TestRandom(t *testing.T) {
	count := 20
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_RANDOM")); err == nil {
		count = n
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("LAYERWISE_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("LAYERWISE_SEED=%d", seed)
	d := Start(t)
	failed, ran := 0, map[scenario.Outcome]int{}
	begin := time.Now()
	for n := range count {
		s := scenario.Random(rand.New(rand.NewPCG(seed, uint64(n))))
		s.ID = fmt.Sprint(n)
		builds, err := d.Play(t.Context(), s)
		if err != nil {
			failed++
			t.Logf("%v\nafter %d builds of\n%s\nand then\n%s", err, len(builds), s.Dockerfile, s.DockerfileAfter)
			continue
		}
		for _, outcome := range builds[len(builds)-1].Outcomes {
			ran[outcome]++
		}
	}
	t.Logf("%d scenarios, %v each; %d failed; outcomes %v", count, (time.Since(begin) / time.Duration(count)).Round(time.Millisecond), failed, ran)
	if failed*4 > count {
		t.Errorf("%d of %d scenarios do not build", failed, count)
	}
}
