package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestManyRequests sends far more requests than can be under way, before any answer is read, and
// then finds each answered once.
func TestManyRequests(t *testing.T) {
	n := 20000
	if testing.Short() {
		n = 3000
	}
	c := start(t, "{}")
	c.open(doc, pythonDockerfile)
	done := make(chan bool)
	answered := map[string]int{}
	go func() {
		defer close(done)
		for len(answered) < n {
			m := c.await("answer", func(m message) bool { return m.Method == "" })
			answered[string(m.ID)]++
		}
	}()
	for i := range n {
		c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":"r%d","method":"textDocument/hover","params":%s}`, i, hoverAt(doc, i%4, 1)))
	}
	<-done
	for id, times := range answered {
		if times != 1 {
			t.Errorf("%s was answered %d times", id, times)
		}
	}
}

func TestCancel(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, pythonDockerfile)
	const n = 2000
	for i := range n {
		c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/codeAction","params":%s}`, i, actionsAt(doc, "1:0-1:0", "")))
		c.notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, i))
		c.notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, i+n)) // nobody asked for it
	}
	for _, odd := range []string{`{}`, `{"id":null}`, `{"id":1.5}`, `{"id":{}}`, `[]`, `null`, `{"id":"0"}`} {
		c.notify("$/cancelRequest", odd)
	}
	for i := range n {
		if m := c.answer(fmt.Sprint(i)); m.Error != nil && m.Error.Code != requestCancelled {
			t.Fatalf("request %d: %+v", i, m.Error)
		}
	}
	// The answer to this one takes much longer than reading what follows it.
	c.open("file:///large/Dockerfile", strings.Repeat(pythonDockerfile, 500))
	request := fmt.Sprintf(`{"jsonrpc":"2.0","id":"long","method":"textDocument/codeAction","params":%s}`, actionsAt("file:///large/Dockerfile", "1:0-1:0", ""))
	const cancel = `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"long"}}`
	c.raw(fmt.Sprintf("Content-Length: %d\r\n\r\n%sContent-Length: %d\r\n\r\n%s", len(request), request, len(cancel), cancel))
	if m := c.answer(`"long"`); m.Error == nil || m.Error.Code != requestCancelled {
		t.Errorf("a request that was cancelled: %+v", m.Error)
	}
}

// TestOddPositions asks at places that no editor has.
func TestOddPositions(t *testing.T) {
	const text = "FROM a\nRUN echo 😀\n"
	c, s := start(t, `{`+able+`}}`), newSheet(doc, text, false)
	c.open(doc, text)
	for _, line := range []string{"-1", "0", "2", "3", "1000000", "4294967295", "4294967296", "1e30", "-1e300", "1.5"} {
		for _, character := range []string{"-1", "0", "10", "99", "4294967295", "1e30"} {
			at := fmt.Sprintf(`{"line":%s,"character":%s}`, line, character)
			odd := strings.NewReplacer("AT", at, "PART", `{"start":`+at+`,"end":{"line":0,"character":0}}`, "LINE", `{"start":`+at+`,"end":`+at+`}`)
			for _, q := range questions {
				if !isAbout(q.params) {
					continue
				}
				m := c.call("textDocument/"+q.method, fmt.Sprintf(`{"textDocument":{"uri":%q},%s}`, doc, odd.Replace(q.params)))
				if m.Error != nil {
					if !declined(q.method, m.Error) {
						t.Errorf("%s at %s: %+v", q.method, at, m.Error)
					}
				} else if wrong := s.holds(q.method, m.Result); wrong != "" {
					t.Errorf("%s at %s names %s, which is not there: %s", q.method, at, wrong, m.Result)
				}
			}
		}
	}
	wantCode(t, c.call("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":"1","character":0}}`, doc)), invalidParams)
}

// TestSilentReader is a client that types on, but reads nothing. The server may not keep what it
// would have sent.
func TestSilentReader(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 100 MB")
	}
	c, unread := dial(t, nil)
	go c.send("initialize", `{"capabilities":{}}`)
	if _, err := readFrame(bufio.NewReader(unread)); err != nil { // and that is all it reads
		t.Fatal(err)
	}
	text := strings.Repeat("RUN a\nFORM b\n", 500)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	sent := make(chan bool)
	go func() {
		defer close(sent)
		c.notify("initialized", "{}")
		c.open(doc, "FROM a\n"+text)
		for v := 2; v < 2000; v++ {
			params := fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"text":"#\n"}]}`, doc, v)
			body := fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":%s}`, params)
			if _, err := io.WriteString(c.in, frame(body)); err != nil {
				return
			}
		}
	}()
	select {
	case <-sent:
	case <-time.After(patience):
		t.Fatal("the server stopped reading notifications")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 30<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// TestManyDocuments opens more documents than anyone has.
func TestManyDocuments(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 500
	}
	c := start(t, "{}")
	for i := range n {
		c.open(fmt.Sprintf("file:///nowhere/%d/Dockerfile", i), "FORM a\n")
	}
	got := map[string]bool{}
	for len(got) < n {
		m := c.await("diagnostics", func(m message) bool { return m.Method == "textDocument/publishDiagnostics" })
		var p published
		if err := json.Unmarshal(m.Params, &p); err != nil {
			t.Fatal(err)
		}
		got[p.URI] = true
	}
	for i := range n {
		c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":"file:///nowhere/%d/Dockerfile"}}`, i))
	}
	c.result("shutdown", "null")
}

// TestBadTexts opens what a user may well open by mistake.
func TestBadTexts(t *testing.T) {
	c := start(t, `{`+able+`}}`)
	for name, text := range map[string]string{
		"empty":          "",
		"only comments":  "# a\n\n# b\n",
		"BOM":            "\ufeffFROM a\nFORM b\n",
		"mixed lines":    "FROM a\r\nRUN b\rFORM c\n",
		"NUL":            "FROM a\nRUN \x00\nFORM\x00 b\n",
		"long line":      "FROM a\nRUN echo " + strings.Repeat("x", 200_000) + "\nFORM\n",
		"long and bare":  strings.Repeat("y", 200_000),
		"open heredoc":   "FROM a\nRUN <<EOF\necho\n",
		"escape=x":       "# escape=x\nFROM a\n",
		"open line":      "FROM a\nRUN foo \\",
		"open variable":  "FROM a\nRUN echo ${",
		"tab and case":   "\tcase \"$arch\" in \\",
		"many heredocs":  "FROM a\nRUN " + strings.Repeat("<<A ", 2000) + "\n",
		"nested braces":  "FROM a\nENV A=" + strings.Repeat("${B:-", 2000) + "\n",
		"lone surrogate": "FROM a\nRUN \ufffd\n",
	} {
		uri := "file:///nowhere/" + strings.ReplaceAll(name, " ", "-") + "/Dockerfile"
		c.open(uri, text)
		s := newSheet(uri, text, false)
		if wrong := s.holds("diagnostics", toJSON(c.diagnostics(uri, 1))); wrong != "" {
			t.Errorf("%s: diagnostics name %s, which is not there", name, wrong)
		}
		for line, text := range s.lines {
			if line < 3 || line == len(s.lines)-1 {
				c.askAll(s, line, s.width(text))
			}
		}
	}
}

func TestInitializeParameters(t *testing.T) {
	for _, params := range []string{
		`{"capabilities":{}}`,
		`{"processId":null,"rootUri":null,"rootPath":null,"workspaceFolders":null,"initializationOptions":null,"capabilities":{"workspace":null,"textDocument":null}}`,
		`{"processId":-1,"rootPath":"","rootUri":"","workspaceFolders":[],"capabilities":{}}`,
		`{"processId":1,"rootUri":"file:///%zz","capabilities":{},"initializationOptions":[]}`,
		`{"processId":1,"rootUri":"file:///","capabilities":{},"initializationOptions":{"layerwise":{"rules":{"no-such-rule":"off"}}}}`,
		`{"processId":1,"rootUri":"file:///","capabilities":{"general":{"positionEncodings":null},"textDocument":{"codeAction":{"codeActionLiteralSupport":null}}},"initializationOptions":{"rules":7}}`,
	} {
		c := connect(t)
		c.result("initialize", params)
		c.notify("initialized", "{}")
		c.open(doc, "FORM a\n")
		if len(c.diagnostics(doc, 1)) == 0 {
			t.Errorf("%s: no diagnostics", params)
		}
	}
	c := connect(t)
	wantCode(t, c.call("initialize", `[]`), invalidParams)
	c.result("initialize", `{"capabilities":{}}`)
}

// TestBurst: diagnostics wait while the client goes on sending, but not for what does not come.
func TestBurst(t *testing.T) {
	typed := func(version int, text string) string {
		return frame(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"text":%q}]}}`, doc, version, text))
	}
	hover := frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":77,"method":"textDocument/hover","params":%s}`, hoverAt(doc, 0, 1)))
	for name, after := range map[string]string{
		"nothing":                "",
		"a part of a header":     "Content-Le",
		"a part of a message":    "Content-Length: 100\r\n\r\n{",
		"a message that is none": frame("{"),
		"a request":              hover,
		"an unknown message":     frame(`{"jsonrpc":"2.0","method":"$/other","params":{}}`),
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t)
			p.initialize("null")
			p.open(doc, "FROM a:1\n")
			p.diagnostics(doc, 1)
			var burst strings.Builder
			for version := 2; version < 100; version++ {
				burst.WriteString(typed(version, fmt.Sprintf("FROM a:%d\n", version)))
			}
			p.raw(burst.String() + typed(100, "FROM a:1\nRUM x\n") + after)
			if found := p.diagnostics(doc, 100); len(found) != 1 {
				t.Errorf("got %v", found)
			}
		})
	}
}

// TestInputFromFile: what a file holds is answered, though its end is there at once.
func TestInputFromFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "session")
	session := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`) +
		frame(`{"jsonrpc":"2.0","method":"initialized","params":{}}`) +
		frame(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":%q,"languageId":"dockerfile","version":1,"text":"FROM a:1\n"}}}`, doc)) +
		frame(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":%q,"version":2},"contentChanges":[{"text":"RUM x\n"}]}}`, doc))
	if err := os.WriteFile(file, []byte(session), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stdin = in
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), `"version":2`) {
		t.Errorf("%v: %s", err, out)
	}
}
