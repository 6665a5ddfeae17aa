package server_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"layerwise/server"
)

// serveVariable makes the test's own program a language server on its standard streams.
const serveVariable = "LAYERWISE_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		os.Exit(server.Run(context.Background(), os.Stdin, os.Stdout, nil, "test", nil))
	}
	// The pages that diagnostics link to are written below it.
	cache, err := os.MkdirTemp("", "layerwise")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", cache)
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

// process is a server in a process of its own.
type process struct {
	*client
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

// launch starts a process that is not initialized yet.
func launch(t testing.TB) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), serveVariable+"=1")
	p.cmd.Stderr = &p.stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.client = &client{t: t, in: in, messages: make(chan message, 10000), exit: make(chan int, 1)}
	go func() {
		p.read(out)
		p.cmd.Wait() //nolint:errcheck // the state tells
		p.exit <- p.cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		in.Close()
		p.cmd.Process.Kill() //nolint:errcheck // it has mostly ended
	})
	return p
}

func (p *process) initialize(processID string) {
	p.t.Helper()
	p.result("initialize", fmt.Sprintf(`{"processId":%s,"rootUri":null,"capabilities":{}}`, processID))
	p.notify("initialized", "{}")
}

func TestProcessEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*process)
		code int
	}{
		"shutdown and exit": {func(p *process) { p.call("shutdown", "null"); p.notify("exit", "null") }, 0},
		"exit alone":        {func(p *process) { p.notify("exit", "null") }, 1},
		"closed input":      {func(p *process) { p.in.Close() }, 0},
		"SIGTERM":           {func(p *process) { p.signal(syscall.SIGTERM) }, -1},
		"SIGHUP":            {func(p *process) { p.signal(syscall.SIGHUP) }, -1},
		"SIGINT":            {func(p *process) { p.signal(syscall.SIGINT) }, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launch(t)
			p.initialize("null")
			p.open(doc, "FORM a\n")
			p.diagnostics(doc, 1)
			test.end(p)
			if code := p.exited(); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if p.stderr.Len() > 0 {
				t.Errorf("wrote on stderr: %s", &p.stderr)
			}
		})
	}
}

func (p *process) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Error(err)
	}
}

func TestParentDies(t *testing.T) {
	t.Parallel()
	parent := exec.Command("sleep", "60")
	if err := parent.Start(); err != nil {
		t.Skip(err)
	}
	p := launch(t)
	p.initialize(fmt.Sprint(parent.Process.Pid))
	time.Sleep(100 * time.Millisecond)
	p.open(doc, "FORM a\n")
	p.diagnostics(doc, 1)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	parent.Wait() //nolint:errcheck // it was killed
	if code := p.exited(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}

func TestSessionFromFile(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stdin = strings.NewReader(frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`) +
		frame(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":%q,"languageId":"dockerfile","version":1,"text":"FORM a\n"}}}`, doc)) +
		frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":%s}`, hoverAt(doc, 0, 0))))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id":1`, `"id":2`, "publishDiagnostics"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}
