package endtoend

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Tee is a script that starts a server and keeps what the client sends, and what the server does.
func Tee(server, client, answers string) string {
	return fmt.Sprintf(`#!/bin/sh
pipe='%s'.$$
mkfifo "$pipe"
exec 3<&0
tee '%s' <&3 >"$pipe" &
'%s' "$@" <"$pipe" | tee '%s'
`, client, client, server, answers)
}

// Record writes what a client sent to the test data of the server, as the name says, without what is
// peculiar to the machine and the moment: dir, in which all happened, has the project.
func Record(t testing.TB, name, traffic, dir string) {
	t.Helper()
	content, err := os.ReadFile(traffic)
	if err != nil {
		t.Fatal(err)
	}
	var messages []any
	for in := bufio.NewReader(bytes.NewReader(content)); ; {
		body, err := message(in)
		if err != nil {
			break // the end, perhaps within a message that is being sent
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if m["method"] == nil {
			continue // an answer: the tests give their own
		}
		if params, ok := m["params"].(map[string]any); ok && params["processId"] != nil {
			params["processId"] = nil
		}
		messages = append(messages, m)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(map[string]any{"client": name, "messages": messages}); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(out.String(), dir, "/home/user")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, peculiar := range []string{host, os.TempDir() + "/"} {
		if strings.Contains(text, peculiar) {
			t.Fatalf("it tells of this machine, by %s:\n%s", peculiar, text)
		}
	}
	if err := os.WriteFile(filepath.Join(Root(), "server/testdata/clients", name+".json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// message reads the body of a message.
func message(in *bufio.Reader) ([]byte, error) {
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(in, body)
	return body, err
}
