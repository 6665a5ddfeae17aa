package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	parseError           = -32700
	invalidRequest       = -32600
	methodNotFound       = -32601
	invalidParams        = -32602
	internalError        = -32603
	serverNotInitialized = -32002
	requestCancelled     = -32800
)

func wantCode(t *testing.T, m message, code int) {
	t.Helper()
	if m.Error == nil || m.Error.Code != code {
		t.Errorf("got result %s, error %+v; want error %d", m.Result, m.Error, code)
	}
}

func TestBeforeInitialize(t *testing.T) {
	c := connect(t)
	wantCode(t, c.call("textDocument/hover", hoverAt("file:///a/Dockerfile", 0, 0)), serverNotInitialized)
	wantCode(t, c.call("no/such", "{}"), serverNotInitialized)
	wantCode(t, c.call("$/cancelRequest", `{"id":1}`), serverNotInitialized)
	c.open("file:///a/Dockerfile", "FROM a\n") // ignored
	c.result("initialize", `{"processId":null,"rootUri":null,"capabilities":{}}`)
	wantCode(t, c.call("initialize", `{"processId":null,"rootUri":null,"capabilities":{}}`), invalidRequest)
}

// TestOddCapabilities: a client that gives a capability another type than the protocol has for it starts all the same, and what
// else it says counts.
func TestOddCapabilities(t *testing.T) {
	for _, odd := range []string{
		`"foldingRange":{"rangeLimit":"0"}`, `"foldingRange":{"rangeLimit":-1}`, `"foldingRange":{"rangeLimit":5000.0}`, `"foldingRange":{"rangeLimit":true}`,
		`"foldingRange":[]`, `"completion":{"completionItem":{"snippetSupport":"yes"}}`, `"codeAction":7`,
		`"semanticTokens":{"tokenTypes":["keyword",1],"requests":{"full":true}}`,
	} {
		c := connect(t)
		c.result("initialize", `{"processId":null,"rootUri":null,"capabilities":{"textDocument":{"hover":{"contentFormat":["markdown"]},`+odd+`},"workspace":{"configuration":null}}}`)
		c.notify("initialized", "{}")
		c.open(doc, "FROM a\n")
		if got := string(c.result("textDocument/hover", hoverAt(doc, 0, 1))); !strings.Contains(got, `"kind":"markdown"`) {
			t.Errorf("%s: hover answered %s", odd, got)
		}
	}
	for _, none := range []string{`[]`, `"x"`} {
		if m := connect(t).call("initialize", none); m.Error == nil {
			t.Errorf("%s: answered %s", none, m.Result)
		}
	}
}

func hoverAt(uri string, line, character int) string {
	return fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":%d}}`, uri, line, character)
}

func TestShutdownAndExit(t *testing.T) {
	c := start(t, "{}")
	if r := c.result("shutdown", "null"); string(r) != "null" {
		t.Errorf("shutdown answered %s", r)
	}
	c.result("shutdown", "null") // Neovim 0.12 sends two
	wantCode(t, c.call("textDocument/hover", hoverAt("file:///a/Dockerfile", 0, 0)), invalidRequest)
	c.notify("exit", "null")
	if code := c.exited(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestExitWithoutShutdown(t *testing.T) {
	c := start(t, "{}")
	c.notify("exit", "null")
	if code := c.exited(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
}

func TestClosedInput(t *testing.T) {
	c := start(t, "{}")
	c.in.Close()
	if code := c.exited(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestAnswersComeBeforeTheEnd(t *testing.T) {
	c := start(t, "{}")
	c.open("file:///nowhere/Dockerfile", "FORM a\n")
	id := c.send("textDocument/codeAction", `{"textDocument":{"uri":"file:///nowhere/Dockerfile"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"context":{"diagnostics":[]}}`)
	c.in.Close()
	c.answer(fmt.Sprint(id))
	c.diagnostics("file:///nowhere/Dockerfile", 1)
	c.exited()
}

func TestUnknownMethods(t *testing.T) {
	c := start(t, "{}")
	wantCode(t, c.call("textDocument/moniker", "{}"), methodNotFound)
	wantCode(t, c.call("$/unknown", "{}"), methodNotFound)
	c.notify("$/unknown", "{}")
	c.notify("some/thing", `[1,2]`)
	wantCode(t, c.call("textDocument/hover", `{"textDocument":7}`), invalidParams)
	wantCode(t, c.call("textDocument/hover", `null`), invalidParams)
	c.notify("textDocument/didOpen", `{"textDocument":[]}`) // logged, not the end
	c.result("textDocument/hover", hoverAt("file:///not/open", 0, 0))
}

func TestIDs(t *testing.T) {
	c := start(t, "{}")
	for _, id := range []string{`"abc"`, `""`, `"😀\n"`, "0", "-1", "9007199254740993", "9223372036854775807"} {
		c.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"no/such"}`, id))
		var want string
		if json.Unmarshal([]byte(id), &want) != nil {
			want = id
		}
		m := c.await("answer to "+id, func(m message) bool {
			var got string
			if json.Unmarshal(m.ID, &got) != nil {
				got = string(m.ID)
			}
			return m.Method == "" && got == want
		})
		wantCode(t, m, methodNotFound)
	}
}
