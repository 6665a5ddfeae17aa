//go:build linux

package buildkittest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// TestKilled: nothing remains of a daemon whose test was killed.
func TestKilled(t *testing.T) {
	if os.Getenv("LAYERWISE_TEST_KILLED") != "" {
		d := Start(t)
		fmt.Println("started", d.dir)
		dir := d.path("sleeper")
		write(t, dir, map[string]string{"Dockerfile": "FROM alpine\nRUN sleep 1234\n"})
		if err := d.SetImages(map[string]scenario.Image{"alpine": {}}); err != nil {
			t.Fatal(err)
		}
		_, err := d.Build(t.Context(), BuildRequest{ContextDir: dir})
		t.Fatalf("the build ended: %v", err)
	}
	Start(t) // or skip
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "LAYERWISE_TEST_KILLED=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir := ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		_, dir, _ = strings.Cut(lines.Text(), "started ")
	}
	until(t, "the daemon runs something", func() bool { return len(using(t, dir)) > 0 && len(using(t, "sleep\x001234")) > 0 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed, and says so
	until(t, "the daemon's folder is gone", func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) })
	until(t, "its processes are gone", func() bool { return len(using(t, dir)) == 0 && len(using(t, "sleep\x001234")) == 0 })
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), dir) {
		t.Errorf("its mounts remain:\n%s", mounts)
	}
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} { // of either version
		groups, err := filepath.Glob(pattern + filepath.Base(dir))
		if err != nil || len(groups) > 0 {
			t.Errorf("its control groups remain: %v, %v", groups, err)
		}
	}
}

// using are the command lines of processes that mention a text.
func using(t *testing.T, text string) (list []string) {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if line, err := os.ReadFile(name); err == nil && strings.Contains(string(line), text) {
			list = append(list, string(line))
		}
	}
	return list
}

// until waits for something that comes about soon, if it does.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is not so that " + what)
		}
	}
}
