package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/internal/golden"
)

// renames asks what new names of files change, and returns what the changed files are then, each with its name
// above it. moves are pairs of old and new names. texts are those of the files that are open.
func (c *client) renames(dir string, texts map[string]string, moves ...string) string {
	c.t.Helper()
	var files []string
	for i := 0; i < len(moves); i += 2 {
		files = append(files, fmt.Sprintf(`{"oldUri":%q,"newUri":%q}`, "file://"+dir+"/"+moves[i], "file://"+dir+"/"+moves[i+1]))
	}
	raw := c.result("workspace/willRenameFiles", `{"files":[`+strings.Join(files, ",")+`]}`)
	if string(raw) == "null" {
		return "nothing\n"
	}
	var edit struct {
		Changes         map[string][]textEdit
		DocumentChanges []struct {
			TextDocument struct {
				URI     string
				Version *int
			}
			Edits []textEdit
		}
	}
	if err := json.Unmarshal(raw, &edit); err != nil {
		c.t.Fatal(err)
	}
	changes := edit.Changes
	if changes == nil {
		changes = map[string][]textEdit{}
	}
	for _, d := range edit.DocumentChanges {
		changes[d.TextDocument.URI] = d.Edits
		if _, open := texts[strings.TrimPrefix(d.TextDocument.URI, "file://"+dir+"/")]; open != (d.TextDocument.Version != nil) {
			c.t.Errorf("%s is of version %v", d.TextDocument.URI, d.TextDocument.Version)
		}
	}
	var b strings.Builder
	for _, uri := range slices.Sorted(maps.Keys(changes)) {
		name := strings.TrimPrefix(uri, "file://"+dir+"/")
		text, open := texts[name]
		if !open {
			onDisk, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				c.t.Fatal(err)
			}
			text = string(onDisk)
		}
		fmt.Fprintf(&b, "%s:\n%s", name, applyIn("utf-16", text, changes[uri]))
	}
	return b.String()
}

const renaming = `{"textDocument":{"diagnostic":{}},"workspace":{"workspaceEdit":{"documentChanges":true},"fileOperations":{"willRename":true,"didCreate":true,"didRename":true,"didDelete":true},"diagnostics":{"refreshSupport":true}}}`

func TestRenamedFiles(t *testing.T) {
	files := map[string]string{
		"api/Dockerfile": "FROM a:1\nCOPY api/main.js package.json /app/\nCOPY . /é\n",
		"web/Dockerfile": "FROM b:1\nCOPY main.js /app/\n",
		"compose.yaml":   "services: {api: {build: {context: ., dockerfile: api/Dockerfile}}}\n",
		"api/main.js":    "", "web/main.js": "", "package.json": "{}", ".dockerignore": ".git\napi/main.js.map\n.env\n", ".env": "", "web/.dockerignore": "tests\n",
	}
	for _, capabilities := range []string{renaming, `{"textDocument":{"diagnostic":{}},"workspace":{"fileOperations":{"willRename":true}}}`} {
		dir := repository(t, files)
		c := startIn(t, dir, capabilities)
		same(t, "a file", c.renames(dir, nil, "api/main.js", "api/index.js"), "api/Dockerfile:\nFROM a:1\nCOPY api/index.js package.json /app/\nCOPY . /é\n")
		same(t, "a file of a context of its own", c.renames(dir, nil, "web/main.js", "web/src/main.js"), "web/Dockerfile:\nFROM b:1\nCOPY src/main.js /app/\n")
		same(t, "a folder with the Dockerfile in it", c.renames(dir, nil, "api", "backend"),
			".dockerignore:\n.git\nbackend/main.js.map\n.env\napi/Dockerfile:\nFROM a:1\nCOPY backend/main.js package.json /app/\nCOPY . /é\n"+
				"compose.yaml:\nservices: {api: {build: {context: ., dockerfile: backend/Dockerfile}}}\n")
		same(t, "a Dockerfile", c.renames(dir, nil, "api/Dockerfile", "api/prod.Dockerfile"), "compose.yaml:\nservices: {api: {build: {context: ., dockerfile: api/prod.Dockerfile}}}\n")
		same(t, "what is ignored by its name", c.renames(dir, nil, ".env", "config/.env"), ".dockerignore:\n.git\napi/main.js.map\nconfig/.env\n")
		same(t, "out of the context", c.renames(dir, nil, "web/main.js", "main.js"), "nothing\n")
		same(t, "what nothing names", c.renames(dir, nil, "README.md", "README.txt"), "nothing\n")
		same(t, "several", c.renames(dir, nil, "api/main.js", "api/a.js", "package.json", "js/package.json"),
			"api/Dockerfile:\nFROM a:1\nCOPY api/a.js js/package.json /app/\nCOPY . /é\n")

		open := map[string]string{"web/Dockerfile": "FROM c:1\nCOPY --chown=é:é main.js /é\n", ".dockerignore": "# 🐳\n!.env\n", "compose.yaml": "services: {é: {build: {dockerfile: api/Dockerfile}}}\n"}
		for name, text := range open {
			c.open("file://"+dir+"/"+name, text)
		}
		same(t, "as it is in the editor", c.renames(dir, open, "web/main.js", "web/🐳.js", ".env", "x"),
			".dockerignore:\n# 🐳\n!x\nweb/Dockerfile:\nFROM c:1\nCOPY --chown=é:é 🐳.js /é\n")
		same(t, "a source as it is in the editor", c.renames(dir, open, "api/Dockerfile", "Dockerfile"), "compose.yaml:\nservices: {é: {build: {dockerfile: Dockerfile}}}\n")
	}
}

// TestRenamedFileOfSeveralBuilds: what one build takes by the name, and another one does not, stays.
func TestRenamedFileOfSeveralBuilds(t *testing.T) {
	dir := repository(t, map[string]string{
		"api/Dockerfile": "FROM a:1\nCOPY main.js /app/\n", "api/main.js": "", "main.js": "",
		"compose.yaml": "services:\n  a: {build: {context: ., dockerfile: api/Dockerfile}}\n  b: {build: {context: api}}\n",
	})
	c := startIn(t, dir, renaming)
	same(t, "one", c.renames(dir, nil, "main.js", "index.js"), "nothing\n")
	same(t, "both", c.renames(dir, nil, "main.js", "index.js", "api/main.js", "api/index.js"), "api/Dockerfile:\nFROM a:1\nCOPY index.js /app/\n")
}

// TestFilesAreFollowed: what is renamed, deleted or created in the editor is known at once.
func TestFilesAreFollowed(t *testing.T) {
	golden.Freeze(t)
	dir := shop(t)
	c := startIn(t, dir, renaming)
	e := &knowing{t, dir, map[string]wholeReport{}}
	same(t, "at first", e.ask(c), "api/Dockerfile full: copy-before-install\nweb/Dockerfile full: maintainer-deprecated\n")
	if err := os.Rename(dir+"/web", dir+"/site"); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didRenameFiles", fmt.Sprintf(`{"files":[{"oldUri":"file://%[1]s/web","newUri":"file://%[1]s/site"}]}`, dir))
	e.ask(c) // of the other Dockerfile, whose build context holds both
	same(t, "a folder", strings.Join(slices.Sorted(maps.Keys(e.known)), "\n"), "file://"+dir+"/api/Dockerfile\nfile://"+dir+"/site/Dockerfile")
	if err := os.RemoveAll(dir + "/site"); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didDeleteFiles", fmt.Sprintf(`{"files":[{"uri":"file://%s/site"}]}`, dir))
	e.ask(c)
	same(t, "deleted", strings.Join(slices.Sorted(maps.Keys(e.known)), "\n"), "file://"+dir+"/api/Dockerfile")
	write(t, dir+"/new/Dockerfile", "FROM scratch\n")
	c.notify("workspace/didCreateFiles", fmt.Sprintf(`{"files":[{"uri":"file://%s/new"}]}`, dir))
	e.ask(c)
	same(t, "created", strings.Join(slices.Sorted(maps.Keys(e.known)), "\n"), "file://"+dir+"/api/Dockerfile\nfile://"+dir+"/new/Dockerfile")
}
