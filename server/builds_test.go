package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// What the editor's settings say of a build and what the configuration says come to the same, with the
// same names.
func TestSettingsAndConfigurationChooseTheSameBuild(t *testing.T) {
	for name, test := range map[string]struct{ settings, config string }{
		"settings":          {`{"context":"..","target":"build","buildArgs":{"A":"1"}}`, ""},
		"configuration":     {`{}`, "context: .\ntarget: build\nbuildArgs: {A: 1}\n"},
		"list of builds":    {`{}`, "builds:\n  - {dockerfile: web/Dockerfile, target: other}\n  - {dockerfile: api/Dockerfile, context: ., target: build, buildArgs: {A: 1}}\n"},
		"the file over all": {`{"target":"other","buildArgs":{"A":"2"}}`, "context: .\ntarget: build\nbuildArgs: {A: 1}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			const text = "FROM alpine:3.22 AS build\nCOPY top.txt /\nFROM build AS other\n"
			for _, file := range []struct{ name, body string }{{"api/Dockerfile", text}, {"top.txt", ""}, {".layerwise.yaml", test.config}} {
				path := filepath.Join(dir, file.name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(file.body), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c := start(t, `{}`)
			c.notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"layerwise":%s}}`, test.settings))
			uri := "file://" + dir + "/api/Dockerfile"
			c.open(uri, text)
			c.diagnostics(uri, 1)
			var got struct {
				Impacts []struct {
					Context, Target string
					BuildArgs       map[string]string
					Rebuilt         int
				}
			}
			if err := json.Unmarshal(c.result("layerwise.impact", fmt.Sprintf(`{"uri":%q}`, "file://"+dir+"/top.txt")), &got); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("[{%s build map[A:1] 1}]", dir); fmt.Sprint(got.Impacts) != want {
				t.Errorf("got %v, want %s", got.Impacts, want)
			}
		})
	}
}

// A named context is part of the build that impact is asked about.
func TestImpactKnowsNamedContexts(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"Dockerfile": "FROM base\nCOPY --from=conf a.conf /\nCOPY a.txt /\n", "a.txt": "", "conf/a.conf": "",
		".layerwise.yaml": "context: .\ncontexts: {base: 'docker-image://debian:12', conf: conf}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := start(t, `{}`)
	const want = "Dockerfile: saving a.txt reruns 1 of 2 steps\n  2 rebuilt a.txt changed\n"
	if got := c.impacts(dir + "/a.txt"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
