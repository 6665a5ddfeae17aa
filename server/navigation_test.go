package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const navigated = "ARG V=1\nFROM a:$V AS Build\nRUN echo \"😀\" <<EOF\nEOF\nFROM build\nCOPY --from=BUILD go.mod ./\nENV X=1\nRUN echo 😀 $X\n"

// TestNavigation asks for each answer at one place, of a client that can show little, and of one that can show all.
func TestNavigation(t *testing.T) {
	const able = `{"textDocument":{"definition":{"linkSupport":true},"declaration":{"linkSupport":true},"rename":{"prepareSupport":true},"linkedEditingRange":{}},` +
		`"workspace":{"workspaceEdit":{"documentChanges":true,"changeAnnotationSupport":{}}}}`
	for _, test := range []struct{ capabilities, method, params, want string }{
		{`{}`, "definition", hoverAt(doc, 5, 13), `[{"uri":"DOC","range":{"start":{"line":1,"character":13},"end":{"line":1,"character":18}}}]`},
		{able, "definition", hoverAt(doc, 5, 13), `[{"originSelectionRange":{"start":{"line":5,"character":12},"end":{"line":5,"character":17}},"targetUri":"DOC",` +
			`"targetRange":{"start":{"line":1,"character":0},"end":{"line":1,"character":18}},"targetSelectionRange":{"start":{"line":1,"character":13},"end":{"line":1,"character":18}}}]`},
		{`{}`, "definition", hoverAt(doc, 0, 1), `null`},
		{`{}`, "declaration", hoverAt(doc, 1, 8), `[{"uri":"DOC","range":{"start":{"line":0,"character":4},"end":{"line":0,"character":5}}}]`},
		{`{}`, "references", with(hoverAt(doc, 1, 14), `"context":{"includeDeclaration":false}`), `[{"uri":"DOC","range":{"start":{"line":4,"character":5},"end":{"line":4,"character":10}}},` +
			`{"uri":"DOC","range":{"start":{"line":5,"character":12},"end":{"line":5,"character":17}}}]`},
		{`{}`, "documentHighlight", hoverAt(doc, 7, 13), `[{"range":{"start":{"line":6,"character":4},"end":{"line":6,"character":5}},"kind":3},` +
			`{"range":{"start":{"line":7,"character":13},"end":{"line":7,"character":14}},"kind":2}]`},
		{able, "prepareRename", hoverAt(doc, 5, 13), `{"range":{"start":{"line":5,"character":12},"end":{"line":5,"character":17}},"placeholder":"BUILD"}`},
		{able, "prepareRename", hoverAt(doc, 1, 5), `-32803 there is no name here that can be changed`},
		{`{}`, "rename", with(hoverAt(doc, 7, 13), `"newName":"Y"`), `{"changes":{"DOC":[{"range":{"start":{"line":6,"character":4},"end":{"line":6,"character":5}},"newText":"Y"},` +
			`{"range":{"start":{"line":7,"character":13},"end":{"line":7,"character":14}},"newText":"Y"}]}}`},
		{able, "rename", with(hoverAt(doc, 7, 13), `"newName":"Y"`), `{"documentChanges":[{"textDocument":{"uri":"DOC","version":1},"edits":[` +
			`{"range":{"start":{"line":6,"character":4},"end":{"line":6,"character":5}},"newText":"Y","annotationId":"rename"},` +
			`{"range":{"start":{"line":7,"character":13},"end":{"line":7,"character":14}},"newText":"Y","annotationId":"rename"}]}],` +
			`"changeAnnotations":{"rename":{"label":"Rename","description":"each RUN after it reruns once"}}}`},
		{`{}`, "rename", with(hoverAt(doc, 7, 13), `"newName":"1"`), `-32803 "1" cannot name a variable: write letters, digits and _, with no digit first`},
		{able, "linkedEditingRange", hoverAt(doc, 3, 1), `{"ranges":[{"start":{"line":2,"character":16},"end":{"line":2,"character":19}},{"start":{"line":3,"character":0},"end":{"line":3,"character":3}}],"wordPattern":"[A-Za-z0-9_.-]+"}`},
	} {
		c := start(t, test.capabilities)
		c.open(doc, navigated)
		m := c.call("textDocument/"+test.method, test.params)
		got := string(m.Result)
		if m.Error != nil {
			got = fmt.Sprintf("%d %s", m.Error.Code, m.Error.Message)
		}
		if want := strings.ReplaceAll(test.want, "DOC", doc); got != want {
			t.Errorf("%s of %s: %s\nwant %s", test.method, test.params, got, want)
		}
	}
}

// TestWhatIsOffered: a client is only offered what it can use.
func TestWhatIsOffered(t *testing.T) {
	for capabilities, want := range map[string]string{
		`{}`: `true null`,
		`{"textDocument":{"rename":{"prepareSupport":true},"linkedEditingRange":{}}}`: `{"prepareProvider":true} true`,
	} {
		c := connect(t)
		var got struct {
			Capabilities struct{ RenameProvider, LinkedEditingRangeProvider json.RawMessage }
		}
		if err := json.Unmarshal(c.result("initialize", `{"processId":null,"rootUri":null,"capabilities":`+capabilities+`}`), &got); err != nil {
			t.Fatal(err)
		}
		linked := string(got.Capabilities.LinkedEditingRangeProvider)
		if linked == "" {
			linked = "null"
		}
		if offered := string(got.Capabilities.RenameProvider) + " " + linked; offered != want {
			t.Errorf("%s: %s, want %s", capabilities, offered, want)
		}
	}
}

// TestReferencesInBuilds: a target of a compose file that names the stage is one of its references.
func TestReferencesInBuilds(t *testing.T) {
	dir := apiProject(t)
	write(t, dir+"/compose.yaml", apiCompose)
	uri := "file://" + dir + "/api/Dockerfile"
	c := start(t, `{}`)
	c.open(uri, apiDockerfile)
	line := strings.Count(apiDockerfile[:strings.Index(apiDockerfile, "AS prod")], "\n")
	column := strings.Index(strings.Split(apiDockerfile, "\n")[line], "AS prod") + 4
	c.until("compose.yaml", func() string {
		result := string(c.result("textDocument/references", with(hoverAt(uri, line, column), `"context":{"includeDeclaration":false}`)))
		if strings.Contains(result, dir+"/compose.yaml") {
			return "compose.yaml"
		}
		return result
	})
}

// TestRenameInBuilds: targets that name the stage are renamed with it, in the text of the editor where it is open there.
func TestRenameInBuilds(t *testing.T) {
	dir := apiProject(t)
	uri, compose := "file://"+dir+"/api/Dockerfile", "file://"+dir+"/compose.yaml"
	c := start(t, `{"workspace":{"workspaceEdit":{"documentChanges":true}}}`)
	c.open(uri, apiDockerfile)
	rename := func(line, column int) string {
		return string(c.result("textDocument/rename", with(hoverAt(uri, line, column), `"newName":"x"`)))
	}
	edit := func(document, version string, line, from, to int) string {
		return fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%s},"edits":[{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"newText":"x"}]}`,
			document, version, line, from, line, to)
	}
	c.until(`{"documentChanges":[`+edit(uri, "1", 6, 12, 16)+","+edit(compose, "null", 5, 14, 18)+`]}`, func() string { return rename(6, 13) })
	c.openAs(compose, "yaml", 1, "\n"+apiCompose)
	c.until(`{"documentChanges":[`+edit(uri, "1", 6, 12, 16)+","+edit(compose, "1", 6, 14, 18)+`]}`, func() string { return rename(6, 13) })
	write(t, dir+"/Makefile", "image:\n\tdocker build -f api/Dockerfile \\\n\t\t--target prod .\n")
	write(t, dir+"/.github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: ., file: api/Dockerfile, target: prod}\n")
	c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
	c.until(`{"documentChanges":[`+edit(uri, "1", 6, 12, 16)+","+edit("file://"+dir+"/.github/workflows/ci.yml", "null", 4, 57, 61)+","+edit(compose, "1", 6, 14, 18)+","+edit("file://"+dir+"/Makefile", "null", 2, 11, 15)+`]}`, func() string { return rename(6, 13) })
}
