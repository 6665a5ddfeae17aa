//go:build linux

package buildkittest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// mutation is a mistake that somebody might make in the model, as a change of one of its files.
type mutation struct{ name, file, old, new string }

var mutations = []mutation{
	{"modes do not count", "build/files/digest.go", "uint32(mode))", "uint32(mode&fs.ModeType))"},
	{"names of files do not count", "build/cache/tree.go", "hashStrings(h, name, digest)", "hashStrings(h, name[:0], digest)"},
	{"times count", "build/files/digest.go", "uint32(mode))", "uint32(mode)^uint32(e.ModTime.Unix()))"},
	{"the ignore file does not count", "build/cache/tree.go", "if e.Ignored || ", "if "},
	{"a variable counts only where it is used", "build/cache/operation.go", "	op.Meta.ProxyEnv = nil\n", `	op.Meta.ProxyEnv = nil
	op.Meta.Env = slices.DeleteFunc(op.Meta.Env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !strings.Contains(strings.Join(op.Meta.Args, " "), "$"+name)
	})
`},
	{"the user does not count", "build/cache/operation.go", "	op.Meta.ProxyEnv = nil\n", "	op.Meta.ProxyEnv = nil\n	op.Meta.User = \"\"\n"},
	{"the id of a cache mount counts", "build/cache/operation.go", `c.ID, c.Sharing = "", 0`, "c.Sharing = 0"},
	{"mounts do not count by content", "build/cache/operation.go", "	d.content = m.Dest", "	d.content = false && m.Dest"},
	{"other stages count by their steps", "build/cache/cache.go", "opaque: true}", "opaque: false}"},
	{"all steps below a forced one run", "build/cache/cache.go", "	if s.Vertex.NoCache {\n		c.made++", "	if runs {\n		c.made++"},
	{"only the last build is remembered", "build/cache/cache.go", "	for _, remember := range add {", "	c.byOperation = map[string][]*Step{}\n	for _, remember := range add {"},
	{"COPY --link builds on the step before", "build/llb/llb.go", "	c := &frontendClient{input: in,", `	in.Dockerfile = []byte(strings.ReplaceAll(string(in.Dockerfile), "--link ", ""))
	c := &frontendClient{input: in,`},
	{"WORKDIR makes no layer", "build/llb/llb.go", "		g.History, g.Config = exported.History,", `		for i, h := range exported.History {
			exported.History[i].EmptyLayer = h.EmptyLayer || strings.HasPrefix(h.CreatedBy, "WORKDIR")
		}
		g.History, g.Config = exported.History,`},
}

// test compiles the test of the model with the mistake in it, and has it compare the recorded scenarios
// of which the daemon's answers are known. It must fail.
func (m mutation) test(t *testing.T, recorded string) {
	file := filepath.Join(endtoend.Root(), filepath.FromSlash(m.file))
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s has %q %d times", m.file, m.old, n)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{changed: []byte(strings.Replace(string(source), m.old, m.new, 1)), overlay: text} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay="+overlay, "-vet=off", "-failfast", "-run=^TestScenarios$/^random-", "./build/cache")
	cmd.Dir = endtoend.Root()
	cmd.Env = append(os.Environ(), "LAYERWISE_SCENARIOS="+recorded)
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("--- FAIL: TestScenarios/random-")) {
		t.Errorf("no scenario shows that the model is wrong: %v\n%s", err, out)
	}
}
