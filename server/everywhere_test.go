package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/internal/golden"
)

// startIn is start in a folder, with the rules that do not grow: these tests count findings.
func startIn(t testing.TB, dir, capabilities string) *client {
	t.Helper()
	golden.Freeze(t)
	c := connect(t)
	c.result("initialize", fmt.Sprintf(`{"processId":null,"workspaceFolders":[{"uri":%q,"name":"it"}],"capabilities":%s}`, "file://"+dir, capabilities))
	c.notify("initialized", "{}")
	return c
}

const pulling = `{"textDocument":{"diagnostic":{}},"workspace":{"workspaceFolders":true,"diagnostics":{"refreshSupport":true}}}`

// wholeReport is what a client is told of one file.
type wholeReport struct {
	Kind     string
	URI      string
	Version  *int
	ResultID string
	Items    []diagnostic
}

// knowing is what a client that is told of all files knows.
type knowing struct {
	t     testing.TB
	dir   string
	known map[string]wholeReport // by URI; those without a result id have no findings
}

// take takes reports as a client does, and says in a line each what they are: "api/Dockerfile full: rule rule".
func (e *knowing) take(raw json.RawMessage) string {
	e.t.Helper()
	var answer struct{ Items []wholeReport }
	if err := json.Unmarshal(raw, &answer); err != nil {
		e.t.Fatal(err)
	}
	var lines []string
	for _, r := range answer.Items {
		line := strings.TrimPrefix(r.URI, "file://"+e.dir+"/") + " " + r.Kind
		if r.Version != nil {
			line += fmt.Sprintf(" of version %d", *r.Version)
		}
		before := e.known[r.URI]
		switch {
		case r.Kind == "unchanged":
			if before.ResultID != r.ResultID {
				e.t.Errorf("%s is unchanged with the id %q, and was told with %q", r.URI, r.ResultID, before.ResultID)
			}
		case r.ResultID == "":
			delete(e.known, r.URI)
			if line += " gone"; len(r.Items) > 0 {
				e.t.Errorf("%s has findings, but no result id", r.URI)
			}
		default:
			e.known[r.URI] = r
			if r.ResultID == before.ResultID {
				e.t.Errorf("%s was told again with the id %q", r.URI, r.ResultID)
			}
			line += ":"
			for _, d := range r.Items {
				line += " " + d.Code
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// params ask for what is others than what is known.
func (e *knowing) params(more string) string {
	ids := []string{}
	for uri, r := range e.known {
		ids = append(ids, fmt.Sprintf(`{"uri":%q,"value":%q}`, uri, r.ResultID))
	}
	return fmt.Sprintf(`{"identifier":"layerwise","previousResultIds":[%s]%s}`, strings.Join(ids, ","), more)
}

// ask asks once.
func (e *knowing) ask(c *client) string {
	e.t.Helper()
	return e.take(c.result("workspace/diagnostic", e.params("")))
}

func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%swant\n%s", what, got, want)
	}
}

// shop is a workspace with two services, of which compose.yaml builds one with the top folder.
func shop(t testing.TB) string {
	return repository(t, map[string]string{
		"api/Dockerfile": "FROM node:22.14\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\n",
		"web/Dockerfile": "FROM nginx:1.27\nMAINTAINER me\nUSER nginx\n", "web/index.html": "",
		"compose.yaml": "services:\n  api:\n    build: {context: ., dockerfile: api/Dockerfile}\n",
		"package.json": `{"name":"a"}`, "package-lock.json": `{"lockfileVersion":3}`, ".dockerignore": ".git\nweb\ncompose.yaml\n**/Dockerfile\n.dockerignore\n", "api/.dockerignore": "Dockerfile\n",
		"web/.dockerignore": "Dockerfile\n",
	})
}

func TestWorkspaceDiagnosticsInOneAnswer(t *testing.T) {
	dir := shop(t)
	c := startIn(t, dir, pulling)
	e := &knowing{t, dir, map[string]wholeReport{}}
	same(t, "at first", e.ask(c), "api/Dockerfile full: copy-before-install\nweb/Dockerfile full: maintainer-deprecated\n")
	same(t, "again", e.ask(c), "api/Dockerfile unchanged\nweb/Dockerfile unchanged\n")

	write(t, dir+"/web/Dockerfile", "FROM nginx:1.27\nUSER nginx\n")
	write(t, dir+"/web/Dockerfile.dev", "FROM nginx:latest\nUSER nginx\n")
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/web/Dockerfile.dev","type":1}]}`, dir))
	same(t, "after a change", e.ask(c), "api/Dockerfile unchanged\nweb/Dockerfile full:\nweb/Dockerfile.dev full: base-image-latest\n")

	c.open("file://"+dir+"/web/Dockerfile", "FROM nginx:latest\nUSER nginx\n")
	same(t, "an open one counts as it is there", e.ask(c), "api/Dockerfile unchanged\nweb/Dockerfile full of version 1: base-image-latest\nweb/Dockerfile.dev unchanged\n")

	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":"file://%s/web/Dockerfile"}}`, dir))
	if err := os.Remove(dir + "/web/Dockerfile.dev"); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/web/Dockerfile.dev","type":3}]}`, dir))
	same(t, "a closed one counts as it is on disk", e.ask(c), "api/Dockerfile unchanged\nweb/Dockerfile full:\nweb/Dockerfile.dev full gone\n")
	for _, m := range c.seen {
		if m.Method == "textDocument/publishDiagnostics" {
			t.Errorf("it was sent %s as well", m.Params)
		}
	}
}

// TestResultIdsOutliveTheServer: a client that starts the server anew gets only what has changed.
func TestResultIdsOutliveTheServer(t *testing.T) {
	dir := shop(t)
	e := &knowing{t, dir, map[string]wholeReport{}}
	e.ask(startIn(t, dir, pulling))
	same(t, "the next one", e.ask(startIn(t, dir, pulling)), "api/Dockerfile unchanged\nweb/Dockerfile unchanged\n")
}

func TestWorkspaceDiagnosticsWhileTheSessionLasts(t *testing.T) {
	dir := shop(t)
	c := startIn(t, dir, pulling)
	e := &knowing{t, dir, map[string]wholeReport{}}
	id := c.send("workspace/diagnostic", e.params(`,"partialResultToken":"all"`))
	// parts waits until the client knows what is wanted.
	parts := func(what string, want ...string) {
		t.Helper()
		var got []string
		for len(got) < len(want) {
			m := c.await(what, func(m message) bool { return m.Method == "$/progress" && strings.Contains(string(m.Params), `"all"`) })
			var p struct{ Value json.RawMessage }
			if err := json.Unmarshal(m.Params, &p); err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Split(strings.TrimSuffix(e.take(p.Value), "\n"), "\n")...)
		}
		slices.Sort(got)
		same(t, what, strings.Join(got, "\n")+"\n", strings.Join(want, "\n")+"\n")
	}
	parts("what there is", "api/Dockerfile full: copy-before-install", "web/Dockerfile full: maintainer-deprecated")

	write(t, dir+"/web/Dockerfile", "FROM nginx:latest\nUSER nginx\n")
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/web/Dockerfile","type":2}]}`, dir))
	parts("a change of a Dockerfile", "web/Dockerfile full: base-image-latest")

	write(t, dir+"/compose.yaml", "services:\n  api:\n    build: {context: api}\n")
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/compose.yaml","type":2}]}`, dir))
	parts("another build context", "api/Dockerfile full: copy-before-install")

	write(t, dir+"/.layerwise.yaml", "findings: open\n")
	c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s/.layerwise.yaml","type":1}]}`, dir))
	parts("a configuration", "api/Dockerfile full:", "web/Dockerfile full:")

	c.notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, id))
	if m := c.answer(strconv.Itoa(id)); m.Error == nil || m.Error.Code != -32800 {
		t.Errorf("the answer to what was cancelled is %s %+v", m.Result, m.Error)
	}
	// Another one is answered when the client leaves.
	next := c.send("workspace/diagnostic", e.params(`,"partialResultToken":7`))
	c.result("shutdown", "null")
	if m := c.answer(strconv.Itoa(next)); m.Error != nil {
		t.Errorf("%+v", m.Error)
	}
}

// TestOneAnswerGoesOnAtATime: a client that asks again and again never has the server wait for it.
func TestOneAnswerGoesOnAtATime(t *testing.T) {
	c := startIn(t, shop(t), pulling)
	var ids []int
	for n := range 50 {
		ids = append(ids, c.send("workspace/diagnostic", fmt.Sprintf(`{"previousResultIds":[],"partialResultToken":%d}`, n)))
	}
	for _, id := range ids[:len(ids)-1] {
		c.answer(strconv.Itoa(id))
	}
	c.result("textDocument/hover", hoverAt("file:///Dockerfile", 0, 0))
}

// TestClosedDockerfile: VS Code asks for the diagnostics of a document once more when it is closed.
func TestClosedDockerfile(t *testing.T) {
	dir := shop(t)
	c := startIn(t, dir, pulling)
	uri := "file://" + dir + "/web/Dockerfile"
	report := func() wholeReport {
		var r wholeReport
		if err := json.Unmarshal(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	c.open(uri, "FROM nginx:latest\nUSER nginx\n")
	same(t, "open", summary(report().Items), "0:5-0:17 base-image-latest\n")
	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
	closed := report()
	same(t, "closed", summary(closed.Items), "1:0-1:10 maintainer-deprecated\n")
	again := string(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q},"previousResultId":%q}`, uri, closed.ResultID)))
	same(t, "again", again, fmt.Sprintf(`{"kind":"unchanged","resultId":%q}`, closed.ResultID))

	other := repository(t, map[string]string{"Dockerfile": "FROM nginx\n"})
	uri = "file://" + other + "/Dockerfile"
	same(t, "of no open folder", summary(report().Items), "")
}

func TestFoldersComeAndGo(t *testing.T) {
	dir, other := shop(t), repository(t, map[string]string{"a b/Dockerfile": "FROM alpine:latest\nUSER 1\n"})
	c := startIn(t, dir, pulling)
	e := &knowing{t, filepath.Dir(dir), map[string]wholeReport{}}
	e.dir = dir
	e.ask(c)
	open := "file://" + dir + "/api/Dockerfile"
	c.open(open, "FROM node:latest\nUSER node\n")
	e.ask(c)

	change := func(added, removed string) {
		list := func(folder string) string {
			if folder == "" {
				return "[]"
			}
			return fmt.Sprintf(`[{"uri":%q,"name":""}]`, "file://"+folder)
		}
		c.notify("workspace/didChangeWorkspaceFolders", fmt.Sprintf(`{"event":{"added":%s,"removed":%s}}`, list(added), list(removed)))
	}
	change(other, "")
	same(t, "added", e.ask(c), "api/Dockerfile unchanged of version 1\nfile://"+other+"/a%20b/Dockerfile full: base-image-latest\nweb/Dockerfile unchanged\n")
	change("", dir)
	same(t, "removed", e.ask(c), "api/Dockerfile unchanged of version 1\nfile://"+other+"/a%20b/Dockerfile unchanged\nweb/Dockerfile full gone\n")
	change("", other)
	same(t, "the other removed", e.ask(c), "api/Dockerfile unchanged of version 1\nfile://"+other+"/a%20b/Dockerfile full gone\n")
	change(dir, "")
	same(t, "back", e.ask(c), "api/Dockerfile unchanged of version 1\nweb/Dockerfile full: maintainer-deprecated\n")
}

// TestSettingsOfAFolder: they hold for the Dockerfiles in it that are not open.
func TestSettingsOfAFolder(t *testing.T) {
	dir := shop(t)
	c := startIn(t, dir, `{"textDocument":{"diagnostic":{}},"workspace":{"configuration":true,"workspaceFolders":true,"diagnostics":{"refreshSupport":true}}}`)
	params := string(c.answerRequest("workspace/configuration", `[{"rules":{"maintainer-deprecated":"off"}}]`))
	if !strings.Contains(params, `"scopeUri":"file://`+dir+`"`) {
		t.Errorf("asked %s", params)
	}
	e := &knowing{t, dir, map[string]wholeReport{}}
	c.until("api/Dockerfile full: copy-before-install\nweb/Dockerfile full:\n", func() string {
		e.known = map[string]wholeReport{}
		return e.ask(c)
	})
}
