//go:build linux

// Package vscode_test drives the extension in the real VS Code: code-server, in a headless browser. That
// takes minutes to install, so it runs with LAYERWISE_E2E=1 only (make test-editors). It leaves the
// pictures of the walkthrough in screenshots/.
package vscode_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// TestVSCode is a user's way through the extension.
func TestVSCode(t *testing.T) {
	tools := install(t)
	vsix := tools.pack(t)
	code := tools.start(t, vsix, options{})
	project := guestbook(t)
	dockerfile := filepath.Join(project, "Dockerfile")
	endtoend.SameFile(t, dockerfile, endtoend.Quickstart)

	page := code.browse(t, project)
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
	page.hover("COPY", "copy-before-install")
	page.do("wait", ".monaco-hover .hover-row", "makes layer")
	page.do("wait", ".monaco-hover .action", "Quick Fix")
	page.picture("hover", editorPart)
	page.do("click", ".monaco-hover a", "copy-before-install")
	page.rulePage()
	page.picture("rule")

	page.openFile("Dockerfile")
	page.problems("Changing any of the 5 files this COPY takes reruns `pip install` (line 7)")
	page.picture("problems")
	page.closeProblems()

	// The quick fix.
	page.do("click", ".view-line span", "COPY")
	page.do("wait", "[class*=codicon-gutter-lightbulb]")
	page.menu("Move `COPY requirements.txt` above `RUN pip install`")
	page.picture("quickfix", editorPart)
	page.do("click", actions, "Move `COPY requirements.txt` above `RUN pip install`")
	page.do("wait", ".view-line", "COPY requirements.txt ./")
	page.save()
	page.picture("fixed")
	endtoend.SameFile(t, dockerfile, endtoend.InstallFirst)

	// What saving a file of the context reruns.
	page.openFile("app.py")
	page.status("1 of 4 steps rerun on save")
	page.picture("status")
	page.do("click", statusItem)
	if got := page.frame("tr", "app.py changed"); !strings.Contains(got, "COPY . .") || !strings.Contains(got, "reruns") {
		t.Errorf("the page of the impact of app.py is\n%s", got)
	}
	page.do("gone", statusItem) // the page is no file
	page.picture("impact", editorPart)

	// The picture of the stages, and the page of a rule.
	page.openFile("Dockerfile")
	page.status("1 of 4 steps rerun on save")
	page.command("Layerwise: Explain This File")
	if got := page.frame("pre", "layers on top of the base image"); !strings.Contains(got, "RUN pip install -r requirements.txt") {
		t.Errorf("the explanation is\n%s", got)
	}
	page.picture("explain", editorPart)
	page.command("Layerwise: Open Rule Page")
	page.do("wait", `.quick-input-widget input[placeholder="The page of which rule?"]`) // the rules are more than the list shows at once
	page.do("type", "", "copy-before-install")
	page.do("wait", ".quick-input-widget .monaco-list-row", "copy-before-install")
	page.do("press", "", "Enter")
	page.rulePage()

	// The other commands.
	page.openFile("Dockerfile")
	starts := strings.Count(code.log(), "the server is running")
	page.command("Layerwise: Restart Server")
	code.wait("another start", func() bool { return strings.Count(code.log(), "the server is running") == starts+1 })
	page.command("Layerwise: Show Log")
	page.do("wait", ".part.panel .view-line", "the server is running")
	page.do("press", "", "Control+J")
	page.do("gone", ".part.panel .view-line")

	// The explanation is about the build that the settings say.
	project = guestbook(t)
	write(t, filepath.Join(project, ".vscode", "settings.json"), `{"layerwise.target": "test", "layerwise.buildArgs": { "TAG": "3.14" }}`)
	write(t, filepath.Join(project, "Dockerfile"), "ARG TAG=3.13\nFROM python:$TAG AS test\nRUN ./test\nFROM scratch\n")
	page.open(project)
	page.openFile("Dockerfile")
	page.do("wait", ".view-line", "FROM scratch")
	page.do("gone", statusItem) // it does not say that a Dockerfile reruns nothing
	page.command("Layerwise: Explain This File")
	if got := page.frame("pre", "the image python:3.14"); !strings.Contains(got, "stage test, in the image") {
		t.Errorf("the explanation of another build is\n%s", got)
	}
	page.openFile("app.py")
	page.status("0 of 1 step reruns on save")
	write(t, filepath.Join(project, ".vscode", "settings.json"), "{}")
	page.do("gone", statusItem) // the last stage, which is built now, has no step

	// All safe fixes on save, as the workspace's settings say.
	project = guestbook(t)
	write(t, filepath.Join(project, ".vscode", "settings.json"), `{
  "editor.codeActionsOnSave": { "source.fixAll.layerwise": "explicit" },
  "layerwise.rules": { "final-user-missing": "off" }
}`)
	write(t, filepath.Join(project, ".layerwise.yaml"), "rulez: {}\n")
	page.open(project)
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
	if got := page.problems("reruns `pip install` (line 7)"); strings.Contains(strings.Join(got, "\n"), "No USER is set") {
		t.Errorf("a rule that is off finds something: %q", got)
	}
	page.closeProblems()
	page.openFile(".layerwise.yaml")
	page.do("wait", ".squiggly-error")
	page.openFile("Dockerfile")
	page.do("click", ".view-line span", "EXPOSE")
	page.do("press", "", "End")
	page.do("type", "", " 8001")
	page.save()
	endtoend.SameFile(t, filepath.Join(project, "Dockerfile"), strings.Replace(endtoend.InstallFirst, "8000", "8000 8001", 1))

	for _, word := range []string{"[error]", "[warning]", "there is no setting"} {
		if log := code.log(); strings.Contains(log, word) {
			t.Errorf("the log has %q:\n%s", word, log)
		}
	}

	// A server that is killed.
	code.kill()
	page.do("wait", ".notification-toast", "The Layerwise server stopped unexpectedly and is started again")
	page.do("click", ".view-line span", "EXPOSE")
	page.do("press", "", "End")
	page.do("type", "", "\nMAINTAINER me")
	if got := page.problems("MAINTAINER is deprecated"); len(got) != 7 { // two are the files' names
		t.Errorf("after the crash there are the problems %q", got)
	}
	page.picture("crash")

	// One that is killed again and again.
	for range 4 {
		code.kill()
	}
	page.do("wait", ".notification-toast", "The Layerwise server stopped 5 times within three minutes and is not started again")
	page.do("click", ".notification-toast .monaco-button", "Restart")
	code.server()
}

// TestIgnoreFile applies fixes of the ignore file, which nobody has open: they are saved, unless there is
// something of the user's own in it. The explanation follows what is saved.
func TestIgnoreFile(t *testing.T) {
	tools := install(t)
	code := tools.start(t, tools.pack(t), options{})
	project := guestbook(t)
	ignoreFile := filepath.Join(project, ".dockerignore")
	const fix = "Ignore .dockerignore and Dockerfile in .dockerignore"
	write(t, ignoreFile, "README.md\n")
	page := code.browse(t, project)
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
	page.command("Layerwise: Explain This File")
	page.frame("pre", "layers on top of the base image")

	page.do("click", ".view-line span", "COPY")
	page.menu(fix)
	page.do("click", actions, fix)
	code.wait("the saved .dockerignore", func() bool { return strings.Contains(read(t, ignoreFile), "Dockerfile") })
	endtoend.SameFile(t, ignoreFile, "README.md\n.dockerignore\nDockerfile\n")
	page.do("gone", ".tab.dirty")

	page.do("click", ".view-line span", "WORKDIR")
	page.do("press", "", "End")
	page.do("type", "", "/guestbook")
	page.save()
	page.frame("pre", "the directory /app/guestbook")
	page.picture("explained-again")

	write(t, ignoreFile, "README.md\n")
	page.openFile(".dockerignore")
	page.do("press", "", "Control+End")
	page.do("type", "", "templates\n")
	page.openFile("Dockerfile")
	page.do("click", ".view-line span", "COPY")
	page.menu(fix)
	page.do("click", actions, fix)
	page.openFile(".dockerignore")
	page.do("wait", ".view-line", "Dockerfile")
	endtoend.SameFile(t, ignoreFile, "README.md\n")
}

// TestRestrictedMode opens a workspace that nobody trusts, and that would like its own program started.
func TestRestrictedMode(t *testing.T) {
	tools := install(t)
	project := endtoend.Project(t)
	for _, name := range []string{"layerwise", "bin/layerwise"} {
		write(t, filepath.Join(project, name), "#!/bin/sh\ntouch '"+filepath.Join(project, "started")+"'\n")
		if err := os.Chmod(filepath.Join(project, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(project, ".vscode", "settings.json"), `{
  "layerwise.path": "`+filepath.Join(project, "layerwise")+`",
  "layerwise.context": "/"
}`)
	// The first program on the PATH is the workspace's, and none came with the extension.
	path := filepath.Join(project, "bin") + ":" + filepath.Dir(endtoend.Program(t, "layerwise"))
	code := tools.start(t, tools.pack(t), options{trust: true, path: path})
	if err := os.Remove(code.program()); err != nil {
		t.Fatal(err)
	}
	page := code.browse(t, project)
	page.do("wait", ".statusbar-item", "Restricted Mode")
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
	page.problems("Changing any of the 8 files this COPY takes reruns `pip install` (line 7)")
	page.picture("restricted")
	if _, err := os.Stat(filepath.Join(project, "started")); err == nil {
		t.Error("a program of the workspace was started")
	}
}

// TestNoServer has neither a server in the extension nor one on the PATH.
func TestNoServer(t *testing.T) {
	tools := install(t)
	code := tools.start(t, tools.pack(t), options{})
	if err := os.Remove(code.program()); err != nil {
		t.Fatal(err)
	}
	page := code.browse(t, endtoend.Project(t))
	page.do("wait", ".notification-toast", "Layerwise cannot start: the program layerwise is not on the PATH")
	page.picture("missing")
	page.do("click", ".notification-toast .monaco-button", "Open Settings")
	page.do("wait", ".setting-item-contents", "The program layerwise to start")
	page.do("press", "", "Escape")

	// The setting that it asks for takes effect at once.
	code.settings(map[string]any{"layerwise.path": "/bin/false"})
	page.do("wait", ".notification-toast", "Layerwise cannot start /bin/false")
	code.settings(map[string]any{"layerwise.path": endtoend.Program(t, "layerwise")})
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
}

// guestbook is the project of the README's quick start, in a folder of a name that pictures can show.
func guestbook(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "guestbook")
	if err := os.Rename(endtoend.Project(t), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
