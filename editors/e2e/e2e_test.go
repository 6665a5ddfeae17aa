// Package e2e_test drives real editors, set up as their pages say, on a project with mistakes. What
// they show is compared with testdata/findings.txt, and what they leave on disk with the files beside
// it, byte for byte.
package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/editors"
	"layerwise/internal/endtoend"
)

var update = flag.Bool("update", false, "rewrite what the editors are to show")

// patience is how long an editor may run.
const patience = 5 * time.Minute

// A session is a project that an editor opens, in a home of its own: no configuration of the user is
// read or written.
type session struct {
	t        *testing.T
	dir      string // holds all of the following
	home     string
	project  string
	server   string            // the program
	messages map[string]string // what the command line says, by rule
	bin      string            // first on the PATH, holds what starts it
}

// start makes a session in which the server has the given name.
func start(t *testing.T, name string) *session {
	t.Helper()
	dir := t.TempDir()
	s := &session{t: t, dir: dir, home: filepath.Join(dir, "home"), project: filepath.Join(dir, "project"), bin: filepath.Join(dir, "bin")}
	for _, folder := range []string{s.home, filepath.Join(s.home, "run"), s.bin} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(endtoend.Project(t), s.project); err != nil {
		t.Fatal(err)
	}
	s.write(s.dockerfile(), read(t, "testdata/Dockerfile"))
	s.server = filepath.Join(dir, name)
	if err := os.Rename(endtoend.Program(t, name), s.server); err != nil {
		t.Fatal(err)
	}
	s.serve(*record)
	s.check()
	return s
}

// check learns the messages from the command line.
func (s *session) check() {
	s.t.Helper()
	out, err := exec.Command(endtoend.Program(s.t, "layerwise"), "check", "--fail-level=off", "--format=json", s.project).Output()
	if err != nil {
		s.t.Fatal(err)
	}
	var checked struct {
		Files []struct {
			Diagnostics []struct{ Rule, Message string }
		}
	}
	if err := json.Unmarshal(out, &checked); err != nil {
		s.t.Fatal(err)
	}
	s.messages = map[string]string{}
	for _, d := range checked.Files[0].Diagnostics {
		s.messages[d.Rule] = d.Message
	}
}

func (s *session) dockerfile() string { return filepath.Join(s.project, "Dockerfile") }

// report is the file in which an editor's driver tells what it saw.
func (s *session) report() string { return filepath.Join(s.dir, "report.json") }

// write writes a file, and the folders above it.
func (s *session) write(file, content string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

// init lets the program put the editor's configuration in place.
func (s *session) init(editor string) { s.run("", s.server, "init", editor, "--write") }

// config writes a file below the folder of configurations in the session's home.
func (s *session) config(file, content string) {
	s.t.Helper()
	s.write(filepath.Join(s.home, ".config", file), content)
}

// run runs an editor until it ends by itself, and returns what it printed.
func (s *session) run(task string, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = s.project
	cmd.Env = []string{
		"PATH=" + s.bin + ":" + endtoend.Path(s.t), "HOME=" + s.home, "LC_ALL=C.UTF-8", "TERM=xterm-256color",
		"XDG_CONFIG_HOME=" + s.home + "/.config", "XDG_CACHE_HOME=" + s.home + "/.cache",
		"XDG_DATA_HOME=" + s.home + "/.local/share", "XDG_STATE_HOME=" + s.home + "/.local/state",
		"XDG_RUNTIME_DIR=" + s.home + "/run", "TMPDIR=" + s.dir,
		"TASK=" + task, "REPORT=" + s.report(), "SERVER_PID=" + filepath.Join(s.dir, "server.pid"),
	}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// report is what an editor showed.
type report struct {
	Error    string // what went wrong in the driver
	Findings []finding
	Hover    string
	Actions  []string // their titles

	Lens, Chosen, Unsaved string // what stands above the first line: first, with another build, and after an edit of its source
	Source                string // what the source is told then

	Features map[string]string // what each feature of the language service brought about
}

type finding struct {
	Line    int
	Text    string // what is underlined
	Code    string
	Message string
}

// seen reads the report of a run of which out was printed.
func (s *session) seen(out string) report {
	s.t.Helper()
	raw, err := os.ReadFile(s.report())
	if err != nil {
		s.t.Fatalf("no report: %v\n%s", err, out)
	}
	var r report
	if err := json.Unmarshal(raw, &r); err != nil {
		s.t.Fatalf("%v in %s", err, raw)
	}
	if r.Error != "" {
		s.t.Fatalf("%s\n%s", r.Error, out)
	}
	return r
}

// wantFindings compares the findings that an editor shows with those that all have to show, and their
// messages with what the command line says.
func (s *session) wantFindings(r report) {
	s.t.Helper()
	slices.SortFunc(r.Findings, func(a, b finding) int {
		return cmp.Or(a.Line-b.Line, strings.Compare(a.Code, b.Code)) // some editors keep no order
	})
	want := read(s.t, "testdata/findings.txt")
	var b strings.Builder
	for _, f := range r.Findings {
		if strings.Contains(want, "["+f.Code+"]") { // a new rule changes nothing here
			fmt.Fprintf(&b, "%d [%s] %s\n", f.Line, f.Code, f.Text)
		}
		if f.Message != s.messages[f.Code] {
			s.t.Errorf("it shows %q, want %q", f.Message, s.messages[f.Code])
		}
	}
	if *update {
		if err := os.WriteFile("testdata/findings.txt", []byte(b.String()), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	if b.String() != want && !*update {
		s.t.Errorf("it shows\n%s\nwant\n%s", b.String(), want)
	}
}

// What all editors show in the words of the hover of COPY, of the finding about the order, and of its fix.
const (
	installOrder = "Changing any of the 5 files this COPY takes reruns `pip install` (line 8)"
	moveCopy     = "Move `COPY requirements.txt` above `RUN pip install`"
)

var hover = []string{"Changing any of the 5 files this COPY takes reruns pip install -r requirements.txt (line 8).", "COPY makes layer 2 of the 3 that this file adds to the base image."}

// wantFix checks that the menu begins with the fix.
func (s *session) wantFix(r report) {
	s.t.Helper()
	if len(r.Actions) < 3 || r.Actions[0] != moveCopy {
		s.t.Errorf("the menu is %q", r.Actions)
	}
}

// wantHover checks what an editor shows of the COPY, apart from the marks of Markdown and the ends of
// lines, which editors treat in their own ways.
func (s *session) wantHover(r report) {
	s.t.Helper()
	shown := strings.Join(strings.Fields(strings.NewReplacer("*", "", "`", "").Replace(r.Hover)), " ")
	for _, want := range hover {
		if !strings.Contains(shown, want) {
			s.t.Errorf("no %q in %s", want, r.Hover)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// page returns the block of code in an editor's page that has the words, so that what it tells users to
// write is what is tested.
func page(t *testing.T, editor, words string) string {
	t.Helper()
	text := editors.File{Source: editor + "/README.md", Block: words}.Text()
	if text == "" {
		t.Fatalf("the page of %s has no %s", editor, words)
	}
	return text
}

// twoBuilds makes a project whose compose file builds a Dockerfile in two ways, and returns the Dockerfile.
func (s *session) twoBuilds() string {
	s.t.Helper()
	dir := filepath.Join(s.dir, "builds")
	for name, body := range map[string]string{
		".git/HEAD":      "",
		"api/Dockerfile": "FROM node:22.14 AS dev\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\n\nFROM dev AS prod\nCMD [\"node\", \"api/main.js\"]\n",
		"api/main.js":    "", "package.json": "{}", "package-lock.json": `{"lockfileVersion":3}`, ".dockerignore": ".git\n",
		"compose.yaml": "services:\n  api:\n    build: {context: ., dockerfile: api/Dockerfile, target: prod}\n  tools:\n    build: {context: api, target: dev}\n",
	} {
		s.write(filepath.Join(dir, name), body)
	}
	return filepath.Join(dir, "api", "Dockerfile")
}

func (s *session) wantBuilds(r report) {
	s.t.Helper()
	got := []string{r.Lens, r.Chosen, r.Unsaved, r.Source}
	want := []string{
		"Built by compose.yaml, service api: context ., target prod; 1 more",
		"Built by compose.yaml, service tools: context api, target dev; 1 more",
		"Built by compose.yaml, service only: context ., target missing",
		`api/Dockerfile has no stage "missing": the build fails`,
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("it shows %q, want %q", got, want)
	}
}
