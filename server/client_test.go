package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"layerwise/build/shellcheck"
	"layerwise/server"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// A client speaks to a server over pipes, message by message, with JSON that the test writes.
type client struct {
	t        testing.TB
	in       io.WriteCloser
	messages chan message
	exit     chan int
	mu       sync.Mutex
	nextID   int
	seen     []message // what was passed over while waiting for something else
}

// message is anything that a server sends.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
	batch  json.RawMessage // of answers; then all else is empty
	came   time.Time       // when its last byte was read
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// connect starts a server that is not initialized yet.
func connect(t testing.TB) *client {
	c, out := dial(t, nil)
	go c.read(out)
	return c
}

// dial starts a server whose output nobody reads yet. scripts checks the scripts of RUN, and may be nil.
func dial(t testing.TB, scripts *shellcheck.Program) (*client, io.Reader) {
	fromClient, in := io.Pipe()
	out, toClient := io.Pipe()
	c := &client{t: t, in: in, messages: make(chan message, 10000), exit: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { c.exit <- server.Run(ctx, fromClient, toClient, nil, "test", scripts) }()
	t.Cleanup(func() {
		cancel()
		in.Close()
		out.Close()
	})
	return c, out
}

func (c *client) read(r io.Reader) {
	defer close(c.messages)
	in := bufio.NewReader(r)
	for {
		body, err := readFrame(in)
		if err != nil {
			return
		}
		m := message{came: time.Now()}
		if !utf8.Valid(body) {
			c.t.Errorf("the server sent %q, which is not UTF-8", body)
		}
		if body[0] == '[' {
			m.batch = body
		} else if err := json.Unmarshal(body, &m); err != nil {
			c.t.Errorf("the server sent %q: %v", body, err)
			return
		}
		c.messages <- m
	}
}

func readFrame(in *bufio.Reader) ([]byte, error) {
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimSpace(line)
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return nil, err
			}
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(in, body)
	return body, err
}

// raw sends bytes as they are.
func (c *client) raw(data string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, data); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// body sends one body with its header.
func (c *client) body(body string) {
	c.t.Helper()
	c.raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	c.body(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, toJSON(params)))
}

// send sends a request and returns its id.
func (c *client) send(method string, params any) int {
	c.t.Helper()
	c.mu.Lock()
	c.nextID++
	id := c.nextID
	c.mu.Unlock()
	c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, toJSON(params)))
	return id
}

// toJSON passes strings on as JSON and encodes everything else.
func toJSON(v any) []byte {
	if s, ok := v.(string); ok {
		return []byte(s)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// quote writes a string as JSON.
func quote(s string) string {
	return string(bytes.TrimSpace(toJSON(&s)))
}

// await returns the next message that fits, and keeps the others for later.
func (c *client) await(what string, fits func(message) bool) message {
	c.t.Helper()
	for i, m := range c.seen {
		if fits(m) {
			c.seen = append(c.seen[:i:i], c.seen[i+1:]...)
			return m
		}
	}
	deadline := time.After(patience)
	for {
		select {
		case m, ok := <-c.messages:
			if !ok {
				c.t.Fatalf("the server went away while waiting for %s", what)
			}
			if fits(m) {
				return m
			}
			c.seen = append(c.seen, m)
		case <-deadline:
			c.t.Fatalf("no %s; came instead: %s", what, toJSON(c.seen))
		}
	}
}

// answer waits for the answer to a request. id is as JSON writes it.
func (c *client) answer(id string) message {
	c.t.Helper()
	return c.await("answer to "+id, func(m message) bool { return m.Method == "" && string(m.ID) == id })
}

// call sends a request and waits for its answer.
func (c *client) call(method string, params any) message {
	c.t.Helper()
	return c.answer(strconv.Itoa(c.send(method, params)))
}

// result is the result of a call that must succeed.
func (c *client) result(method string, params any) json.RawMessage {
	c.t.Helper()
	m := c.call(method, params)
	if m.Error != nil {
		c.t.Fatalf("%s: %d %s", method, m.Error.Code, m.Error.Message)
	}
	return m.Result
}

// start connects and initializes a client with the capabilities, which are JSON.
func start(t testing.TB, capabilities string) *client {
	t.Helper()
	c := connect(t)
	c.result("initialize", fmt.Sprintf(`{"processId":null,"rootUri":null,"capabilities":%s}`, capabilities))
	c.notify("initialized", "{}")
	return c
}

func (c *client) open(uri, text string) {
	c.t.Helper()
	c.openAs(uri, "dockerfile", 1, text)
}

func (c *client) openAs(uri, language string, version int, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": language, "version": version, "text": text,
	}})
}

// change sends didChange; changes is a JSON list.
func (c *client) change(uri string, version int, changes string) {
	c.t.Helper()
	c.notify("textDocument/didChange", fmt.Sprintf(
		`{"textDocument":{"uri":%q,"version":%d},"contentChanges":%s}`, uri, version, changes))
}

// published is a publishDiagnostics notification.
type published struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type diagnostic struct {
	Range    lspRange `json:"range"`
	Severity int      `json:"severity"`
	Code     string   `json:"code"`
	Source   string   `json:"source"`
	Message  string   `json:"message"`
	Tags     []int    `json:"tags"`
	Related  []struct {
		Location struct {
			URI   string   `json:"uri"`
			Range lspRange `json:"range"`
		} `json:"location"`
		Message string `json:"message"`
	} `json:"relatedInformation"`
}

type lspRange struct{ Start, End lspPosition }

type lspPosition struct{ Line, Character int }

func (r lspRange) String() string {
	return fmt.Sprintf("%d:%d-%d:%d", r.Start.Line, r.Start.Character, r.End.Line, r.End.Character)
}

// diagnostics waits for the diagnostics of a version of a document.
func (c *client) diagnostics(uri string, version int) []diagnostic {
	c.t.Helper()
	var p published
	c.await(fmt.Sprintf("diagnostics of %s version %d", uri, version), func(m message) bool {
		if m.Method != "textDocument/publishDiagnostics" {
			return false
		}
		p = published{}
		if err := json.Unmarshal(m.Params, &p); err != nil {
			c.t.Fatal(err)
		}
		return p.URI == uri && p.Version != nil && *p.Version == version
	})
	return p.Diagnostics
}

// summary writes diagnostics as "range rule" lines.
func summary(all []diagnostic) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "%v %s\n", d.Range, d.Code)
	}
	return b.String()
}

// exited waits for the end of the server.
func (c *client) exited() int {
	c.t.Helper()
	select {
	case code := <-c.exit:
		return code
	case <-time.After(patience):
		c.t.Fatal("the server stays")
		return -1
	}
}
