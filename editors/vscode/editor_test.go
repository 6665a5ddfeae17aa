//go:build linux

package vscode_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long something may take that takes seconds at most on an idle machine.
const patience = time.Minute

// options are what a test wants of the editor.
type options struct {
	trust bool   // not every workspace is trusted
	path  string // comes first on the PATH
}

// editor is a running VS Code with the extension installed.
type editor struct {
	t     *testing.T
	tools *tools
	dir   string // of its data
	port  int

	starts int // of the server, before it was killed last
}

// quiet are settings that keep VS Code from doing what a test does not ask for.
var quiet = map[string]any{
	"workbench.startupEditor": "none", "telemetry.telemetryLevel": "off", "update.mode": "none",
	"extensions.autoCheckUpdates": false, "extensions.ignoreRecommendations": true, "files.autoSave": "off",
	"chat.disableAIFeatures": true, "workbench.secondarySideBar.defaultVisibility": "hidden",
	"workbench.colorTheme": "Default Dark Modern", "editor.minimap.enabled": false, "editor.hover.delay": 100,
	"security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never",
	"git.enabled": false,
}

// start installs the extension and starts the editor.
func (s *tools) start(t *testing.T, vsix string, opts options) *editor {
	t.Helper()
	e := &editor{t: t, tools: s, dir: t.TempDir()}
	e.settings(nil)
	e.tools.run(t, e.dir, nil, append(e.command(), "--install-extension", vsix, "--force")...)
	if info, err := os.Stat(e.program()); err != nil || info.Mode().Perm()&0o111 != 0o111 {
		t.Fatalf("the installed program is %v: %v", info, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.port = listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	args := append(e.command(), "--auth", "none", "--bind-addr", fmt.Sprintf("127.0.0.1:%d", e.port),
		"--disable-telemetry", "--disable-update-check", "--disable-getting-started-override")
	if !opts.trust {
		args = append(args, "--disable-workspace-trust")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = e.dir
	// VSCODE_CLI keeps it from taking the PATH of a login shell.
	cmd.Env = append(s.env, "PATH="+opts.path+":"+s.path, "VSCODE_CLI=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(e.dir, "code-server.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		log.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // a watcher of files may be left
	})
	e.wait("code-server", func() bool {
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", e.port))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return e
}

func (e *editor) command() []string {
	return []string{e.tools.codeServer, "--user-data-dir", filepath.Join(e.dir, "data"), "--extensions-dir", filepath.Join(e.dir, "extensions")}
}

// settings writes the user's settings.
func (e *editor) settings(more map[string]any) {
	e.t.Helper()
	all := maps.Clone(quiet)
	maps.Copy(all, more)
	text, err := json.Marshal(all)
	if err != nil {
		e.t.Fatal(err)
	}
	// Settings that belong to the machine have a file of their own.
	write(e.t, filepath.Join(e.dir, "data", "User", "settings.json"), string(text))
	write(e.t, filepath.Join(e.dir, "data", "Machine", "settings.json"), string(text))
}

// program is the path of the server in the installed extension.
func (e *editor) program() string {
	e.t.Helper()
	return e.glob("extensions/layerwise.layerwise-*/server/layerwise")
}

// log is what the extension logged.
func (e *editor) log() string {
	e.t.Helper()
	files, _ := filepath.Glob(filepath.Join(e.dir, "data/logs/*/exthost*/layerwise.layerwise/Layerwise.log"))
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			e.t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// glob returns the last file that matches.
func (e *editor) glob(pattern string) string {
	e.t.Helper()
	files, err := filepath.Glob(filepath.Join(e.dir, pattern))
	if err != nil || len(files) == 0 {
		e.t.Fatalf("there is no %s: %v", pattern, err)
	}
	return files[len(files)-1]
}

// server waits for the one process of the server, and returns its id.
func (e *editor) server() (pid int) {
	e.t.Helper()
	program := e.program()
	e.wait("the server", func() bool {
		found := 0
		links, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, link := range links {
			if target, err := os.Readlink(link); err == nil && target == program {
				found++
				_, _ = fmt.Sscanf(link, "/proc/%d/exe", &pid)
			}
		}
		return found == 1
	})
	return pid
}

// kill ends the server, as a crash does, when it has come up.
func (e *editor) kill() {
	e.t.Helper()
	starts := 0
	e.wait("the server", func() bool {
		starts = strings.Count(e.log(), "the server is running")
		return starts > e.starts
	})
	e.starts = starts
	pid := e.server()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		e.t.Fatal(err)
	}
	e.wait("the end of the server", func() bool {
		_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		return err != nil
	})
}

func (e *editor) wait(what string, done func() bool) {
	e.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			e.t.Fatalf("%s did not come\n%s", what, e.log())
		}
	}
}

// page is the editor's window.
type page struct {
	t       *testing.T
	editor  *editor
	in      io.Writer
	answers *bufio.Scanner
}

// editorPart is the window without its bars.
const editorPart = ".part.editor"

// actions are the rows of the light bulb's menu.
const actions = ".action-widget .monaco-list-row"

const statusItem = `.statusbar-item[id="layerwise.layerwise.layerwise.impact"]`

// browse opens a folder in a browser.
func (e *editor) browse(t *testing.T, folder string) *page {
	t.Helper()
	cmd := exec.Command(e.tools.node, "e2e/remote.mjs", e.tools.chromium, t.TempDir())
	cmd.Env = e.tools.env
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	p := &page{t: t, editor: e, in: in, answers: bufio.NewScanner(out)}
	p.answers.Buffer(nil, 16<<20)
	p.open(folder)
	return p
}

// do has the browser do something to the first element of a selector that holds the text, and returns
// the answer as JSON.
func (p *page) do(verb, selector string, text ...string) string {
	p.t.Helper()
	request := map[string]string{"do": verb}
	if selector != "" {
		request["selector"] = selector
	}
	if len(text) > 0 {
		request["text"] = text[0]
	}
	line, err := json.Marshal(request)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		p.t.Fatal(err)
	}
	if !p.answers.Scan() {
		p.t.Fatalf("%s: the browser is gone: %v", line, p.answers.Err())
	}
	var answer struct {
		Value json.RawMessage
		Error string
	}
	if err := json.Unmarshal(p.answers.Bytes(), &answer); err != nil {
		p.t.Fatal(err)
	}
	if answer.Error != "" {
		if verb != "picture" {
			p.picture("failed-" + p.t.Name())
		}
		p.t.Fatalf("%s: %s\n%s", line, answer.Error, p.editor.log())
	}
	return string(answer.Value)
}

func (p *page) open(folder string) {
	p.t.Helper()
	p.do("open", "", fmt.Sprintf("http://127.0.0.1:%d/?folder=%s", p.editor.port, url.QueryEscape(folder)))
	p.do("wait", ".explorer-folders-view .monaco-list-row")
}

func (p *page) openFile(name string) {
	p.t.Helper()
	p.do("dblclick", ".explorer-folders-view .monaco-list-row", name)
	p.do("wait", ".tab.active", name)
	p.do("wait", ".editor-group-container.active .view-line span")
}

// hover rests on a word of the editor until the hover says something.
func (p *page) hover(word, says string) {
	p.t.Helper()
	p.do("hover", ".view-line span", word)
	p.do("wait", ".monaco-hover .hover-row", says)
}

// menu opens the menu of the light bulb at the cursor, and waits for an action in it. New diagnostics
// that come at the moment keep VS Code from opening it; then a user asks again.
func (p *page) menu(action string) {
	p.t.Helper()
	for range 12 {
		p.do("press", "", "Control+.")
		if p.do("seen", actions, action) == "true" {
			return
		}
	}
	p.do("wait", actions, action)
}

// problems opens the list of problems, waits for one in it, and returns all.
func (p *page) problems(message string) (all []string) {
	p.t.Helper()
	p.do("press", "", "Control+Shift+M")
	p.do("wait", ".markers-panel .monaco-list-row", message)
	p.decode(p.do("texts", ".markers-panel .monaco-list-row"), &all)
	return all
}

// closeProblems closes the list of problems.
func (p *page) closeProblems() {
	p.t.Helper()
	p.do("press", "", "Control+Shift+M")
	p.do("gone", ".markers-panel")
}

// save saves the file of the active editor, and waits until it is.
func (p *page) save() {
	p.t.Helper()
	p.do("press", "", "Control+S")
	p.do("gone", ".tab.active.dirty")
}

// command runs a command by its name. What takes the focus closes the list of commands; then it is opened
// once more.
func (p *page) command(name string) {
	p.t.Helper()
	const row = ".quick-input-widget .monaco-list-row.focused"
	for range 12 {
		p.do("press", "", "F1")
		p.do("wait", ".quick-input-widget .quick-input-box input")
		p.do("type", "", name)
		if p.do("seen", row, name) == "true" {
			break
		}
	}
	p.do("wait", row, name)
	p.do("press", "", "Enter")
}

// status waits until the status bar says something.
func (p *page) status(text string) {
	p.t.Helper()
	p.do("wait", statusItem, text)
}

// frame waits until an element of a web view holds the text, and returns all of its text.
func (p *page) frame(selector, text string) (all string) {
	p.t.Helper()
	p.decode(p.do("frame", selector, text), &all)
	return all
}

func (p *page) decode(answer string, into any) {
	p.t.Helper()
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		p.t.Fatal(err)
	}
}

// picture takes a screenshot, of a part of the window if a selector is given.
func (p *page) picture(name string, selector ...string) {
	p.t.Helper()
	file, err := filepath.Abs(filepath.Join("screenshots", name+".png"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.do("picture", strings.Join(selector, ""), file)
	p.t.Logf("%s", strings.TrimPrefix(file, filepath.Dir(filepath.Dir(file))+"/"))
}

// rulePage waits for the page of copy-before-install.
func (p *page) rulePage() {
	p.t.Helper()
	if got := p.frame("body", "When to ignore"); !strings.Contains(got, "copy-before-install") {
		p.t.Errorf("the page of the rule is\n%s", got)
	}
}
