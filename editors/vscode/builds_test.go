//go:build linux

package vscode_test

import (
	"os"
	"path/filepath"
	"testing"
)

// lens is what stands above a line.
const lens = ".codelens-decoration a"

// TestBuilds is a project whose compose file builds a Dockerfile in two ways.
func TestBuilds(t *testing.T) {
	tools := install(t)
	code := tools.start(t, tools.pack(t), options{})
	project := t.TempDir()
	for name, body := range map[string]string{
		"api/Dockerfile": "FROM node:22.14 AS dev\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\n\nFROM dev AS prod\nCMD [\"node\", \"api/main.js\"]\n",
		"api/main.js":    "", "package.json": `{"name":"a"}`, "package-lock.json": `{"lockfileVersion":3}`, ".dockerignore": ".git\n",
		"compose.yaml": "services:\n  api:\n    build:\n      context: .\n      dockerfile: api/Dockerfile\n      target: prod\n  tools:\n    build:\n      context: api\n      target: dev\n",
	} {
		write(t, filepath.Join(project, name), body)
	}
	if err := os.Mkdir(filepath.Join(project, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}

	page := code.browse(t, project)
	page.do("click", ".explorer-folders-view .monaco-list-row", "api")
	page.openFile("Dockerfile")
	page.do("wait", lens, "Built by compose.yaml, service api: context ., target prod; 1 more")
	page.problems("Changing any of the 6 files this COPY takes reruns `npm ci` (line 4)")
	page.closeProblems()
	page.do("click", ".view-line span", "COPY")
	page.menu("Move `COPY package.json package-lock.json` above `RUN npm ci`")
	page.picture("builds-lens")
	page.do("press", "", "Escape")

	// Another build is chosen, and remembered.
	page.do("click", lens, "Built by")
	page.do("wait", ".quick-input-widget .monaco-list-row", "compose.yaml#tools")
	page.picture("builds-choose")
	page.do("click", ".quick-input-widget .monaco-list-row", "compose.yaml#tools")
	page.do("wait", lens, "Built by compose.yaml, service tools: context api, target dev; 1 more")
	page.problems("there is no quick fix, because the build context has nothing that `npm ci` is known to read")
	page.closeProblems()
	page.picture("builds-chosen")
	page.open(project)
	page.do("wait", lens, "Built by compose.yaml, service tools: context api, target dev; 1 more")

	// What stands in compose.yaml counts before it is saved.
	page.openFile("compose.yaml")
	page.do("wait", lens, "3 findings in api/Dockerfile")
	page.do("click", ".view-line span", "target")
	page.do("press", "", "Control+End")
	page.do("type", "", "      args:\n  UNKNOWN: 1")
	page.problems("no ARG of api/Dockerfile takes UNKNOWN: passing it does nothing")
	page.picture("builds-source")
	page.closeProblems()
	page.do("click", ".view-line span", "UNKNOWN")
	page.do("press", "", "Control+A")
	page.do("type", "", "services: {only: {build: {context: api}}}")
	page.openFile("Dockerfile")
	page.do("wait", lens, "Built by compose.yaml, service only: context api")
	page.picture("builds-unsaved")
}
