package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// client speaks to a server in a process of its own. It reads no more of a message than it needs, so
// that what is measured is the server.
type client struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	uri string
	id  int

	findings int // in the diagnostics that were read last
}

func launch(program string, args ...string) (*client, error) {
	c := &client{cmd: exec.Command(program, args...)}
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 1<<16)
	return c, c.cmd.Start()
}

func (c *client) close() {
	c.in.Close()
	_ = c.cmd.Wait() // how it ends is not measured
}

// write sends a message, and returns when it began to.
func (c *client) write(body string) (begin time.Time) {
	message := fmt.Appendf(nil, "Content-Length: %d\r\n\r\n%s", len(body), body)
	begin = time.Now()
	_, _ = c.in.Write(message) // a server that is gone shows at the next read
	return begin
}

func (c *client) notify(method, params string) (begin time.Time) {
	return c.write(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params))
}

// request sends a request and waits for its answer.
func (c *client) request(method, params string) (took time.Duration, err error) {
	c.id++
	begin := c.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, c.id, method, params))
	id := []byte(fmt.Sprintf(`"id":%d`, c.id))
	for {
		body, err := c.read()
		took = time.Since(begin)
		if err != nil {
			return took, err
		}
		if !bytes.Contains(body, []byte(`"method"`)) && bytes.Contains(body, id) {
			if bytes.Contains(body, []byte(`"error":{`)) && !bytes.Contains(body, []byte("-32601")) {
				return took, errors.New(string(body))
			}
			return took, nil
		}
	}
}

func (c *client) requests(n int, method, params string) (all []time.Duration, err error) {
	for range n {
		took, err := c.request(method, params)
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	return all, nil
}

func (c *client) initialize() error {
	_, err := c.request("initialize", `{"processId":null,"rootUri":null,"capabilities":{"textDocument":{"hover":{"contentFormat":["markdown"]},"publishDiagnostics":{"versionSupport":true,"relatedInformation":true}}}}`)
	c.notify("initialized", "{}")
	return err
}

func (c *client) open(src string) (begin time.Time) {
	quoted, err := json.Marshal(src)
	if err != nil {
		panic(err) // a string can always be written
	}
	return c.notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"dockerfile","version":1,"text":%s}}`, c.uri, quoted))
}

func (c *client) change(version, line, start, end int, insert string) (begin time.Time) {
	return c.notify("textDocument/didChange", fmt.Sprintf(
		`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%q}]}`,
		c.uri, version, line, start, line, end, insert))
}

// diagnostics waits for those of a version of the document.
func (c *client) diagnostics(version int) error {
	uri, number := []byte(fmt.Sprintf(`"uri":%q`, c.uri)), []byte(fmt.Sprintf(`"version":%d,`, version))
	for {
		body, err := c.read()
		if err != nil {
			return err
		}
		head := body[:min(len(body), 1000)]
		if bytes.Contains(head, []byte("publishDiagnostics")) && bytes.Contains(head, uri) && bytes.Contains(head, number) {
			c.findings = bytes.Count(body, []byte(`"severity":`))
			return nil
		}
	}
}

func (c *client) read() ([]byte, error) {
	length := 0
	for {
		line, err := c.out.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("reading from the server: %w", err)
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(value); err != nil {
				return nil, err
			}
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(c.out, body)
	return body, err
}

// processorTime is how long the server's threads have run, which is not longer on a busy machine; 0
// where the system does not tell.
func (c *client) processorTime() (total time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.cmd.Process.Pid))
	for _, thread := range threads {
		stat, _ := os.ReadFile(thread)
		ns, _, _ := strings.Cut(string(stat), " ")
		n, _ := strconv.ParseInt(ns, 10, 64)
		total += time.Duration(n)
	}
	return total
}

// peakRSS is the largest part of the server that was in memory, in KiB; 0 where the system does not
// tell.
func (c *client) peakRSS() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	n, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return n
}
