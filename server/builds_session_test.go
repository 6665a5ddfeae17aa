package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// repository writes files into a new folder, which is the root of a repository, and returns it.
func repository(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		write(t, filepath.Join(dir, name), body)
	}
	return dir
}

func write(t testing.TB, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

const apiDockerfile = "FROM node:22.14 AS dev\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\n\nFROM dev AS prod\nCMD [\"node\", \"api/main.js\"]\n"

const apiCompose = `services:
  api:
    build:
      context: .
      dockerfile: api/Dockerfile
      target: prod
  tools:
    build:
      context: api
      target: dev
`

// apiProject is a service whose Dockerfile is built with the top folder, where the manifests are, and by another
// service with its own one.
func apiProject(t testing.TB) string {
	return repository(t, map[string]string{
		"api/Dockerfile": apiDockerfile, "api/main.js": "", "compose.yaml": apiCompose,
		"package.json": `{"name":"a"}`, "package-lock.json": `{"lockfileVersion":3}`, ".dockerignore": ".git\n",
	})
}

// lenses are the lenses of a document with commands, a line each: those about builds.
func (c *client) lenses(uri string) string {
	c.t.Helper()
	lines := slices.Collect(strings.Lines(c.allLenses(uri)))
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.HasSuffix(line, " []\n") }), "")
}

// allLenses are the lenses of a document, a line each.
func (c *client) allLenses(uri string) string {
	c.t.Helper()
	var list []struct {
		Range   lspRange
		Command struct {
			Title, Command string
			Arguments      []string
		}
	}
	if err := json.Unmarshal(c.result("textDocument/codeLens", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)), &list); err != nil {
		c.t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range list {
		fmt.Fprintf(&b, "%d %s [%s]\n", l.Range.Start.Line, l.Command.Title, l.Command.Command)
	}
	return b.String()
}

// until asks again and again, until the answer is as it is to be in the end.
func (c *client) until(want string, ask func() string) {
	c.t.Helper()
	var got string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if got = ask(); got == want {
			return
		}
	}
	c.t.Fatalf("got\n%swant\n%s", got, want)
}

// awaitRule waits until the diagnostics of a document have a finding of a rule, or have none any more.
func (c *client) awaitRule(uri, rule string, want bool) {
	c.t.Helper()
	sent := func(m message) bool {
		return m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), `"`+uri+`"`)
	}
	passed := 0
	c.await(fmt.Sprintf("%s in %s: %v", rule, filepath.Base(uri), want), func(m message) bool {
		passed++
		return sent(m) && strings.Contains(string(m.Params), rule) == want
	})
	before := min(passed-1, len(c.seen)) // what came before is of the past
	c.seen = append(slices.DeleteFunc(slices.Clone(c.seen[:before]), sent), c.seen[before:]...)
}

func TestLensSaysWhatBuildsADockerfile(t *testing.T) {
	dir := apiProject(t)
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	c.until("0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	c.awaitRule(uri, "copy-before-install", true)
	t.Run("builds", func(t *testing.T) {
		got := string(c.result("layerwise.builds", fmt.Sprintf(`{"uri":%q}`, uri)))
		want := fmt.Sprintf(`{"builds":[{"name":"compose.yaml#api","words":"compose.yaml, service api: context ., target prod","default":true,"source":{"uri":"file://%s/compose.yaml","line":1}},{"name":"compose.yaml#tools","words":"compose.yaml, service tools: context api, target dev","default":false,"source":{"uri":"file://%s/compose.yaml","line":6}}]}`, dir, dir)
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestDockerfileThatNothingBuildsHasNoLens(t *testing.T) {
	dir := repository(t, map[string]string{"Dockerfile": "FROM a:1\n"})
	uri := "file://" + dir + "/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, "FROM a:1\n")
	c.diagnostics(uri, 1)
	if got := c.lenses(uri); got != "" {
		t.Errorf("got %s", got)
	}
}

// TestFindingsComeOnceTheBuildIsKnown: what is told first has no build context, and nothing of a folder that the file is
// not built with is ever told.
func TestFindingsNeverComeFromAFolderThatIsNotTheContext(t *testing.T) {
	dir := apiProject(t)
	write(t, dir+"/api/.env", "A=1\n") // the whole of its own folder would copy a secret
	write(t, dir+"/.dockerignore", ".git\n**/.env\n")
	write(t, dir+"/compose.yaml", "services: {api: {build: {context: ., dockerfile: api/Dockerfile}}}\n")
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	c.await("the finding", func(m message) bool {
		if m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), ".env") {
			t.Errorf("a finding of the Dockerfile's own folder: %s", m.Params)
		}
		return m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), "copy-before-install")
	})
}

func TestChoosingABuild(t *testing.T) {
	for name, choose := range map[string]func(c *client, uri string){
		"by its name": func(c *client, uri string) {
			c.result("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.chooseBuild","arguments":[%q,"compose.yaml#tools"]}`, uri))
		},
		"by asking": func(c *client, uri string) {
			c.send("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.chooseBuild","arguments":[%q]}`, uri))
			params := string(c.answerRequest("window/showMessageRequest", `{"title":"compose.yaml#tools"}`))
			if !strings.Contains(params, `[{"title":"compose.yaml#api"},{"title":"compose.yaml#tools"}]`) {
				c.t.Errorf("asked %s", params)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := apiProject(t)
			uri := "file://" + dir + "/api/Dockerfile"
			c := start(t, `{"workspace":{"codeLens":{"refreshSupport":true}}}`)
			c.open(uri, apiDockerfile)
			c.awaitRule(uri, "any of the 6 files", true)
			if got, want := c.lenses(uri), "0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n"; got != want {
				t.Fatalf("got %s want %s", got, want)
			}
			choose(c, uri)
			c.answerRequest("workspace/codeLens/refresh", `null`)
			c.until("0 Built by compose.yaml, service tools: context api, target dev; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
			c.awaitRule(uri, "there is no quick fix", true) // it has no manifest there
			got := string(c.result("layerwise.builds", fmt.Sprintf(`{"uri":%q}`, uri)))
			if !strings.HasPrefix(got, `{"builds":[{"name":"compose.yaml#tools"`) || !strings.Contains(got, `"default":true`) {
				t.Errorf("the builds are %s", got)
			}
		})
	}
}

// TestTakingAChoiceBack: by the command, and by the answer of one who is asked.
func TestTakingAChoiceBack(t *testing.T) {
	const (
		found  = "0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n"
		chosen = "0 Built by compose.yaml, service tools: context api, target dev; 1 more [layerwise.chooseBuild]\n"
	)
	dir := apiProject(t)
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	choose := func(name string) {
		c.result("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.chooseBuild","arguments":[%q,%q]}`, uri, name))
	}
	lenses := func() string { return c.lenses(uri) }
	c.until(found, lenses)
	choose("compose.yaml#tools")
	c.until(chosen, lenses)
	choose("")
	c.until(found, lenses)
	choose("compose.yaml#tools")
	c.until(chosen, lenses)
	c.send("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.chooseBuild","arguments":[%q]}`, uri))
	if params := string(c.answerRequest("window/showMessageRequest", `{"title":"No choice: as found"}`)); !strings.Contains(params, `{"title":"No choice: as found"}`) {
		t.Errorf("asked %s", params)
	}
	c.until(found, lenses)
	choose("compose.yaml#gone") // as another branch of the repository had it: it counts again when that is there again
	c.until(found, lenses)
}

// TestChoiceMadeBeforeTheDockerfileIsOpen: a client that has kept a choice says it at its start.
func TestChoiceMadeBeforeTheDockerfileIsOpen(t *testing.T) {
	dir := apiProject(t)
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.result("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.chooseBuild","arguments":[%q,"compose.yaml#tools"]}`, uri))
	c.open(uri, apiDockerfile)
	c.until("0 Built by compose.yaml, service tools: context api, target dev; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
}

// TestUnsavedSourceCounts: what stands in the editor is how the Dockerfile is built.
func TestUnsavedSourceCounts(t *testing.T) {
	dir := apiProject(t)
	uri, source := "file://"+dir+"/api/Dockerfile", "file://"+dir+"/compose.yaml"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	c.until("0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	c.awaitRule(uri, "copy-before-install", true)
	c.openAs(source, "dockercompose", 1, apiCompose)
	c.change(source, 2, fmt.Sprintf(`[{"text":%q}]`, "services: {only: {build: {context: api}}}\n"))
	c.until("0 Built by compose.yaml, service only: context api [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	c.awaitRule(uri, "there is no quick fix", true)                                       // it has no manifest there
	c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, source)) // and it was not saved
	c.until("0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	c.awaitRule(uri, "there is no quick fix", false)
}

// TestTypingInASourceKeepsTheBuild: key by key, no state of the source leaves the Dockerfile without what builds it.
func TestTypingInASourceKeepsTheBuild(t *testing.T) {
	dir := apiProject(t)
	uri, source := "file://"+dir+"/api/Dockerfile", "file://"+dir+"/compose.yaml"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	const want = "0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n"
	c.until(want, func() string { return c.lenses(uri) })
	c.openAs(source, "dockercompose", 1, apiCompose)
	const typed = "  db:\n    image: \"postgres:17\"\n    ports: [\"1:1\"]\n"
	for n := range len(typed) + 1 {
		c.change(source, n+2, fmt.Sprintf(`[{"text":%q}]`, apiCompose+typed[:n]))
		if got := c.lenses(uri); got != want {
			t.Fatalf("after %q: %s", typed[:n], got)
		}
	}
	c.change(source, 100, fmt.Sprintf(`[{"text":%q}]`, "services: {only: {build: {context: api}}}\n")) // the last state has been read
	c.until("0 Built by compose.yaml, service only: context api [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
}

// TestSourceIsToldWhatIsNotSo: and no longer once it is mended, in the source or in the Dockerfile.
func TestSourceIsToldWhatIsNotSo(t *testing.T) {
	const wrong = "services:\n  a:\n    build: {context: nowhere}\n  b:\n    build: {context: api, target: final}\n  c:\n    build: {context: api, args: {VERSION: '1'}}\n"
	want := []string{"nowhere", `api/Dockerfile has no stage \"final\": the build fails`, "no ARG of api/Dockerfile takes VERSION: passing it does nothing"}
	mended := strings.Replace(strings.Replace(wrong, "nowhere", "api", 1), ", args: {VERSION: '1'}", "", 1)
	prepare := func(t *testing.T, capabilities string) (c *client, uri, source string) {
		dir := repository(t, map[string]string{"api/Dockerfile": "FROM a:1\n", "compose.yaml": wrong})
		c = start(t, capabilities)
		uri, source = "file://"+dir+"/api/Dockerfile", "file://"+dir+"/compose.yaml"
		c.openAs(source, "dockercompose", 1, wrong)
		return c, uri, source
	}
	holds := func(text string, want []string) bool {
		for _, w := range want {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return strings.Count(text, `"code":"build"`) == len(want) && !strings.Contains(text, `"character":0}`) // behind the blanks
	}
	t.Run("at its place", func(t *testing.T) {
		c, _, source := prepare(t, `{"textDocument":{"diagnostic":{}}}`)
		for message, place := range map[string]string{
			"nowhere": `{"start":{"line":2,"character":21},"end":{"line":2,"character":28}}`,
			"final":   `{"start":{"line":4,"character":34},"end":{"line":4,"character":39}}`,
			"VERSION": `{"start":{"line":6,"character":33},"end":{"line":6,"character":40}}`,
		} {
			c.until(place, func() string {
				var report struct {
					Items []struct {
						Range   json.RawMessage
						Message string
					}
				}
				if err := json.Unmarshal(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, source)), &report); err != nil {
					t.Fatal(err)
				}
				for _, item := range report.Items {
					if strings.Contains(item.Message, message) {
						return string(item.Range)
					}
				}
				return ""
			})
		}
	})
	t.Run("sent", func(t *testing.T) {
		c, uri, source := prepare(t, `{}`)
		told := func(want []string) {
			t.Helper()
			c.await(fmt.Sprintf("%q", want), func(m message) bool {
				return m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), `"`+source+`"`) && holds(string(m.Params), want)
			})
		}
		told(want)
		c.change(source, 2, fmt.Sprintf(`[{"text":%q}]`, mended))
		told(want[1:2])
		c.open(uri, "FROM a:1\n")
		c.change(uri, 2, `[{"text":"FROM a:1 AS final\n"}]`)
		told(nil)
		c.change(uri, 3, `[{"text":"FROM a:1\n"}]`)
		told(want[1:2])
		c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, source))
		told(nil)
	})
	t.Run("asked for", func(t *testing.T) {
		c, uri, source := prepare(t, `{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
		pull := func() string {
			return string(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, source)))
		}
		told := func(want []string) {
			t.Helper()
			for range 5 {
				if holds(pull(), want) {
					return
				}
				c.answerRequest("workspace/diagnostic/refresh", `null`)
			}
			t.Fatalf("want %q, got %s", want, pull())
		}
		told(want)
		c.change(source, 2, fmt.Sprintf(`[{"text":%q}]`, mended))
		told(want[1:2])
		c.open(uri, "FROM a:1\n")
		c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
		c.change(uri, 2, `[{"text":"FROM a:1 AS final\n"}]`)
		c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
		told(nil)
	})
}

func TestLensInASourceCountsFindings(t *testing.T) {
	dir := apiProject(t)
	source := "file://" + dir + "/compose.yaml"
	c := start(t, `{"workspace":{"codeLens":{"refreshSupport":true}}}`)
	c.openAs(source, "dockercompose", 1, apiCompose)
	c.until("1 3 findings in api/Dockerfile [layerwise.openFile]\n6 3 findings in api/Dockerfile [layerwise.openFile]\n", func() string { return c.lenses(source) })
	uri := "file://" + dir + "/api/Dockerfile"
	c.open(uri, apiDockerfile)
	c.change(uri, 2, fmt.Sprintf(`[{"text":%q}]`, "FROM node:22.14 AS dev\nUSER node\nRUN curl -k https://a.de/x\nFROM dev AS prod\n"))
	c.diagnostics(uri, 2)
	c.answerRequest("workspace/codeLens/refresh", `null`)
	c.until("1 1 finding in api/Dockerfile [layerwise.openFile]\n6 1 finding in api/Dockerfile [layerwise.openFile]\n", func() string { return c.lenses(source) })
	c.send("workspace/executeCommand", fmt.Sprintf(`{"command":"layerwise.openFile","arguments":[%q]}`, uri))
	if got := string(c.answerRequest("window/showDocument", `{"success":true}`)); !strings.Contains(got, uri) {
		t.Errorf("shows %s", got)
	}
}

// TestHoverSaysWhatBuilds: with a link to the line, for a client that shows links.
func TestHoverSaysWhatBuilds(t *testing.T) {
	dir := apiProject(t)
	write(t, dir+"/base/Dockerfile", "FROM node:22.14\n")
	compose := apiCompose + "  base:\n    image: acme/base\n    build: base\n"
	write(t, dir+"/compose.yaml", compose)
	text := strings.Replace(apiDockerfile, "FROM node:22.14", "FROM acme/base", 1)
	uri := "file://" + dir + "/api/Dockerfile"
	for capabilities, want := range map[string][]string{
		`{"textDocument":{"hover":{"contentFormat":["markdown"]}}}`: {
			"Built by [`compose.yaml`](file://" + dir + "/compose.yaml#L2), service `api`: context `.`, target `prod`; 1 more build.",
			"`acme/base` is made here from `base/Dockerfile` ([`compose.yaml`](file://" + dir + "/compose.yaml#L11), service `base`).",
		},
		`{}`: {"Built by compose.yaml, service api: context ., target prod; 1 more build.", "acme/base is made here from base/Dockerfile (compose.yaml, service base)."},
	} {
		c := start(t, capabilities)
		c.open(uri, text)
		c.until("0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
		var got struct{ Contents struct{ Value string } }
		if err := json.Unmarshal(c.result("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":1}}`, uri)), &got); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(got.Contents.Value, w) {
				t.Errorf("no %q in\n%s", w, got.Contents.Value)
			}
		}
	}
}

// TestImpactSpeaksOfBuilds: of all that the file reaches, open or not.
func TestImpactSpeaksOfBuilds(t *testing.T) {
	const node = "FROM node:22.14\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY %s /src\n"
	dir := repository(t, map[string]string{
		"api/Dockerfile": fmt.Sprintf(node, "api"), "web/Dockerfile": fmt.Sprintf(node, "web"), "docs/Dockerfile": "FROM a:1\nCOPY . .\n", "docs/a.md": "",
		"api/main.js": "", "web/main.js": "", "package.json": `{"name":"a"}`, "package-lock.json": `{"lockfileVersion":3}`,
		"compose.yaml": "services:\n  api:\n    build: {context: ., dockerfile: api/Dockerfile}\n  web:\n    build: {context: ., dockerfile: web/Dockerfile}\n  docs:\n    build: docs\n",
	})
	c := connect(t)
	c.result("initialize", fmt.Sprintf(`{"processId":null,"rootUri":"file://%s","capabilities":{}}`, dir))
	c.notify("initialized", "{}")
	for file, want := range map[string]string{
		"package.json": "saving package.json reruns npm ci in api and web", "api/main.js": "saving main.js reruns steps in api",
		"docs/a.md": "saving a.md reruns steps in docs", "compose.yaml": "saving compose.yaml reruns nothing",
	} {
		var got struct{ Message string }
		if err := json.Unmarshal(c.result("layerwise.impact", fmt.Sprintf(`{"uri":"file://%s/%s"}`, dir, file)), &got); err != nil {
			t.Fatal(err)
		}
		if got.Message != want {
			t.Errorf("%s: got %q, want %q", file, got.Message, want)
		}
	}
}

// TestImpactNamesTheBuild where a Dockerfile has several.
func TestImpactNamesTheBuild(t *testing.T) {
	dir := apiProject(t)
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	c.awaitRule(uri, "any of the 6 files", true)
	type item struct{ Build, By, Message string }
	var got struct {
		Message string
		Impacts []item
	}
	if err := json.Unmarshal(c.result("layerwise.impact", fmt.Sprintf(`{"uri":"file://%s/api/main.js"}`, dir)), &got); err != nil {
		t.Fatal(err)
	}
	want := []item{
		{"compose.yaml#api", "compose.yaml, service api: context ., target prod", "saving main.js reruns 2 of 3 steps"},
		{"compose.yaml#tools", "compose.yaml, service tools: context api, target dev", "saving main.js reruns 2 of 3 steps"},
	}
	if !slices.Equal(got.Impacts, want) || got.Message != "saving main.js reruns npm ci in api and tools" {
		t.Errorf("got %+v", got)
	}
}

func TestSourceToldOfATargetThatIsNotThere(t *testing.T) {
	dir := apiProject(t)
	uri, source := "file://"+dir+"/api/Dockerfile", "file://"+dir+"/compose.yaml"
	c := start(t, `{"textDocument":{"diagnostic":{}}}`)
	c.open(uri, apiDockerfile)
	c.openAs(source, "yaml", 1, apiCompose)
	c.change(source, 2, fmt.Sprintf(`[{"text":%q}]`, "services: {only: {build: {context: ., dockerfile: api/Dockerfile, target: missing}}}\n"))
	c.until("0 Built by compose.yaml, service only: context ., target missing [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	if got := string(c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, source))); !strings.Contains(got, `no stage \"missing\"`) {
		t.Errorf("got %s", got)
	}
}

// TestSecretsThatBuildsPassAreNotShown, neither in the hover nor to whom asks for impacts.
func TestSecretsThatBuildsPassAreNotShown(t *testing.T) {
	const text = "FROM a:1\nARG NPM_TOKEN\nARG VERSION\nCOPY . .\nRUN make $NPM_TOKEN\n"
	dir := repository(t, map[string]string{"Dockerfile": text, "compose.yaml": "services: {api: {build: {context: ., args: {NPM_TOKEN: hunter2, VERSION: '1.2'}}}}\n"})
	uri := "file://" + dir + "/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, text)
	c.until("0 Built by compose.yaml, service api: context . [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
	for place, want := range map[string]string{
		`{"line":1,"character":5}`: "NPM_TOKEN is set in compose.yaml, service api.", `{"line":4,"character":12}`: "NPM_TOKEN is set here, by the build",
		`{"line":2,"character":5}`: "VERSION is 1.2 in compose.yaml, service api.",
	} {
		got := string(c.result("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":%s}`, uri, place)))
		if !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
			t.Errorf("at %s: %s", place, got)
		}
	}
	got := string(c.result("layerwise.impact", fmt.Sprintf(`{"uri":%q}`, uri)))
	if !strings.Contains(got, `"VERSION":"1.2"`) || strings.Contains(got, "hunter2") {
		t.Errorf("impacts: %s", got)
	}
}
