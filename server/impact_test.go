package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// impacts asks what saving a file reruns, and writes the answer as lines.
func (c *client) impacts(path string) string {
	c.t.Helper()
	var result struct {
		Impacts []struct {
			URI, Message, Error     string
			Steps, Rebuilt, Depends int
			Effects                 []struct {
				Line, EndLine int
				State         string
				Reasons       []string
			}
		}
	}
	raw := c.result("layerwise.impact", fmt.Sprintf(`{"uri":%q}`, "file://"+path))
	if err := json.Unmarshal(raw, &result); err != nil {
		c.t.Fatal(err)
	}
	var b strings.Builder
	for _, i := range result.Impacts {
		fmt.Fprintf(&b, "%s: %s\n", filepath.Base(i.URI), i.Message)
		for _, e := range i.Effects {
			if e.State != "cached" {
				fmt.Fprintf(&b, "  %d %s %s\n", e.Line, e.State, strings.Join(e.Reasons, ", "))
			}
		}
	}
	return b.String()
}

func TestImpact(t *testing.T) {
	const text = "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\nRUN make\n"
	dir := t.TempDir()
	for name, body := range map[string]string{
		"Dockerfile": text, "requirements.txt": "flask\n", "app/main.py": "", "notes.md": "", ".dockerignore": "*.md\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	uri := "file://" + dir + "/Dockerfile"
	main, requirements := dir+"/app/main.py", dir+"/requirements.txt"
	const wantMain = "Dockerfile: saving main.py reruns 2 of 5 steps\n  4 rebuilt app/main.py changed\n  5 rebuilt after line 5\n"
	const wantNothing = "Dockerfile: saving notes.md reruns nothing\n"

	t.Run("the Dockerfile is not open", func(t *testing.T) {
		c := start(t, "{}")
		for range 2 { // what is remembered of it
			if got := c.impacts(main); got != wantMain {
				t.Errorf("got\n%swant\n%s", got, wantMain)
			}
		}
		if got := c.impacts(t.TempDir() + "/x"); got != "" {
			t.Errorf("a file without Dockerfile: %s", got)
		}
	})
	c := start(t, "{}")
	c.open(uri, text)
	c.diagnostics(uri, 1)
	if got := c.impacts(main); got != wantMain {
		t.Errorf("got\n%swant\n%s", got, wantMain)
	}
	if got := c.impacts(dir + "/notes.md"); got != wantNothing {
		t.Errorf("got\n%swant\n%s", got, wantNothing)
	}
	if got, want := c.impacts(requirements), "reruns 4 of 5 steps"; !strings.Contains(got, want) {
		t.Errorf("got %s want %s", got, want)
	}
	// The Dockerfile copies itself.
	if got, want := c.impacts(dir+"/Dockerfile"), "Dockerfile: saving Dockerfile reruns 2 of 5 steps\n  4 rebuilt Dockerfile changed\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s want %s", got, want)
	}
	// An unsaved change counts.
	c.change(uri, 2, `[{"range":{"start":{"line":3,"character":4},"end":{"line":3,"character":4}},"text":"true && "}]`)
	if got, want := c.impacts(dir+"/Dockerfile"), "Dockerfile: saving Dockerfile reruns 3 of 5 steps\n  3 rebuilt its command changed\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s want %s", got, want)
	}
	// While it is broken there is a reason instead.
	c.change(uri, 3, `[{"text":"FROM a\nCOPY --form=b x y\n"}]`)
	if got, want := c.impacts(main), "no prediction for Dockerfile: line 2: unknown flag: --form"; !strings.Contains(got, want) {
		t.Errorf("got %s want %s", got, want)
	}
	// How it is built, so that others can be asked about the same build.
	c.notify("workspace/didChangeConfiguration", `{"settings":{"layerwise":{"context":"app","target":"a","buildArgs":{"A":"1"}}}}`)
	raw := c.result("layerwise.impact", fmt.Sprintf(`{"uri":%q}`, uri))
	if want := `"context":"` + dir + `/app","target":"a","buildArgs":{"A":"1"}`; !strings.Contains(string(raw), want) {
		t.Errorf("no %s in %s", want, raw)
	}
	if m := c.call("layerwise.impact", `{"uri":"untitled:x"}`); string(m.Result) != `{"impacts":[]}` {
		t.Errorf("a document that is not on disk: %s %v", m.Result, m.Error)
	}
}
