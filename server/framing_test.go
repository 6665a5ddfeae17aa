package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const ping = `{"jsonrpc":"2.0","id":"ping","method":"no/such"}`

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// TestMalformed sends bytes that are no message. Each is answered once, with the code and the id
// that it has, or null, and the message that follows it is served.
func TestMalformed(t *testing.T) {
	const silent = 0
	for name, test := range map[string]struct {
		bytes string
		code  int
		id    string
	}{
		"not JSON":                {frame("hello"), parseError, "null"},
		"half an object":          {frame(`{"jsonrpc":"2.0","id":1,"method":"x"`), parseError, "null"},
		"two objects":             {frame(ping + ping), parseError, "null"},
		"bad escape":              {frame(`{"jsonrpc":"2.0","id":1,"method":"\x"}`), parseError, "null"},
		"bad number in params":    {frame(`{"jsonrpc":"2.0","id":1,"method":"x","params":[01]}`), parseError, "null"},
		"only blanks":             {frame("   "), parseError, "null"},
		"NUL bytes":               {frame("\x00\x00\x00"), parseError, "null"},
		"a byte order mark":       {frame("\ufeff" + ping), parseError, "null"},
		"deep nesting":            {frame(strings.Repeat("[", 100000)), parseError, "null"},
		"a string":                {frame(`"x"`), invalidRequest, "null"},
		"a number":                {frame(`1`), invalidRequest, "null"},
		"null":                    {frame(`null`), invalidRequest, "null"},
		"empty object":            {frame(`{}`), invalidRequest, "null"},
		"empty batch":             {frame(`[]`), invalidRequest, "null"},
		"no version":              {frame(`{"id":4,"method":"x"}`), invalidRequest, "4"},
		"other version":           {frame(`{"jsonrpc":"1.0","id":4,"method":"x"}`), invalidRequest, "4"},
		"method is a number":      {frame(`{"jsonrpc":"2.0","id":4,"method":5}`), invalidRequest, "4"},
		"no method":               {frame(`{"jsonrpc":"2.0","id":4}`), invalidRequest, "4"},
		"id is a fraction":        {frame(`{"jsonrpc":"2.0","id":1.5,"method":"x"}`), invalidRequest, "null"},
		"id is an object":         {frame(`{"jsonrpc":"2.0","id":{},"method":"x"}`), invalidRequest, "null"},
		"id is too large":         {frame(`{"jsonrpc":"2.0","id":92233720368547758070,"method":"x"}`), invalidRequest, "null"},
		"answer to nothing":       {frame(`{"jsonrpc":"2.0","id":99,"result":null}`), silent, ""},
		"error without request":   {frame(`{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}`), silent, ""},
		"header without colon":    {"nonsense\r\n\r\n", invalidRequest, "null"},
		"no length":               {"Content-Type: x\r\n\r\n{}", invalidRequest, "null"},
		"length is a word":        {"Content-Length: many\r\n\r\n{}", invalidRequest, "null"},
		"negative length":         {"Content-Length: -5\r\n\r\n{}", invalidRequest, "null"},
		"length zero":             {"Content-Length: 0\r\n\r\n", invalidRequest, "null"},
		"length overflows":        {"Content-Length: 99999999999999999999\r\n\r\n{}", invalidRequest, "null"},
		"length of a gigabyte":    {"Content-Length: 1073741824\r\n\r\n{}", invalidRequest, "null"},
		"length of nine exabytes": {"Content-Length: 9223372036854775807\r\n\r\n{}", invalidRequest, "null"},
		"length too short":        {"Content-Length: 5\r\n\r\n" + ping, parseError, "null"},
		"length too long":         {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(ping)+10, ping), parseError, "null"},
		"endless header":          {strings.Repeat("x", 100000), invalidRequest, "null"},
		"endless header lines":    {strings.Repeat("X-A: b\r\n", 5000), invalidRequest, "null"},
		"binary":                  {string([]byte{0xff, 0xfe, 0, '\n', 0x80, '\n'}), invalidRequest, "null"},
		"stray line ends":         {"\r\n\n\r\n", silent, ""},
		"bare newlines":           {fmt.Sprintf("Content-Length: %d\n\n%s", len(`{"jsonrpc":"2.0","method":"x"}`), `{"jsonrpc":"2.0","method":"x"}`), silent, ""},
		"other header fields":     {"content-length:30\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" + `{"jsonrpc":"2.0","method":"x"}`, silent, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, "{}")
			c.raw(test.bytes)
			c.body(ping)
			if test.code != silent {
				wantCode(t, c.await("refusal", func(m message) bool { return string(m.ID) == test.id }), test.code)
			}
			wantCode(t, c.answer(`"ping"`), methodNotFound)
			if len(c.seen) > 0 {
				t.Errorf("also sent: %+v", c.seen)
			}
		})
	}
}

// TestEndlessLengths sends a header that begins anew with each line: it is skipped in large pieces.
func TestEndlessLengths(t *testing.T) {
	c := start(t, "{}")
	c.raw(strings.Repeat("Content-Length: 1\r\n", 100_000))
	c.body(ping)
	wantCode(t, c.answer(`"ping"`), methodNotFound)
	if n := len(c.seen); n == 0 || n > 1000 {
		t.Errorf("%d refusals", n)
	}
}

// TestNotUTF8 sends bytes that are not UTF-8 within strings. What comes back must be, and short.
func TestNotUTF8(t *testing.T) {
	c := start(t, "{}")
	c.body("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"\xff" + strings.Repeat("x", 10000) + "\"}")
	m := c.answer(`"a"`)
	wantCode(t, m, methodNotFound)
	if len(m.Error.Message) > 200 {
		t.Errorf("the method is repeated: %d bytes", len(m.Error.Message))
	}
	c.body(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:a","languageId":"dockerfile","version":1,"text":"FROM a\nFOO` + "\xff\xc3" + `\ud800\n"}}}`)
	for _, d := range c.diagnostics("untitled:a", 1) {
		if strings.Contains(d.Message, "FOO") && !strings.Contains(d.Message, "FOO\ufffd") {
			t.Errorf("message %q", d.Message)
		}
	}
}

func TestMessageInPieces(t *testing.T) {
	c := start(t, "{}")
	for _, b := range []byte(frame(ping)) {
		c.raw(string(b))
	}
	wantCode(t, c.answer(`"ping"`), methodNotFound)
}

func TestBatch(t *testing.T) {
	c := start(t, "{}")
	c.open("file:///nowhere/Dockerfile", "FROM a\n")
	c.body(`[{"jsonrpc":"2.0","id":"a","method":"no/such"},` +
		`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///nowhere/Dockerfile","version":2},"contentChanges":[{"text":"FORM a\n"}]}},` +
		`{"jsonrpc":"2.0","id":"b","method":"textDocument/hover","params":` + hoverAt("file:///nowhere/Dockerfile", 0, 0) + `},1]`)
	var answers []message
	if err := json.Unmarshal(c.await("batch", func(m message) bool { return m.batch != nil }).batch, &answers); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, a := range answers {
		ids[string(a.ID)] = true
	}
	if len(answers) != 3 || !ids[`"a"`] || !ids[`"b"`] || !ids["null"] {
		t.Errorf("answers %+v", answers)
	}
	c.diagnostics("file:///nowhere/Dockerfile", 2)
}
